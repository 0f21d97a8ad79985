"""How an action is called: briefly, over one connection, its answer checked, its failure told."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import rasa
from aiohttp import web
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from bot.engine import remote_action
from tests.bot.engine.conftest import begun, said

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Output(CollectingOutputChannel):  # type: ignore[misc]  # Rasa ships no types for it
    """Remembers what failed."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def note_fault(self, action: str) -> None:
        self.faults.append(action)


class ActionServer:
    """Answers as it is told to, else with nothing to say; keeps the domain's digest as rasa-sdk does."""

    def __init__(self) -> None:
        self.calls: list[Json] = []
        self.peers: set[Any] = set()
        self.digest: str | None = None
        self.answers: list[Handler | Json] = []
        self.endpoint = EndpointConfig()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        call = await request.json()
        self.peers.add(request.transport.get_extra_info("peername") if request.transport else None)
        if "domain" in call:
            self.digest = call["domain_digest"]
        elif call["domain_digest"] != self.digest:
            return web.json_response({"error": "no domain", "action_name": call["next_action"]}, status=449)
        self.calls.append(call)
        answer = self.answers.pop(0) if self.answers else {"events": [], "responses": []}
        return await answer(request) if callable(answer) else web.json_response(answer)


@pytest.fixture
async def actions() -> AsyncIterator[ActionServer]:
    """A real server on the loopback address."""
    actions = ActionServer()
    app = web.Application()
    app.router.add_post("/webhook", actions.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    actions.endpoint = EndpointConfig(url=f"http://127.0.0.1:{runner.addresses[0][1]}/webhook")
    yield actions
    await remote_action.close()
    await runner.cleanup()


@pytest.fixture
def tracker(domain: Domain) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("c", [*begun(), *said("hello")], domain.slots)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours in the place of Rasa's."""
    monkeypatch.setattr(RemoteAction, "run", RemoteAction.run)
    remote_action.install()


@pytest.fixture
def call(actions: ActionServer, tracker: DialogueStateTracker, domain: Domain, installed: None) -> Any:
    """Calls an action as Rasa does; ``call.output`` is where its replies and faults go."""

    async def run(name: str = "action_greet") -> list[Event]:
        nlg = TemplatedNaturalLanguageGenerator(domain.responses)
        done: list[Event] = await RemoteAction(name, actions.endpoint).run(output, nlg, tracker, domain)
        return done

    output = Output()
    run.output = output  # type: ignore[attr-defined]
    return run


async def test_replies_and_events_come_back(call: Any, actions: ActionServer) -> None:
    actions.answers = [
        {"events": [{"event": "slot", "name": "language", "value": "sw"}], "responses": [{"text": "Habari"}]}
    ]
    reply, event = await call()
    assert isinstance(reply, BotUttered)
    assert reply.text == "Habari"
    assert event == SlotSet("language", "sw")
    assert call.output.faults == []


async def test_calls_share_a_connection_and_the_domain_goes_once(
    call: Any, actions: ActionServer, domain: Domain
) -> None:
    for _ in range(5):
        await call()
    assert len(actions.peers) == 1
    assert ["domain" in told for told in actions.calls] == [True, False, False, False, False]
    assert actions.calls[0]["domain"] == domain.as_dict()


async def test_a_new_action_server_is_told_the_domain_again(call: Any, actions: ActionServer) -> None:
    await call()
    actions.digest = None
    await call()
    assert ["domain" in told for told in actions.calls] == [True, True]


def test_the_body_carries_the_latest_turns_and_the_whole_state(domain: Domain) -> None:
    events = [*begun(), SlotSet("customer_name", "Ada")]
    events += [event for number in range(50) for event in said(f"words {number}")]
    tracker = DialogueStateTracker.from_events("c", events, domain.slots)
    told = remote_action.state(tracker)
    words = [event["text"] for event in told["events"] if event["event"] == "user"]
    assert words == ["words 47", "words 48", "words 49"]
    assert told["slots"]["customer_name"] == "Ada"
    assert told["latest_message"]["text"] == "words 49"
    assert set(told) == set(tracker.current_state())


async def test_a_rejection_is_one(call: Any, actions: ActionServer) -> None:
    async def reject(_: web.Request) -> web.Response:
        return web.json_response({"action_name": "checkout_form", "error": "no"}, status=400)

    actions.answers = [reject]
    with pytest.raises(ActionExecutionRejection) as raised:
        await call("validate_checkout_form")
    assert raised.value.action_name == "checkout_form"
    assert call.output.faults == []


async def _broken(_: web.Request) -> web.Response:
    return web.Response(status=200, text="{half")


async def _not_found(_: web.Request) -> web.Response:
    return web.json_response({"error": "no such action", "action_name": "x"}, status=404)


async def _fails(_: web.Request) -> web.Response:
    return web.json_response({"error": "boom", "request_body": {}}, status=500)


async def _refuses(_: web.Request) -> web.Response:
    return web.Response(status=400, text="bad request")


@pytest.mark.parametrize("answer", [_broken, _not_found, _fails, _refuses, {"events": [{"event": "magic"}]}])
async def test_any_other_answer_is_a_fault_that_the_output_is_told_of(
    call: Any, actions: ActionServer, answer: Any
) -> None:
    actions.answers = [answer]
    with pytest.raises(RasaException, match="action_greet"):
        await call()
    assert call.output.faults == ["action_greet"]


async def test_an_action_server_that_is_down_is_tried_for_a_while_and_then_a_fault(
    call: Any, actions: ActionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_action, "CONNECT_SECONDS", 0.2)
    actions.endpoint.url = "http://127.0.0.1:9/webhook"
    with pytest.raises(RasaException):
        await call()
    assert call.output.faults == ["action_greet"]


async def test_an_action_server_that_hangs_is_a_fault(
    call: Any, actions: ActionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.sleep(3600)
        raise AssertionError

    monkeypatch.setattr(remote_action, "ANSWER_SECONDS", 0.2)
    actions.answers = [hang]
    with pytest.raises(RasaException, match="TimeoutError"):
        await call()
    assert call.output.faults == ["action_greet"]


async def test_a_call_whose_connection_broke_is_made_again(call: Any, actions: ActionServer) -> None:
    async def drop(request: web.Request) -> web.Response:
        assert request.transport
        request.transport.close()
        return web.Response()

    actions.answers = [drop, {"events": [], "responses": [{"text": "second time"}]}]
    assert [reply.text for reply in await call()] == ["second time"]
    assert len(actions.calls) == 2


async def test_without_an_action_server_every_action_is_a_fault(call: Any, actions: ActionServer) -> None:
    actions.endpoint.url = None
    with pytest.raises(RasaException, match=re.escape("action_endpoint in endpoints.yml")):
        await call()


ANSWERS: list[Any] = [
    {},
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": None, "timestamp": None}]},
    {"events": [{"event": "slot", "name": "a", "value": [1], "timestamp": 1.5, "metadata": {}}]},
    {"events": [{"event": "followup", "name": "action_listen"}, {"event": "restart", "timestamp": 3}]},
    {"responses": [{"text": "hello", "buttons": []}], "more": 1},
    None,
    [],
    "text",
    {"events": None},
    {"events": {}},
    {"responses": None},
    {"responses": ["hello"]},
    {"events": ["restart"]},
    {"events": [{}]},
    {"events": [{"event": "no such event"}]},
    {"events": [{"event": 1}]},
    {"events": [{"event": ["slot"]}]},
    {"events": [{"event": "slot", "name": "a"}]},
    {"events": [{"event": "slot", "name": 1, "value": 1}]},
    {"events": [{"event": "slot", "value": 1}]},
    {"events": [{"event": "entities"}]},
    {"events": [{"event": "restart", "timestamp": "now"}]},
    {"events": [{"event": "restart", "timestamp": True}]},
    {"events": [{"event": "restart", "metadata": []}]},
]


@pytest.mark.parametrize("answer", ANSWERS, ids=json.dumps)
def test_an_answer_is_good_exactly_when_rasas_own_schema_says_so(answer: Any) -> None:
    try:
        jsonschema.validate(answer, RemoteAction.action_response_format_spec())
        is_good = True
    except jsonschema.ValidationError:
        is_good = False
    assert (remote_action.find_problem(answer) is None) is is_good


def test_with_another_rasa_its_own_is_left_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(RemoteAction, "run", RemoteAction.run)
    monkeypatch.setattr(rasa, "__version__", "3.6.22")
    before = RemoteAction.run
    with caplog.at_level(logging.WARNING):
        remote_action.install()
    assert RemoteAction.run is before
    assert "Rasa is 3.6.22" in caplog.text


def test_it_was_written_for_the_rasa_that_is_here() -> None:
    assert rasa.__version__ == remote_action.WRITTEN_FOR


def test_the_latest_message_is_always_reported(domain: Domain) -> None:
    tracker = DialogueStateTracker.from_events("c", [*begun(), *said("only one")], domain.slots)
    reported = remote_action.state(tracker)["events"]
    assert len(reported) == len(tracker.events)
    assert isinstance(tracker.events[-3], UserUttered)
