"""What to write by hand around the generated package: a client with a key, and one exception."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import urllib3
from tgo_api import ApiClient, ApiException, Configuration, Error

T = TypeVar("T")


class TgoError(Exception):
    """A refusal by the API."""

    def __init__(self, operation: str, status: int, said: Error):
        super().__init__(f"TGO answered {status}: {said.message}")
        self.status = status
        self.message = said.message
        self.fields: dict[str, list[str]] = said.errors or {}
        # The scopes that each operation needs, by operationId.
        needed = json.loads(Path(os.environ["TGO_SCOPES"]).read_text("utf-8"))
        self.required_scopes: list[str] = needed.get(operation, []) if status == 403 else []


def connect(url: str, key: str) -> ApiClient:
    # Neither redirects, which would take the key along to another host, nor repeated requests.
    retries = urllib3.Retry(total=False)
    return ApiClient(Configuration(host=url, api_key={"ApiKeyAuth": key}, retries=retries))


def unwrap(operation: str, call: Callable[[], T]) -> T:
    """Makes a call and turns the generated exception into TgoError, where it is an answer of the API."""
    try:
        return call()
    except ApiException as e:
        if not isinstance(e.data, Error):
            raise  # a page, or an answer that the document does not know
        raise TgoError(operation, e.status, e.data) from e
