"""Shapes that other projects' tests and other people's proxies post: each is what it is, however written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.messages import InboundMessage
from channels.whatsapp import parsing
from tests.channels.recordings import RECEIVED_AT

SHOPPER = "2348031112233"
ADDRESS = {"saved_address_id": "1", "values": {"city": "Lagos", "landmark_area": "Yaba"}}


def parsed(node: dict[str, Any], **value: Any) -> InboundMessage:
    message = {"from": SHOPPER, "id": "wamid.1", "timestamp": "1763819400", **node}
    held = {"metadata": {"phone_number_id": "1"}, "messages": [message], **value}
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"changes": [{"field": "messages", "value": held}]}],
    }
    result = parsing.parse(json.dumps(body).encode(), RECEIVED_AT)
    assert result.quarantined == ()
    [found] = result.messages
    return found


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"type": "text", "text": {"body": "hi", "preview_url": False}}, {"kind": "text", "text": "hi"}),
        ({"type": "text", "text": {"body": "hi"}, "timestamp": 1763819400}, {"kind": "text"}),
        ({"type": "text", "text": {"body": "hi"}, "context": {"forwarded": True}}, {"kind": "text"}),
        ({"type": "text", "text": {"body": "hi"}, "context": {"from": "1", "id": None}}, {"kind": "text"}),
        ({"type": "text", "text": {"body": "hi"}, "context": None, "referral": None}, {"kind": "text"}),
        ({"type": "text", "text": {"body": "hi"}, "identity": {"hash": "x"}}, {"kind": "text"}),
        ({"type": "text", "text": {"body": "  "}}, {"kind": "unsupported"}),
        ({"type": "text"}, {"kind": "unsupported"}),
        ({"text": {"body": "hi"}}, {"kind": "unsupported"}),
        ({"type": "image", "image": {"id": 2754859441498128}}, {"kind": "image"}),
        ({"type": "image", "image": {"link": "https://x.example/1"}}, {"kind": "image"}),
        ({"type": "image", "image": {}}, {"kind": "unsupported"}),
        ({"type": "voice", "voice": {"id": "1"}}, {"kind": "unsupported"}),
        ({"type": "audio", "audio": {"id": "1", "voice": True}}, {"kind": "audio"}),
        ({"type": "sticker", "sticker": {"id": "1", "animated": False}}, {"kind": "sticker"}),
        ({"type": "location", "location": {"latitude": 6, "longitude": 3.4}}, {"kind": "location"}),
        ({"type": "location", "location": {"latitude": "6.5"}}, {"kind": "unsupported"}),
        ({"type": "contacts", "contacts": []}, {"kind": "contacts", "shared_phone": None}),
        (
            {"type": "contacts", "contacts": [{"origin": "contact_request", "phones": [{"phone": "0803"}]}]},
            {"kind": "contacts", "shared_phone": None},
        ),
        (
            {"type": "reaction", "reaction": {"message_id": "wamid.0", "emoji": ""}},
            {"kind": "reaction", "emoji": None, "quoted_message_id": "wamid.0"},
        ),
        (
            {
                "type": "order",
                "order": {"product_items": [{"product_retailer_id": "sku_1", "quantity": "3"}]},
            },
            {"kind": "order", "items": [{"sku": "sku_1", "quantity": 3}]},
        ),
        ({"type": "order", "order": {"product_items": []}}, {"kind": "unsupported"}),
        (
            {"type": "interactive", "interactive": {"button_reply": {"id": "a", "title": "A"}}},
            {"kind": "choice", "choice_id": "a"},
        ),
        (
            {
                "type": "interactive",
                "interactive": {"type": "list_reply", "list_reply": {"id": "a", "description": "d"}},
            },
            {"kind": "choice", "choice_id": "a", "text": None},
        ),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "nfm_reply",
                    "nfm_reply": {"name": "address_message", "response_json": json.dumps(ADDRESS)},
                },
            },
            {"kind": "form", "fields": ADDRESS},
        ),
        (
            {"type": "interactive", "interactive": {"nfm_reply": {"response_json": ADDRESS, "body": {}}}},
            {"kind": "form", "fields": ADDRESS},
        ),
        (
            {"type": "interactive", "interactive": {"nfm_reply": {"response_json": "not json"}}},
            {"kind": "unsupported"},
        ),
        ({"type": "interactive", "interactive": {"type": "hologram"}}, {"kind": "unsupported"}),
        ({"type": "button", "button": {"text": "Yes"}}, {"kind": "choice", "text": "Yes"}),
        (
            {
                "type": "system",
                "system": {"body": "changed", "new_wa_id": "1", "type": "user_changed_number"},
            },
            {"kind": "system", "moved_to": "1"},
        ),
        (
            {"type": "system", "system": {"body": "changed", "type": "customer_identity_changed"}},
            {"kind": "system", "moved_to": None},
        ),
        (
            {"type": "system", "system": {"wa_id": SHOPPER, "type": "user_changed_number"}},
            {"kind": "system", "moved_to": None},
        ),
        ({"type": "unknown", "errors": [{"code": 501}]}, {"kind": "unsupported"}),
        ({"type": "edit", "edit": {}}, {"kind": "unsupported"}),
        ({"type": "revoke"}, {"kind": "unsupported"}),
        ({"type": "request_welcome"}, {"kind": "system"}),
    ],
)
def test_a_shape_is_read_for_what_it_is(node: dict[str, Any], expected: dict[str, Any]) -> None:
    found = json.loads(json.dumps(parsed(node).to_json()))
    assert {name: found[name] for name in expected} == expected


def test_a_message_that_tells_no_time_came_when_it_came() -> None:
    assert parsed({"type": "text", "text": {"body": "hi"}, "timestamp": None}).sent_at == RECEIVED_AT


def test_a_profile_may_be_anything_and_costs_no_message() -> None:
    contacts: list[Any]
    for contacts in ([], [None], [{}], [{"profile": "x", "wa_id": 5}], [{"profile": {"name": " "}}]):
        assert parsed({"type": "text", "text": {"body": "hi"}}, contacts=contacts).sender == SHOPPER


def test_each_of_two_who_wrote_at_once_has_their_own_profile() -> None:
    people = [{"profile": {"name": name}, "wa_id": number} for name, number in (("A", "1"), ("B", SHOPPER))]
    assert parsed({"type": "text", "text": {"body": "hi"}}, contacts=people).sender_name == "B"
