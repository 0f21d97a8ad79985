"""The Graph API's addresses: answers in Meta's shape, receipts in order, faults on order."""

import base64
import time
from typing import Any

import httpx
import pytest

from simulator.settings import SHOPPERS
from tests.simulator.conftest import ADA, SELLER, TOKEN, StandIn, is_signed, value_of

TEXT = {"messaging_product": "whatsapp", "to": ADA, "type": "text", "text": {"body": "Hello"}}
ADDRESS = f"/whatsapp/v23.0/{SELLER}/messages"


async def test_an_accepted_send_is_answered_as_meta_does(stand_in: StandIn) -> None:
    answer = await stand_in.send(type="text", text={"body": "Hello"}, to=f"+{ADA}")
    body = answer.json()
    assert body["messaging_product"] == "whatsapp"
    assert body["contacts"] == [{"input": f"+{ADA}", "wa_id": ADA}]
    prefix, _, packed = body["messages"][0]["id"].partition(".")
    assert prefix == "wamid"
    assert ADA.encode() in base64.b64decode(packed)


async def test_receipts_come_signed_and_in_order_and_read_only_when_the_chat_is_seen(
    stand_in: StandIn,
) -> None:
    message_id = await stand_in.send_text("Ẹ káàárọ̀ 🧵")
    await stand_in.product.received(2)
    assert [status["status"] for status in stand_in.product.statuses] == ["sent", "delivered"]
    await stand_in.http.post(f"/control/phones/{ADA}/chats/{SELLER}/read")
    webhooks = await stand_in.product.received(3)
    assert [status["status"] for status in stand_in.product.statuses] == ["sent", "delivered", "read"]
    assert all(is_signed(request) for request in stand_in.product.requests)
    status = stand_in.product.statuses[-1]
    assert status["id"] == message_id
    assert status["recipient_id"] == ADA
    assert abs(int(status["timestamp"]) - time.time()) < 60
    assert value_of(webhooks[0])["metadata"] == {
        "display_phone_number": "2348030000001",
        "phone_number_id": SELLER,
    }


async def test_a_receipt_that_is_refused_is_posted_again_before_the_next(stand_in: StandIn) -> None:
    stand_in.product.answers = [503, httpx.ConnectError("down"), 200, 500]
    await stand_in.send_text()
    await stand_in.product.received(5)
    kinds = [status["status"] for status in stand_in.product.statuses]
    assert kinds == ["sent", "sent", "sent", "delivered", "delivered"]
    assert stand_in.product.requests[0].content == stand_in.product.requests[2].content


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (ADDRESS, {}, 401, 190),
        (ADDRESS, {"Authorization": "Bearer other"}, 401, 190),
        ("/whatsapp/v23.0/199999999999999/messages", TOKEN, 400, 100),
        (f"/whatsapp/latest/{SELLER}/messages", TOKEN, 400, 2500),
    ],
)
async def test_who_may_not_send_gets_metas_error(
    stand_in: StandIn, path: str, headers: dict[str, str], status: int, code: int
) -> None:
    answer = await stand_in.http.post(path, json=TEXT, headers=headers)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["type"] == "OAuthException"
    assert error["fbtrace_id"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 200_000, b"null", b'{"a":1}'])
async def test_a_body_that_is_no_message_is_refused_without_a_crash(
    stand_in: StandIn, content: bytes
) -> None:
    headers = {**TOKEN, "Content-Type": "application/json"}
    answer = await stand_in.http.post(ADDRESS, content=content, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in (100, 131008)


async def test_a_message_beyond_a_limit_is_refused_and_never_reaches_the_phone(stand_in: StandIn) -> None:
    answer = await stand_in.send(type="text", text={"body": "a" * 4097})
    assert answer.status_code == 400
    assert "4096" in answer.json()["error"]["error_data"]["details"]
    assert await stand_in.next(timeout=0) == []
    log = (await stand_in.http.get("/control/sends")).json()["items"]
    assert [(entry["status"], entry["seller"]) for entry in log] == [(400, SELLER)]


async def test_a_shopper_is_reached_by_their_business_scoped_id(stand_in: StandIn) -> None:
    await stand_in.send_text("Hi", to="", recipient=SHOPPERS[0].user_id)
    assert [message["text"] for message in await stand_in.next()] == ["Hi"]


async def test_a_linked_picture_is_fetched_and_shown_from_here(stand_in: StandIn) -> None:
    await stand_in.send(type="image", image={"link": "http://shop.test/photo.jpg", "caption": "*Gate*"})
    [message] = await stand_in.next()
    shown = await stand_in.http.get(f"/phones/media/{message['media']}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert message["text"] == "*Gate*"


@pytest.mark.parametrize("path", ["missing.jpg", "page.html"])
async def test_a_picture_that_cant_be_fetched_fails_with_metas_media_error(
    stand_in: StandIn, path: str
) -> None:
    await stand_in.send(type="image", image={"link": f"http://shop.test/{path}"})
    await stand_in.product.received(1)
    [status] = stand_in.product.statuses
    assert status["status"] == "failed"
    assert status["errors"][0]["code"] == 131053
    assert await stand_in.next(timeout=0) == []


async def test_words_after_a_slow_picture_do_not_overtake_it(stand_in: StandIn) -> None:
    await stand_in.send(type="image", image={"link": "http://shop.test/photo.jpg"})
    await stand_in.send_text("after")
    assert [message["type"] for message in await stand_in.next(count=2)] == ["image", "text"]


async def test_marking_as_read_turns_the_ticks_and_shows_typing(stand_in: StandIn) -> None:
    sent = await stand_in.write(type="text", text="Hi")
    body = {"status": "read", "message_id": sent["id"], "typing_indicator": {"type": "text"}}
    answer = await stand_in.http.post(ADDRESS, json={"messaging_product": "whatsapp", **body}, headers=TOKEN)
    assert answer.json() == {"success": True}
    state = (await stand_in.http.get("/phones/state")).json()
    assert [message["status"] for message in state["chats"][0]["messages"]] == ["read"]


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({"kind": "error", "code": 131056}, 400, 131056),
        ({"kind": "error", "code": 130429, "status": 429, "retry_after": 7}, 429, 130429),
        ({"kind": "error", "code": 131000}, 500, 131000),
        ({"kind": "http", "status": 503}, 503, None),
    ],
)
async def test_the_next_sends_fail_as_ordered_and_then_no_more(
    stand_in: StandIn, order: dict[str, Any], status: int, code: int | None
) -> None:
    await stand_in.fault(**order, shopper=ADA, times=2)
    await stand_in.send_text("to another", to="254701234503")
    for _ in range(2):
        answer = await stand_in.send(type="text", text={"body": "x"})
        assert answer.status_code == status
        assert code is None or answer.json()["error"]["code"] == code
        assert answer.headers.get("retry-after") == ("7" if "retry_after" in order else None)
    await stand_in.send_text("again")
    assert [message["text"] for message in await stand_in.next()] == ["again"]


async def test_an_accepted_message_can_fail_later(stand_in: StandIn) -> None:
    await stand_in.fault(kind="fail", code=131026)
    message_id = await stand_in.send_text()
    await stand_in.product.received(1)
    [status] = stand_in.product.statuses
    assert (status["id"], status["status"], status["errors"][0]["code"]) == (message_id, "failed", 131026)


async def test_receipts_can_come_disordered_and_doubled(stand_in: StandIn) -> None:
    await stand_in.fault(kind="receipts", statuses=["read", "delivered", "delivered", "sent"])
    await stand_in.send_text()
    await stand_in.product.received(4)
    assert [one["status"] for one in stand_in.product.statuses] == ["read", "delivered", "delivered", "sent"]


async def test_outside_the_reply_window_a_free_message_fails_until_the_shopper_writes(
    stand_in: StandIn,
) -> None:
    await stand_in.http.post(f"/control/phones/{ADA}/chats/{SELLER}/window/close")
    await stand_in.send_text()
    await stand_in.product.received(1)
    assert stand_in.product.statuses[0]["errors"][0]["code"] == 131047
    await stand_in.write(type="text", text="Hi")
    await stand_in.send_text("welcome back")
    assert [message["text"] for message in await stand_in.next()] == ["welcome back"]


async def test_a_connection_can_break_after_the_message_was_taken(served: StandIn) -> None:
    await served.fault(kind="reset", accepted=True)
    with pytest.raises(httpx.RemoteProtocolError):
        await served.send(type="text", text={"body": "lost answer"})
    assert [message["text"] for message in await served.next()] == ["lost answer"]


async def test_a_hanging_answer_outlasts_its_callers_patience(served: StandIn) -> None:
    await served.fault(kind="hang", seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        await served.http.post(ADDRESS, json=TEXT, headers=TOKEN, timeout=0.2)
    assert await served.next(timeout=0) == []


async def test_reset_empties_the_phones_and_forgets_faults(stand_in: StandIn) -> None:
    await stand_in.send_text()
    await stand_in.next()
    await stand_in.fault(kind="http", status=500)
    await stand_in.http.post("/control/reset")
    assert await stand_in.next(timeout=0) == []
    await stand_in.send_text("afterwards")
