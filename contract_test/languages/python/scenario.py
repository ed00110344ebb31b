"""Runs the scenario of all languages with a client that is generated from openapi.yaml."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin

import httpx

URL = json.loads(os.environ["TGO_FAKE"])["url"]
FILE = Path(os.environ["TGO_SCENARIO"])
SCENARIO = json.loads(FILE.read_text("utf-8"))


class Calls(Protocol):
    """The calls of one client. Each takes the arguments in the scenario and returns the generated object."""

    def __init__(self, url: str, key: str): ...
    def send_text(self, args: dict[str, Any]) -> Any: ...
    def send_media(self, args: dict[str, Any], file: Path | None) -> Any: ...
    def lookup(self, args: dict[str, Any]) -> Any: ...
    def log(self, page: int) -> tuple[Any, Any]:
        """Returns a page and the link to the next one, if there is one."""

    def usage(self) -> Any: ...
    def sender_numbers(self) -> Any: ...
    def me(self) -> Any: ...
    def subscription(self) -> Any: ...
    def create_key(self, args: dict[str, Any]) -> Any: ...
    def revoke_key(self, key_id: int) -> None: ...
    def register(self, args: dict[str, Any]) -> Any: ...


class Refusal(Protocol):
    """The fields of a TgoError."""

    status: int
    message: str
    fields: dict[str, list[str]]
    required_scopes: list[str]


def get(url: str, key: str = "") -> Any:
    """Reads any JSON, for requests that are not part of the API."""
    return httpx.get(url, headers={"X-Api-Key": key}).json()


def arrivals() -> list[dict[str, Any]]:
    """The messages that the fake has accepted."""
    return get(urljoin(URL, "/_fake/messages"))


def pick(generated: Any, *names: str) -> dict[str, Any]:
    """These attributes of a generated object."""
    return {name: getattr(generated, name) for name in names}


def receipt(result: Any) -> dict[str, Any]:
    return pick(result.data, "id", "sender_number_id", "recipient_user_id", "message_type", "content", "status")


def moment(t: datetime | None) -> str | None:
    return t.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if t else None


def call(client: Calls, name: str, args: dict[str, Any], key: str) -> Any:
    match name:
        case "send_text":
            return receipt(client.send_text(args))
        case "send_media":
            return receipt(client.send_media(args, FILE.parent / args["file"] if "file" in args else None))
        case "lookup":
            contact = client.lookup(args)
            return {
                **pick(contact, "exists", "can_receive", "reason_code", "recipient_id", "is_verified"),
                "phone_verified_at": moment(contact.phone_verified_at),
            }
        case "log":
            entries = []
            page = 0
            following: Any = True
            while following:
                page += 1
                read, following = client.log(page)
                entries += read.data
            return {
                "pages": page,
                "total": read.meta and read.meta.total,
                "count": len(entries),
                "distinct": len({e.id for e in entries}),
                "oldest": [pick(e, "sender_number_id", "message_type", "content", "status") for e in entries[-5:]],
            }
        case "usage":
            return {"data": [pick(n, "sender_number_id", "sender_phone", "messages_sent") for n in client.usage().data]}
        case "sender_numbers":
            names = ("id", "phone", "display_name", "status", "verification_status")
            return {"data": [pick(n, *names) for n in client.sender_numbers().data]}
        case "me":
            me = client.me()
            return {
                "user": me.user.name,
                "api_key": me.api_key and me.api_key.name,
                "organization": me.organization.name,
                "email_verified": me.organization.email_verified,
                "subscription": me.subscription,
            }
        case "subscription":
            return pick(client.subscription(), "plan", "status", "limits", "usage_snapshot")
        case "create_key":
            created = client.create_key(args)
            return {
                "begins": created.plain_text_key[:4],
                "name": created.data and created.data.name,
                "scopes": created.data and created.data.scopes,
                "status": created.data and created.data.status,
            }
        case "revoke_key":
            client.revoke_key(args["id"])
            return {}
        case "register":
            number = client.register(args).data
            return {**pick(number, "phone", "display_name", "status"), "verified_at": moment(number.verified_at)}
        case "raw":
            return get(URL + args["path"], key)
        case "arrivals":
            return {"count": len(arrivals())}
    raise ValueError("no such call")


def compare(path: str, want: Any, got: Any) -> None:
    """Compares a value with the expected one. An object may have more fields than expected, but an object that is
    expected to be empty must be empty. An absent field counts as null."""
    if hasattr(got, "to_dict"):
        got = got.to_dict()
    if type(got).__name__ == "Unset":  # the value of openapi-python-client for an absent field
        got = None
    if isinstance(want, dict) and isinstance(got, dict) and (want or not got):
        for name, value in want.items():
            compare(f"{path}.{name}", value, got.get(name))
    elif isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        for i, (w, g) in enumerate(zip(want, got)):
            compare(f"{path}[{i}]", w, g)
    elif type(want) is not type(got) or want != got:
        raise AssertionError(f"{path} is {got!r}, want {want!r}")


def check(connect: type[Calls], refusal: type[Refusal], c: dict[str, Any]) -> None:
    name = c["call"]
    key = SCENARIO["keys"][c.get("key", "all")]
    try:
        outcome = {"result": call(connect(URL, key), name, c.get("with", {}), key)}
    except refusal as e:
        outcome = {
            "error": {
                "status": int(e.status),
                "message": e.message,
                "fields": e.fields,
                "required_scopes": e.required_scopes,
            }
        }
    compare(name, c["expect"], outcome)
    if "arrived" in c:
        sent = outcome["result"]["id"]
        compare(f"{name} arrived", c["arrived"], next((m for m in arrivals() if m["id"] == sent), None))


def play(connect: type[Calls], refusal: type[Refusal], step: dict[str, Any]) -> Exception | None:
    """Makes all calls of a step and returns the first failure."""
    first = None
    for c in step["calls"]:
        for _ in range(c.get("times", 1)):
            try:
                check(connect, refusal, c)
            except Exception as e:  # noqa: BLE001 - any exception is a failure of the step
                first = first or e
    return first


def main(connect: type[Calls], refusal: type[Refusal]) -> None:
    """Runs all steps, prints a line for each, and exits. refusal is the exception that the calls raise for a refusal."""
    failed = False
    for step in SCENARIO["steps"]:
        wrong = play(connect, refusal, step)
        failed = failed or wrong is not None
        reason = "ok" if wrong is None else f"FAIL {type(wrong).__name__}: {wrong}".replace("\n", " ")
        print("step", step["name"], reason)
    sys.exit(failed)
