"""How the client asks, asks again, and gives up; against an API played by a function."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from channels.messages import Choice, InboundKind, OutboundMessage
from channels.provider import Parsed
from commerce_client.client import TRIES, CommerceClient
from commerce_client.errors import ApiRefused, ApiUnavailable

CART = {"lines": [], "total": {"amount": 0, "currency": "NGN"}, "currency": "NGN"}
TURN = {
    "id": "t1",
    "conversation_id": "c1",
    "message_id": "m1",
    "channel": "whatsapp",
    "kind": "choice",
    "text": "Oil",
    "choice": {
        "title": "Oil",
        "intent": "add_to_cart",
        "entities": {"sku": "OIL"},
        "description": None,
        "new": 1,
    },
    "offered": [{"title": "Oil", "intent": "add_to_cart", "entities": None, "description": "1 L", "new": 1}],
    "location": {"latitude": 6.4, "longitude": 3.4, "name": None, "address": None, "new": 1},
    "items": [{"sku": "OIL", "quantity": 2, "new": 1}],
    "emoji": None,
    "quoted_sku": "OIL",
    "late": True,
    "new": 1,
}

Answers = Callable[..., "Api"]


class Api:
    """Plays the API: gives ``answers`` in order, the last for ever, and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = deque(answers)
        self.asked: list[httpx.Request] = []
        self.client = CommerceClient("http://api", "secret", transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.asked]


async def test_a_call_carries_the_service_token_and_the_path_of_the_conversation() -> None:
    api = Api(httpx.Response(200, json=CART))
    await api.client.shop("c1", "m1", "action_view_cart").cart()
    [request] = api.asked
    assert str(request.url) == "http://api/api/v1/bot/conversations/c1/cart"
    assert request.headers["Authorization"] == "Bearer secret"
    assert "Idempotency-Key" not in request.headers


async def test_what_changes_something_is_keyed_by_message_action_and_ordinal() -> None:
    api = Api(httpx.Response(200, json=CART))
    shop = api.client.shop("c1", "m1", "action_add")
    await shop.add_line("v1", 2)
    await shop.clear_cart()
    assert [request.headers["Idempotency-Key"] for request in api.asked] == [
        "m1:action_add:0",
        "m1:action_add:1",
    ]


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(503),
        httpx.Response(302, headers={"Location": "http://elsewhere"}),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[1]),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
    ],
    ids=["503", "redirect", "not json", "not an object", "refused", "slow"],
)
async def test_a_keyed_call_is_repeated_with_its_key_until_it_is_answered(
    fault: httpx.Response | Exception,
) -> None:
    api = Api(fault, fault, httpx.Response(200, json=CART))
    await api.client.shop("c1", "m1", "action_add").add_line("v1", 2)
    assert {request.headers["Idempotency-Key"] for request in api.asked} == {"m1:action_add:0"}
    assert len(api.asked) == TRIES


async def test_an_api_that_stays_away_is_unavailable_after_three_tries() -> None:
    api = Api(httpx.ConnectError("refused"))
    with pytest.raises(ApiUnavailable, match="GET /conversations/c1/cart: ConnectError"):
        await api.client.shop("c1", "m1", "a").cart()
    assert len(api.asked) == TRIES


async def test_a_refusal_is_not_repeated_and_tells_its_code_and_facts() -> None:
    problem = {"code": "out_of_stock", "detail": "Only 3 are left.", "available": 3}
    api = Api(httpx.Response(409, json=problem))
    with pytest.raises(ApiRefused) as refused:
        await api.client.shop("c1", "m1", "a").add_line("v1", 5)
    assert (refused.value.status, refused.value.code) == (409, "out_of_stock")
    assert refused.value.facts["available"] == 3
    assert len(api.asked) == 1


@pytest.mark.parametrize("body", [b"", b"<html>gone</html>", b"[]", b'"no"'])
async def test_a_refusal_without_problem_details_still_has_a_code(body: bytes) -> None:
    api = Api(httpx.Response(404, content=body))
    with pytest.raises(ApiRefused) as refused:
        await api.client.shop("c1", "m1", "a").cart()
    assert refused.value.code == "unreadable"


async def test_a_turn_is_read_whatever_a_newer_api_adds() -> None:
    api = Api(httpx.Response(200, json={"turn": TURN}))
    turn = await api.client.claim_turn("w")
    assert turn is not None
    assert (turn.kind, turn.late, turn.quoted_sku) == (InboundKind.CHOICE, True, "OIL")
    assert turn.choice == Choice("Oil", "add_to_cart", {"sku": "OIL"})
    assert turn.offered == (Choice("Oil", "add_to_cart", {}, "1 L"),)
    assert [(item.sku, item.quantity) for item in turn.items] == [("OIL", 2)]


async def test_no_turn_is_none() -> None:
    api = Api(httpx.Response(200, json={"turn": None}))
    assert await api.client.claim_turn("w") is None


async def test_finishing_hands_in_the_replies_and_gets_the_next_turn() -> None:
    api = Api(httpx.Response(200, json={"turn": TURN}))
    reply = OutboundMessage("Pick", (Choice("Oil", "add_to_cart", {"sku": "OIL"}),))
    turn = await api.client.finish_turn("t0", "w", [reply], failure="timeout")
    assert turn is not None
    assert api.asked[0].url.path == "/api/v1/bot/turns/t0/finish"
    assert api.bodies() == [
        {
            "worker": "w",
            "replies": [json.loads(json.dumps(reply.to_json()))],
            "failure": "timeout",
            "claim_next": True,
        }
    ]


async def test_recording_sends_what_was_put_aside_too() -> None:
    api = Api(httpx.Response(200, json={"accepted": 0, "duplicates": 0, "refused": 1, "turns": []}))
    recorded = await api.client.record_inbound(
        "whatsapp", "platform", Parsed(quarantined=(({"a": 1}, "odd"),)), "w"
    )
    assert (recorded.refused, recorded.turns) == (1, ())
    [body] = api.bodies()
    assert body["quarantined"] == [{"raw": {"a": 1}, "reason": "odd"}]
    assert (body["channel"], body["secret"], body["worker"]) == ("whatsapp", "platform", "w")
