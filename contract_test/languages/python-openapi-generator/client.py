"""The hand-written part around the generated package: a client with a key, and one exception. Copy it."""

from collections.abc import Callable
from typing import TypeVar

import urllib3
from tgo_api import ApiClient, ApiException, Configuration, Error

# The scopes that each operation requires: x-required-scopes in openapi.yaml, which the generator drops.
REQUIRED_SCOPES = {
    "sendMessage": ["messages.send"],
    "listMessages": ["messages.read"],
    "lookupContact": ["contacts.lookup"],
    "getUsage": ["usage.read"],
    "registerSenderNumber": ["messages.send"],
}

T = TypeVar("T")


class TgoError(Exception):
    """A refusal by the API. required_scopes are the scopes that the key needs; they are set for a 403 only."""

    def __init__(self, operation: str, status: int, said: Error):
        super().__init__(f"TGO returned {status}: {said.message}")
        self.status = status
        self.message = said.message
        self.fields: dict[str, list[str]] = said.errors or {}
        self.required_scopes: list[str] = REQUIRED_SCOPES.get(operation, []) if status == 403 else []


def connect(url: str, key: str) -> ApiClient:
    # No redirects, which would send the key to another host, and no repeated requests.
    retries = urllib3.Retry(total=False)
    return ApiClient(Configuration(host=url, api_key={"ApiKeyAuth": key}, retries=retries))


def unwrap(operation: str, call: Callable[[], T]) -> T:
    """Makes a call. Raises TgoError in place of the generated exception if the API refused the request."""
    try:
        return call()
    except ApiException as e:
        if not isinstance(e.data, Error):
            raise  # an HTML page, or a response that openapi.yaml does not describe
        raise TgoError(operation, e.status, e.data) from e
