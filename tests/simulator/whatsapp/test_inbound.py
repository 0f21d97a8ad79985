"""What shoppers send: Meta's shapes, signed over the very bytes, posted until accepted, spoiled on order."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import ADA, SELLER, TOKEN, StandIn, is_signed, value_of

BUTTONS = {
    "type": "button",
    "body": {"text": "Which?"},
    "action": {"buttons": [{"type": "reply", "reply": {"id": "m.0", "title": "Blue"}}]},
}
LIST = {
    "type": "list",
    "body": {"text": "Which?"},
    "action": {
        "button": "See",
        "sections": [{"rows": [{"id": "m.1", "title": "Red", "description": "2 left"}]}],
    },
}
KINDS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "text": ({"text": "Ẹ ṣé 🙏"}, "text", {"body": "Ẹ ṣé 🙏"}),
    "button_reply": (
        {"id": "x.9", "title": "Free"},
        "interactive",
        {"type": "button_reply", "button_reply": {"id": "x.9", "title": "Free"}},
    ),
    "button": ({"payload": "p", "text": "Yes"}, "button", {"payload": "p", "text": "Yes"}),
    "location": (
        {"latitude": 6.5, "longitude": 3.4, "name": "Yaba"},
        "location",
        {"latitude": 6.5, "longitude": 3.4, "name": "Yaba"},
    ),
    "reaction": ({"message": "wamid.x", "emoji": "❤️"}, "reaction", {"message_id": "wamid.x", "emoji": "❤️"}),
    "unsupported": ({}, "unsupported", {"type": "unknown"}),
}


async def inbound(stand_in: StandIn, place: int = 0) -> dict[str, Any]:
    webhooks = await stand_in.product.received(place + 1)
    message: dict[str, Any] = value_of(webhooks[place])["messages"][0]
    return message


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_has_metas_shape(stand_in: StandIn, kind: str) -> None:
    facts, type_, content = KINDS[kind]
    result = await stand_in.write(type=kind, **facts)
    message = await inbound(stand_in)
    assert result["answers"] == [200]
    assert (message["type"], message[type_], message["from"]) == (type_, content, ADA)
    assert message["id"] == result["id"]
    assert message["timestamp"].isdigit()
    value = value_of((await stand_in.product.received(1))[0])
    assert value["contacts"][0]["wa_id"] == ADA
    assert value["contacts"][0]["profile"] == {"name": "Ada"}


@pytest.mark.parametrize("kind", ["audio", "video", "document", "sticker"])
async def test_a_file_can_be_looked_up_and_fetched_as_from_meta(stand_in: StandIn, kind: str) -> None:
    await stand_in.write(type=kind)
    message = await inbound(stand_in)
    facts = (await stand_in.http.get(f"/whatsapp/v23.0/{message[kind]['id']}", headers=TOKEN)).json()
    path = httpx.URL(facts["url"]).path
    assert (await stand_in.http.get(path)).status_code == 401
    file = await stand_in.http.get(path, headers=TOKEN)
    assert len(file.content) == facts["file_size"]
    assert facts["mime_type"] == message[kind]["mime_type"]


async def test_a_photo_an_order_and_a_contact_card_can_be_sent(stand_in: StandIn) -> None:
    await stand_in.write(type="image", photo="my-gate", caption="my house")
    await stand_in.write(type="order", items=[{"sku": "OIL-1L", "quantity": 2}])
    await stand_in.write(type="contacts", name="Bola A", phone="+2348030000099")
    assert (await inbound(stand_in))["image"]["caption"] == "my house"
    item = (await inbound(stand_in, 1))["order"]["product_items"][0]
    assert (item["product_retailer_id"], item["quantity"]) == ("OIL-1L", 2)
    assert (await inbound(stand_in, 2))["contacts"][0]["phones"][0]["wa_id"] == "2348030000099"


@pytest.mark.parametrize(
    ("offer", "title", "kind"), [(BUTTONS, "Blue", "button_reply"), (LIST, "Red", "list_reply")]
)
async def test_a_tap_answers_the_message_it_was_offered_in(
    stand_in: StandIn, offer: dict[str, Any], title: str, kind: str
) -> None:
    answer = await stand_in.send(type="interactive", interactive=offer)
    offered = answer.json()["messages"][0]["id"]
    await stand_in.next()
    await stand_in.product.received(2)
    await stand_in.write(type="tap", title=title)
    message = await inbound(stand_in, 2)
    assert message["interactive"]["type"] == kind
    assert message["interactive"][kind]["title"] == title
    assert message["context"] == {"from": "2348030000001", "id": offered}


async def test_what_was_never_offered_cant_be_tapped(stand_in: StandIn) -> None:
    body = {"seller": SELLER, "type": "tap", "title": "Free money"}
    answer = await stand_in.http.post(f"/control/phones/{ADA}/messages", json=body)
    assert answer.status_code == 422
    assert "Free money" in answer.json()["detail"]


async def test_a_message_is_signed_over_the_bytes_that_are_posted(stand_in: StandIn) -> None:
    await stand_in.write(type="text", text='é 🧵 "quoted" </script>')
    [request] = stand_in.product.requests
    assert is_signed(request)
    assert request.url == "http://product.test/webhooks/whatsapp/webhook"
    assert request.content.isascii()


@pytest.mark.parametrize("tamper", ["wrong_signature", "reserialised"])
async def test_a_signature_can_be_spoiled(stand_in: StandIn, tamper: str) -> None:
    await stand_in.write(type="text", text="é", tamper=tamper)
    [request] = stand_in.product.requests
    assert not is_signed(request)
    assert value_of(json.loads(request.content))["messages"][0]["text"] == {"body": "é"}


async def test_a_webhook_can_be_unsigned_or_forged_for_another_number(stand_in: StandIn) -> None:
    await stand_in.write(type="text", text="x", tamper="unsigned")
    await stand_in.write(type="text", text="x", tamper="other_number", other_number="100000000000002")
    unsigned, forged = stand_in.product.requests
    assert "x-hub-signature-256" not in unsigned.headers
    assert is_signed(forged)
    assert value_of(json.loads(forged.content))["metadata"]["phone_number_id"] == "100000000000002"


async def test_copies_carry_the_same_bytes_and_a_given_id_and_time(stand_in: StandIn) -> None:
    sent_at = "2026-01-02T03:04:05+00:00"
    result = await stand_in.write(type="text", text="x", copies=5, message_id="wamid.same", sent_at=sent_at)
    assert result["answers"] == [200] * 5
    assert len({request.content for request in stand_in.product.requests}) == 1
    message = await inbound(stand_in)
    assert (message["id"], message["timestamp"]) == ("wamid.same", "1767323045")


async def test_a_phones_message_is_posted_until_it_is_accepted_and_says_so_meanwhile(
    stand_in: StandIn,
) -> None:
    stand_in.product.answers = [503, httpx.ReadTimeout("slow"), 200]
    with stand_in.app.state.phones.feed.listen() as events:
        await stand_in.http.post(
            f"/phones/{ADA}/chats/{SELLER}/messages", json={"type": "text", "text": "Hi"}
        )
        seen: list[dict[str, Any]] = []
        async with asyncio.timeout(10):
            while not seen or seen[-1]["status"] == "pending":
                seen.append((await events.get())["message"])
    assert [message["status"] for message in seen] == ["pending", "pending", "pending", "delivered"]
    assert "HTTP 503" in seen[1]["error"]
    assert "ReadTimeout" in seen[2]["error"]
    assert seen[-1]["error"] is None
    assert len(stand_in.product.requests) == 3


async def test_a_message_nobody_ever_takes_is_shown_as_not_delivered(stand_in: StandIn) -> None:
    stand_in.product.answers = [500] * 4
    with stand_in.app.state.phones.feed.listen() as events:
        await stand_in.http.post(
            f"/phones/{ADA}/chats/{SELLER}/messages", json={"type": "text", "text": "Hi"}
        )
        async with asyncio.timeout(10):
            while (event := await events.get())["message"]["status"] == "pending":
                pass
    assert event["message"]["status"] == "failed"
    assert "Not delivered" in event["message"]["error"]


async def test_an_unknown_seller_or_number_has_no_chat(stand_in: StandIn) -> None:
    for path in (f"/phones/{ADA}/chats/1/messages", f"/phones/ada/chats/{SELLER}/messages"):
        answer = await stand_in.http.post(path, json={"type": "text", "text": "Hi"})
        assert answer.status_code == 404


async def test_anything_can_be_sent_raw(stand_in: StandIn) -> None:
    await stand_in.write(type="raw", message={"type": "hologram", "hologram": {"a": [1]}, "odd": None})
    message = await inbound(stand_in)
    assert (message["type"], message["hologram"], message["odd"]) == ("hologram", {"a": [1]}, None)
