"""What to write by hand around the generated package: a client with a key, and one exception."""

import json
import os
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

from tgo_api import AuthenticatedClient
from tgo_api.models import AcceptedMessage, Error, MessageForm
from tgo_api.types import File, Response

T = TypeVar("T")


class TgoError(Exception):
    """A refusal by the API."""

    def __init__(self, operation: str, status: HTTPStatus, said: Error):
        super().__init__(f"TGO answered {status:d}: {said.message}")
        self.status = status
        self.message = said.message
        self.fields: dict[str, list[str]] = said.errors.to_dict() if said.errors else {}
        # The scopes that each operation needs, by operationId.
        needed = json.loads(Path(os.environ["TGO_SCOPES"]).read_text("utf-8"))
        self.required_scopes: list[str] = needed.get(operation, []) if status == 403 else []


def connect(url: str, key: str) -> AuthenticatedClient:
    # The generated client follows no redirects, which would take the key along to another host.
    return AuthenticatedClient(base_url=url, token=key, auth_header_name="X-Api-Key", prefix="")


def unwrap(operation: str, response: Response[Error | T]) -> T:
    """Returns what an operation answered with, or raises TgoError."""
    if isinstance(response.parsed, Error):
        raise TgoError(operation, response.status_code, response.parsed)
    if response.parsed is None and response.status_code != HTTPStatus.NO_CONTENT:
        raise RuntimeError(f"TGO answered {response.status_code:d}, which the document does not know")
    return response.parsed


def send_form(client: AuthenticatedClient, message: MessageForm) -> AcceptedMessage:
    """Sends a form. The generated send_message could, but it ends every part with the same boundary, +++: a file that
    holds it would be cut there, and whoever made the file could write fields of the form."""
    answer = client.get_httpx_client().post("/messages", files=message.to_multipart())
    if answer.is_success:
        return AcceptedMessage.from_dict(answer.json())
    raise TgoError("sendMessage", HTTPStatus(answer.status_code), Error.from_dict(answer.json()))


def open_file(path: Path, mime_type: str | None = None) -> File:
    """Close its payload when the message is sent."""
    return File(payload=path.open("rb"), file_name=path.name, mime_type=mime_type)
