"""Runs the scenario through the package that openapi-python-client generates from openapi.yaml."""

from pathlib import Path
from typing import Any

from tgo_api.api.account import get_me, get_subscription
from tgo_api.api.api_keys import create_api_key, revoke_api_key
from tgo_api.api.contacts import lookup_contact
from tgo_api.api.messages import list_messages, send_message
from tgo_api.api.sender_numbers import list_sender_numbers, register_sender_number
from tgo_api.api.usage import get_usage
from tgo_api.models import (
    AcceptedMessage,
    Contact,
    CreateApiKeyRequest,
    CreatedApiKey,
    Me,
    MessageForm,
    MessageFormType,
    MessageLogPage,
    RegisteredSenderNumber,
    RegisterSenderNumberRequest,
    Scope,
    SenderNumberList,
    Subscription,
    TextMessage,
    TextMessageType,
    UsageReport,
)
from tgo_api.types import UNSET

import scenario
from client import TgoError, connect, open_file, send_form, unwrap


def sender(args: dict[str, Any]) -> dict[str, Any]:
    return {
        "sender_phone": args.get("sender_phone", UNSET),
        "sender_number_id": args.get("sender_number_id", UNSET),
    }


class Calls:
    def __init__(self, url: str, key: str):
        self.client = connect(url, key)

    def send_text(self, args: dict[str, Any]) -> AcceptedMessage:
        message = TextMessage(
            to_phone=args["to_phone"], type_=TextMessageType.TEXT, content=args["content"], **sender(args)
        )
        return unwrap("sendMessage", send_message.sync_detailed(client=self.client, body=message))

    def send_media(self, args: dict[str, Any], file: Path | None) -> AcceptedMessage:
        message = MessageForm(
            to_phone=args["to_phone"],
            type_=MessageFormType(args["type"]),
            content=args.get("content", UNSET),
            duration=args.get("duration", UNSET),
            file_name=args.get("file_name", UNSET),
            file_size=args.get("file_size", UNSET),
            file_type=args.get("file_type", UNSET),
            **sender(args),
        )
        if file is None:
            return send_form(self.client, message)
        message.media = open_file(file, args.get("file_type"))
        with message.media.payload:
            return send_form(self.client, message)

    def lookup(self, args: dict[str, Any]) -> Contact:
        answer = lookup_contact.sync_detailed(client=self.client, phone=args["phone"], **sender(args))
        return unwrap("lookupContact", answer)

    def log(self, page: int) -> tuple[MessageLogPage, Any]:
        read = unwrap("listMessages", list_messages.sync_detailed(client=self.client, page=page))
        return read, read.links and read.links.next_

    def usage(self) -> UsageReport:
        return unwrap("getUsage", get_usage.sync_detailed(client=self.client))

    def sender_numbers(self) -> SenderNumberList:
        return unwrap("listSenderNumbers", list_sender_numbers.sync_detailed(client=self.client))

    def me(self) -> Me:
        return unwrap("getMe", get_me.sync_detailed(client=self.client))

    def subscription(self) -> Subscription:
        return unwrap("getSubscription", get_subscription.sync_detailed(client=self.client))

    def create_key(self, args: dict[str, Any]) -> CreatedApiKey:
        body = CreateApiKeyRequest(
            name=args["name"],
            scopes=[Scope(s) for s in args["scopes"]],
            expires_in_days=args.get("expires_in_days", UNSET),
        )
        return unwrap("createApiKey", create_api_key.sync_detailed(client=self.client, body=body))

    def revoke_key(self, key_id: int) -> None:
        unwrap("revokeApiKey", revoke_api_key.sync_detailed(key_id, client=self.client))

    def register(self, args: dict[str, Any]) -> RegisteredSenderNumber:
        new = RegisterSenderNumberRequest(phone=args["phone"], display_name=args["display_name"])
        return unwrap("registerSenderNumber", register_sender_number.sync_detailed(client=self.client, body=new))


scenario.main(Calls, TgoError)
