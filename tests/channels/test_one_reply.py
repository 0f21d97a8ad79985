"""One reply, every channel: what a provider makes of it keeps its limits, and each tap leads to its choice.

That no word, address or choice is lost is held of every provider in ``test_conformance.py``; that an answer
in words finds its choice, in ``tests/bot/test_one_reply.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given

from channels.cutting import width
from channels.messages import OutboundMessage, choice_id
from channels.provider import Provider, ProviderRequest
from channels.sms import parts
from tests.channels.outbound import (
    MESSAGE_ID,
    SPEAKING,
    build,
    messages,
    of_messages,
    readable,
    said,
    templates,
)

Json = dict[str, Any]

every_speaker = pytest.mark.parametrize("provider", SPEAKING, ids=[one.name for one in SPEAKING])


def whatsapp(request: ProviderRequest) -> None:
    """Meta's "Supported features and limits" (2026-07-31) and the pages of each interactive kind."""
    body = request.json_body or {}
    assert width(body.get("text", {}).get("body", "")) <= 4096
    assert width(body.get("image", {}).get("caption", "")) <= 1024
    for node in nodes(body.get("interactive", {})):
        within(node, {"button": 20, "display_text": 20}, where="list opener or link")
        buttons, rows = (
            node.get("buttons", []),
            [row for part in node.get("sections", []) for row in part["rows"]],
        )
        assert len(buttons) <= 3
        assert len(rows) <= 10
        for row in rows:
            within(row, {"id": 200, "title": 24, "description": 72}, where="row")
        for button in buttons:
            within(button.get("reply", {}), {"id": 256, "title": 20}, where="button")
        assert width(node["body"]["text"] if isinstance(node.get("body"), dict) else "") <= 1024


def instagram(request: ProviderRequest) -> None:
    """Meta's "Instagram messaging": Send messages, Quick replies, Generic template."""
    message = (request.json_body or {}).get("message", {})
    assert len(message.get("text", "").encode()) <= 1000
    assert len(message.get("quick_replies", [])) <= 13
    for reply in message.get("quick_replies", []):
        within(reply, {"title": 20, "payload": 1000}, where="quick reply")
    for node in nodes(message.get("attachment", {})):
        assert len(node.get("elements", [])) <= 10
        assert len(node.get("buttons", [])) <= 3
        within(node, {"title": 80, "subtitle": 80}, where="element")
        for button in node.get("buttons", []):
            within(button, {"title": 20, "payload": 1000}, where="button")


def whatsapp_twilio(request: ProviderRequest) -> None:
    """Twilio's "Message resource": Body."""
    assert width(str((request.form or {}).get("Body", ""))) <= 1600


def text_message(request: ProviderRequest) -> None:
    """Ten parts, what carriers take; within them, Twilio's 1,600 letters."""
    form = request.form or {}
    text = str(form.get("Body") or form.get("message") or "")
    assert parts.count(text).parts <= 10
    assert width(text) <= 1600


LIMITS: dict[str, Callable[[ProviderRequest], None]] = {
    "whatsapp": whatsapp,
    "whatsapp_twilio": whatsapp_twilio,
    "instagram": instagram,
    "sms_twilio": text_message,
    "sms_africastalking": text_message,
}


@every_speaker
@of_messages
@given(message=messages() | templates())
def test_every_request_is_within_the_providers_limits(provider: Provider, message: OutboundMessage) -> None:
    for request in build(provider, message):
        LIMITS[provider.name](request)


@every_speaker
@of_messages
@given(message=messages())
def test_a_tap_names_the_place_of_its_choice_and_is_offered_with_that_choices_words(
    provider: Provider, message: OutboundMessage
) -> None:
    """So that what the API looks up, ``all_choices`` by place, is what the shopper saw on the button."""
    for request in build(provider, message):
        for node in nodes(request.json_body or {}):
            identity = node.get("id") or node.get("payload")
            if isinstance(identity, str) and identity.startswith(MESSAGE_ID.replace("-", "") + "."):
                place = int(identity.partition(".")[2])
                assert is_label_of(str(node["title"]), place, message)


@every_speaker
@of_messages
@given(message=messages())
def test_nothing_is_offered_that_was_not_in_the_reply(provider: Provider, message: OutboundMessage) -> None:
    offered = {choice_id(MESSAGE_ID, place) for place in range(len(message.all_choices))}
    prefix = MESSAGE_ID.replace("-", "") + "."
    assert {text for text in said(build(provider, message)) if text.startswith(prefix)} <= offered


def is_label_of(label: str, place: int, message: OutboundMessage) -> bool:
    """Whether a button's label begins as its choice is called, or the card it belongs to, or is a number."""
    own = len(message.choices)
    owners = [None] * own + [card.title for card in message.cards for _ in card.choices]
    names = [squeezed(name) for name in (message.all_choices[place].title, owners[place]) if name is not None]
    shown = squeezed(label)
    return shown[:1].isdigit() or any(shown.startswith(name[:3]) for name in names)


def squeezed(text: str) -> str:
    return "".join(readable(text).split()).rstrip("…")


def within(node: Json, limits: dict[str, int], *, where: str) -> None:
    for name, limit in limits.items():
        text = node.get(name)
        assert not isinstance(text, str) or width(text) <= limit, f"{where}: {name}"


def nodes(node: Any) -> Iterator[Json]:
    """Every object within ``node``, itself included."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)
