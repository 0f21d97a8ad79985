"""The JSON form of messages holds all of them, and costs no copy of what providers sent."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from channels.messages import (
    Ask,
    Card,
    Choice,
    InboundKind,
    InboundMessage,
    Link,
    Location,
    Media,
    OrderedItem,
    OutboundMessage,
    Receipt,
    ReceiptStatus,
    Template,
)

NOW = datetime.fromisoformat("2026-01-02T03:04:05+00:00")


def test_a_messages_json_form_is_every_field_of_it() -> None:
    raw = {"id": "1", "deep": [{"er": (1, 2)}]}
    message = InboundMessage(
        provider_message_id="1",
        account="a",
        sender="s",
        sent_at=NOW,
        kind=InboundKind.ORDER,
        location=Location(1.5, 2.5),
        items=(OrderedItem("RICE", 2), OrderedItem("OIL", 1)),
        media=Media("m"),
        more_media=(Media("n"), Media(url="https://pictures.test/o")),
        raw=raw,
    )
    told = message.to_json()
    assert told == {**asdict(message), "sent_at": NOW.isoformat(), "kind": "order", "consent": None}
    assert told["raw"] is raw


def test_a_receipts_json_form_is_every_field_of_it() -> None:
    receipt = Receipt("a", "1", ReceiptStatus.READ, NOW, raw={"id": "1"})
    assert receipt.to_json() == {**asdict(receipt), "at": NOW.isoformat(), "status": "read"}
    assert receipt.to_json()["raw"] is receipt.raw


def test_a_replys_json_form_is_every_field_of_it() -> None:
    choices = (Choice("Rice", "add_to_cart", {"sku": "RICE", "place": [1]}), Choice("More", "show_more"))
    reply = OutboundMessage(
        "Here",
        choices=choices,
        cards=(Card("Rice", choices=choices), Card("Oil")),
        link=Link("Shop", "https://shop.test"),
        ask=Ask.PHONE,
        template=Template("hello", "en", ("Ada",)),
    )
    assert reply.to_json() == {**asdict(reply), "ask": "phone"}
    assert OutboundMessage.from_json(reply.to_json()) == reply
