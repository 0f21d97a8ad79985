"""The reply as the answer to the webhook: a step waits for its screen, and never without end."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from channels.connector import dialogue
from channels.connector.dialogue import Dialogue
from channels.provider import Parsed
from channels.registry import PROVIDERS
from channels.ussd.words import UNAVAILABLE
from commerce_client.client import CommerceClient
from tests.channels.recordings import PAYLOADS, read

USSD = PROVIDERS["ussd_africastalking"]
STEP = USSD.parse(read(PAYLOADS / USSD.name / "first_choice.json").request)
APOLOGY = f"END {UNAVAILABLE}"

Json = dict[str, Any]
Take = Callable[[Json], httpx.Response]


class Api:
    """Answers each asking for a screen as ``take`` says, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[Json] = []
        self.take: Take = screen("Welcome")

    async def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v1/bot/screens/take"
        self.asked.append(json.loads(request.content))
        return self.take(self.asked[-1])


def screen(text: str, *, is_last: bool = False) -> Take:
    return lambda _: httpx.Response(200, json={"is_ready": True, "text": text, "is_last": is_last})


def not_ready(asked: Json) -> httpx.Response:
    """Ready only when it must be."""
    told = {"is_ready": asked["is_final"], "text": "Still working", "is_last": False}
    return httpx.Response(200, json=told)


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
async def talk(api: Api) -> AsyncIterator[Dialogue]:
    client = CommerceClient("http://api.test", "token", transport=httpx.MockTransport(api.answer))
    yield Dialogue(USSD, client)
    await client.close()


async def test_a_screen_goes_on_and_the_last_one_ends(talk: Dialogue, api: Api) -> None:
    assert await talk.answer(STEP, time.monotonic()) == "CON Welcome"
    api.take = screen("Bye", is_last=True)
    assert await talk.answer(STEP, time.monotonic()) == "END Bye"
    assert api.asked[0] == {
        "channel": "ussd_africastalking",
        "address": STEP.messages[0].account,
        "provider_message_id": STEP.messages[0].provider_message_id,
        "is_final": False,
    }


async def test_it_is_asked_for_until_it_is_ready(talk: Dialogue, api: Api) -> None:
    api.take = lambda asked: not_ready(asked) if len(api.asked) < 4 else screen("Here")(asked)
    assert await talk.answer(STEP, time.monotonic()) == "CON Here"
    assert [asked["is_final"] for asked in api.asked] == [False] * 4


async def test_when_the_time_is_up_it_is_answered_in_any_case(talk: Dialogue, api: Api) -> None:
    api.take = not_ready
    began = time.monotonic() - dialogue.PATIENCE + 0.4
    assert await talk.answer(STEP, began) == "CON Still working"
    assert [asked["is_final"] for asked in api.asked][-2:] == [False, True]


@pytest.mark.parametrize(
    "take",
    [
        lambda _: httpx.Response(503),
        lambda _: httpx.Response(404, json={"code": "not_found", "detail": ""}),
        lambda _: httpx.Response(401, json={"code": "unauthenticated", "detail": ""}),
        lambda _: httpx.Response(200, text="not json"),
    ],
)
async def test_when_nothing_answers_the_last_screen_says_so(talk: Dialogue, api: Api, take: Take) -> None:
    api.take = take
    assert await talk.answer(STEP, time.monotonic()) == APOLOGY


async def test_an_api_that_hangs_is_not_waited_for_longer_than_the_gateway_waits(
    talk: Dialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(CommerceClient, "take_screen", hang)
    monkeypatch.setattr(dialogue, "LAST_CALL", 0.05)
    began = time.monotonic() - dialogue.PATIENCE
    assert await talk.answer(STEP, began) == APOLOGY


async def test_the_notice_of_a_sessions_end_asks_for_no_screen(talk: Dialogue, api: Api) -> None:
    assert await talk.answer(Parsed(), time.monotonic()) == "ok"
    assert api.asked == []
