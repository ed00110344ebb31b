"""Runs the scenario that all languages run, through the package that openapi-python-client makes of openapi.yaml."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
from tgo_api.api.account import get_me, get_subscription
from tgo_api.api.api_keys import create_api_key, revoke_api_key
from tgo_api.api.contacts import lookup_contact
from tgo_api.api.messages import list_messages, send_message
from tgo_api.api.sender_numbers import list_sender_numbers, register_sender_number
from tgo_api.api.usage import get_usage
from tgo_api.models import (
    AcceptedMessage,
    CreateApiKeyRequest,
    MessageForm,
    MessageFormType,
    RegisterSenderNumberRequest,
    Scope,
    TextMessage,
    TextMessageType,
)
from tgo_api.types import UNSET, Unset

from client import TgoError, connect, open_file, send_form, unwrap

URL = json.loads(os.environ["TGO_FAKE"])["url"]
FILE = Path(os.environ["TGO_SCENARIO"])
SCENARIO = json.loads(FILE.read_text("utf-8"))


def get(url: str, key: str = "") -> Any:
    """Any JSON, for what is no part of the API."""
    return httpx.get(url, headers={"X-Api-Key": key}).json()


def arrivals() -> list[dict[str, Any]]:
    """The messages that the fake has accepted."""
    return get(urljoin(URL, "/_fake/messages"))


def receipt(result: AcceptedMessage) -> dict[str, Any]:
    m = result.data
    return {
        "id": m.id,
        "sender_number_id": m.sender_number_id,
        "recipient_user_id": m.recipient_user_id,
        "message_type": m.message_type,
        "content": m.content,
        "status": m.status,
    }


def moment(t: datetime | Unset | None) -> str | None:
    return t.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if t else None


def call(name: str, args: dict[str, Any], key: str) -> Any:
    client = connect(URL, key)
    sender = {
        "sender_phone": args.get("sender_phone", UNSET),
        "sender_number_id": args.get("sender_number_id", UNSET),
    }
    match name:
        case "send_text":
            message = TextMessage(
                to_phone=args["to_phone"], type_=TextMessageType.TEXT, content=args["content"], **sender
            )
            return receipt(unwrap("sendMessage", send_message.sync_detailed(client=client, body=message)))
        case "send_media":
            message = MessageForm(
                to_phone=args["to_phone"],
                type_=MessageFormType(args["type"]),
                content=args.get("content", UNSET),
                duration=args.get("duration", UNSET),
                file_name=args.get("file_name", UNSET),
                file_size=args.get("file_size", UNSET),
                file_type=args.get("file_type", UNSET),
                **sender,
            )
            if "file" not in args:
                return receipt(send_form(client, message))
            message.media = open_file(FILE.parent / args["file"], args.get("file_type"))
            with message.media.payload:
                return receipt(send_form(client, message))
        case "lookup":
            contact = unwrap(
                "lookupContact", lookup_contact.sync_detailed(client=client, phone=args["phone"], **sender)
            )
            return {
                "exists": contact.exists,
                "can_receive": contact.can_receive,
                "reason_code": contact.reason_code,
                "recipient_id": contact.recipient_id,
                "is_verified": contact.is_verified,
                "phone_verified_at": moment(contact.phone_verified_at),
            }
        case "log":
            entries = []
            page = 0
            following: Any = True
            while following:
                page += 1
                read = unwrap("listMessages", list_messages.sync_detailed(client=client, page=page))
                entries += read.data
                following = read.links and read.links.next_
            return {
                "pages": page,
                "total": read.meta and read.meta.total,
                "count": len(entries),
                "distinct": len({e.id for e in entries}),
                "oldest": [
                    {
                        "sender_number_id": e.sender_number_id,
                        "message_type": e.message_type,
                        "content": e.content,
                        "status": e.status,
                    }
                    for e in entries[-5:]
                ],
            }
        case "usage":
            usage = unwrap("getUsage", get_usage.sync_detailed(client=client))
            return {
                "data": [
                    {
                        "sender_number_id": n.sender_number_id,
                        "sender_phone": n.sender_phone,
                        "messages_sent": n.messages_sent,
                    }
                    for n in usage.data
                ]
            }
        case "sender_numbers":
            numbers = unwrap("listSenderNumbers", list_sender_numbers.sync_detailed(client=client))
            return {
                "data": [
                    {
                        "id": n.id,
                        "phone": n.phone,
                        "display_name": n.display_name,
                        "status": n.status,
                        "verification_status": n.verification_status,
                    }
                    for n in numbers.data
                ]
            }
        case "me":
            me = unwrap("getMe", get_me.sync_detailed(client=client))
            return {
                "user": me.user.name,
                "api_key": me.api_key and me.api_key.name,
                "organization": me.organization.name,
                "email_verified": me.organization.email_verified,
                "subscription": me.subscription and me.subscription.to_dict(),
            }
        case "subscription":
            subscription = unwrap("getSubscription", get_subscription.sync_detailed(client=client))
            return {
                "plan": subscription.plan and subscription.plan.to_dict(),
                "status": subscription.status,
                "limits": [limit.to_dict() for limit in subscription.limits],
                "usage_snapshot": subscription.usage_snapshot.to_dict(),
            }
        case "create_key":
            body = CreateApiKeyRequest(
                name=args["name"],
                scopes=[Scope(s) for s in args["scopes"]],
                expires_in_days=args.get("expires_in_days", UNSET),
            )
            created = unwrap("createApiKey", create_api_key.sync_detailed(client=client, body=body))
            return {
                "begins": created.plain_text_key[:4],
                "name": created.data and created.data.name,
                "scopes": created.data and created.data.scopes,
                "status": created.data and created.data.status,
            }
        case "revoke_key":
            unwrap("revokeApiKey", revoke_api_key.sync_detailed(args["id"], client=client))
            return {}
        case "register":
            new = RegisterSenderNumberRequest(phone=args["phone"], display_name=args["display_name"])
            number = unwrap("registerSenderNumber", register_sender_number.sync_detailed(client=client, body=new)).data
            return {
                "phone": number.phone,
                "display_name": number.display_name,
                "status": number.status,
                "verified_at": moment(number.verified_at),
            }
        case "raw":
            return get(URL + args["path"], key)
        case "arrivals":
            return {"count": len(arrivals())}
    raise ValueError("no such call")


def compare(path: str, want: Any, got: Any) -> None:
    """Holds a value against what is expected of it. An object may have more fields than are expected, except that an
    empty one must be empty. A field that is not there counts as null."""
    if isinstance(got, Unset):
        got = None
    if isinstance(want, dict) and isinstance(got, dict) and (want or not got):
        for name, value in want.items():
            compare(f"{path}.{name}", value, got.get(name))
    elif isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        for i, (w, g) in enumerate(zip(want, got)):
            compare(f"{path}[{i}]", w, g)
    elif type(want) is not type(got) or want != got:
        raise AssertionError(f"{path} is {got!r}, want {want!r}")


def check(c: dict[str, Any]) -> None:
    name = c["call"]
    try:
        outcome = {"result": call(name, c.get("with", {}), SCENARIO["keys"][c.get("key", "all")])}
    except TgoError as e:
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


def play(step: dict[str, Any]) -> Exception | None:
    """Makes all calls of a step and returns the first thing that is wrong."""
    first = None
    for c in step["calls"]:
        for _ in range(c.get("times", 1)):
            try:
                check(c)
            except Exception as e:  # noqa: BLE001 - whatever it is, it is what is wrong
                first = first or e
    return first


failed = False
for step in SCENARIO["steps"]:
    wrong = play(step)
    failed = failed or wrong is not None
    print("step", step["name"], "ok" if wrong is None else f"FAIL {type(wrong).__name__}: {wrong}".replace("\n", " "))
sys.exit(failed)
