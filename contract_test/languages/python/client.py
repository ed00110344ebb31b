"""The hand-written part around the generated package: a client with a key, and one exception. Copy it."""

from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

from tgo_api import AuthenticatedClient
from tgo_api.models import AcceptedMessage, Error, MessageForm
from tgo_api.types import File, Response

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

    def __init__(self, operation: str, status: HTTPStatus, said: Error):
        super().__init__(f"TGO returned {status:d}: {said.message}")
        self.status = status
        self.message = said.message
        self.fields: dict[str, list[str]] = said.errors.to_dict() if said.errors else {}
        self.required_scopes: list[str] = REQUIRED_SCOPES.get(operation, []) if status == 403 else []


def connect(url: str, key: str) -> AuthenticatedClient:
    # The generated client follows no redirects. A redirect would send the key to another host.
    return AuthenticatedClient(base_url=url, token=key, auth_header_name="X-Api-Key", prefix="")


def unwrap(operation: str, response: Response[Error | T]) -> T:
    """Returns the response of an operation, or raises TgoError."""
    if isinstance(response.parsed, Error):
        raise TgoError(operation, response.status_code, response.parsed)
    if response.parsed is None and response.status_code != HTTPStatus.NO_CONTENT:
        raise RuntimeError(f"TGO returned {response.status_code:d}, which openapi.yaml does not describe")
    return response.parsed


def send_form(client: AuthenticatedClient, message: MessageForm) -> AcceptedMessage:
    """Sends a form. The generated send_message can do it too, but it always uses the boundary +++. A file that contains
    this boundary would be cut there, and the author of the file could write fields of the form."""
    answer = client.get_httpx_client().post("/messages", files=message.to_multipart())
    if answer.is_success:
        return AcceptedMessage.from_dict(answer.json())
    raise TgoError("sendMessage", HTTPStatus(answer.status_code), Error.from_dict(answer.json()))


def open_file(path: Path, mime_type: str | None = None) -> File:
    """Opens a file to send. Close its payload after the message was sent."""
    return File(payload=path.open("rb"), file_name=path.name, mime_type=mime_type)
