"""Runs the scenario through the package that openapi-generator generates from openapi.yaml."""

from pathlib import Path
from typing import Any

from tgo_api import (
    AcceptedMessage,
    AccountApi,
    APIKeysApi,
    Contact,
    ContactsApi,
    CreateApiKeyRequest,
    CreatedApiKey,
    Me,
    MessageLogPage,
    MessagesApi,
    RegisteredSenderNumber,
    RegisterSenderNumberRequest,
    SenderNumberList,
    SenderNumbersApi,
    Subscription,
    TextMessage,
    UsageApi,
    UsageReport,
)

import scenario
from client import TgoError, connect, unwrap


class Calls:
    def __init__(self, url: str, key: str):
        self.client = connect(url, key)

    def send_text(self, args: dict[str, Any]) -> AcceptedMessage:
        message = TextMessage(type="text", **args)
        return unwrap("sendMessage", lambda: MessagesApi(self.client).send_message_with_json(message))

    def send_media(self, args: dict[str, Any], file: Path | None) -> AcceptedMessage:
        fields = {name: value for name, value in args.items() if name != "file"}
        media = file and (file.name, file.read_bytes())
        return unwrap(
            "sendMessage", lambda: MessagesApi(self.client).send_message_with_form_data(**fields, media=media)
        )

    def lookup(self, args: dict[str, Any]) -> Contact:
        return unwrap("lookupContact", lambda: ContactsApi(self.client).lookup_contact(**args))

    def log(self, page: int) -> tuple[MessageLogPage, Any]:
        read = unwrap("listMessages", lambda: MessagesApi(self.client).list_messages(page=page))
        return read, read.links and read.links.next

    def usage(self) -> UsageReport:
        return unwrap("getUsage", UsageApi(self.client).get_usage)

    def sender_numbers(self) -> SenderNumberList:
        return unwrap("listSenderNumbers", SenderNumbersApi(self.client).list_sender_numbers)

    def me(self) -> Me:
        return unwrap("getMe", AccountApi(self.client).get_me)

    def subscription(self) -> Subscription:
        return unwrap("getSubscription", AccountApi(self.client).get_subscription)

    def create_key(self, args: dict[str, Any]) -> CreatedApiKey:
        wanted = CreateApiKeyRequest(**args)
        return unwrap("createApiKey", lambda: APIKeysApi(self.client).create_api_key(wanted))

    def revoke_key(self, key_id: int) -> None:
        unwrap("revokeApiKey", lambda: APIKeysApi(self.client).revoke_api_key(key_id))

    def register(self, args: dict[str, Any]) -> RegisteredSenderNumber:
        new = RegisterSenderNumberRequest(**args)
        return unwrap("registerSenderNumber", lambda: SenderNumbersApi(self.client).register_sender_number(new))


scenario.main(Calls, TgoError)
