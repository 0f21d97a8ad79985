"""How Rasa calls an action of the action server: one pooled connection, a short body, an answer read once.

Rasa 3.6.21's ``RemoteAction.run`` checks a JSON schema against its own schema for each answer (most of a
process's time), opens a connection for each call, sends the whole conversation and the domain, and waits up
to 300 s. Rasa has no setting for any of it, so ``install`` puts ``run`` of this file in its place, for the
very version it was written for and no other.

Two things differ from Rasa's. The body carries the latest turns alone (slots, form and latest message are of
the whole). And the domain goes with a call only when the action server asks for it, by rasa-sdk's own rule: a
call names the domain by a digest, and is answered 449 by a server that doesn't know it yet. Of the endpoint's
settings ``cafile`` is not read: the action server is on the same machine or network.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple
from weakref import WeakKeyDictionary

import aiohttp
import rasa
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

logger = logging.getLogger(__name__)
Json = Dict[str, Any]

WRITTEN_FOR = "3.6.21"
# Together less than a turn may take. An action server that was restarted answers again within the second one.
ANSWER_SECONDS = 6.0
CONNECT_SECONDS = 3.0
# What actions look back on: what was said last, and by which action this message was answered already.
REPORTED_TURNS = 3
MISSING_DOMAIN = 449
REJECTED = 400
_REQUIRED: Mapping[str, Tuple[str, ...]] = {"slot": ("name", "value"), "entities": ("entities",)}


class ActionFailed(RasaException):  # type: ignore[misc]  # Rasa ships no types for it
    """An action gave no answer that can be used; none of its events are known."""


class _Callers:
    """The client of each event loop, and the domain with its digest."""

    def __init__(self) -> None:
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = (
            WeakKeyDictionary()
        )
        self._domain: Optional[Domain] = None
        self._digest = ""
        self._as_json: Json = {}

    def session(self, endpoint: EndpointConfig) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            session = self._sessions[loop] = endpoint.session()
        return session

    def digest(self, domain: Domain) -> str:
        if self._domain is not domain:
            self._domain, self._digest, self._as_json = domain, domain.fingerprint(), domain.as_dict()
        return self._digest

    def domain(self, domain: Domain) -> Json:
        self.digest(domain)
        return self._as_json

    async def close(self) -> None:
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()


_callers = _Callers()


def install() -> None:
    """Has Rasa call actions with ``run``; with another Rasa it leaves Rasa's own and says so."""
    if rasa.__version__ != WRITTEN_FOR:
        logger.warning(
            "Rasa is %s; bot/engine/remote_action.py was written for %s and is not used.",
            rasa.__version__,
            WRITTEN_FOR,
        )
        return
    RemoteAction.run = run


async def close() -> None:
    """Closes the connections of the running event loop."""
    await _callers.close()


async def run(
    self: RemoteAction,
    output_channel: OutputChannel,
    nlg: NaturalLanguageGenerator,
    tracker: DialogueStateTracker,
    domain: Domain,
) -> List[Event]:
    """Runs an action: its replies and events, as Rasa's ``RemoteAction.run`` gives them.

    Raises ActionExecutionRejection as Rasa does, and ActionFailed for whatever else goes wrong. Rasa swallows
    the second, so the output channel is told, if it has a ``note_fault``.
    """
    name = self.name()
    try:
        answer = await _ask(self.action_endpoint, name, tracker, domain)
        said = await self._utter_responses(answer.get("responses", []), output_channel, nlg, tracker)
        return [*said, *deserialise_events(answer.get("events", []))]
    except ActionExecutionRejection:
        raise
    except Exception as fault:
        note: Optional[Callable[[str], None]] = getattr(output_channel, "note_fault", None)
        if note is not None:
            note(name)
        if isinstance(fault, RasaException):
            raise
        raise ActionFailed(f"The action {name} failed: {type(fault).__name__}: {fault}") from fault


async def _ask(
    endpoint: Optional[EndpointConfig], name: str, tracker: DialogueStateTracker, domain: Domain
) -> Json:
    """The action server's answer, checked."""
    if endpoint is None or not endpoint.url:
        raise ActionFailed(f"There is no action server to run {name}; see action_endpoint in endpoints.yml.")
    call = {
        "next_action": name,
        "sender_id": tracker.sender_id,
        "tracker": state(tracker),
        "version": rasa.__version__,
        "domain_digest": _callers.digest(domain),
    }
    ends = time.monotonic() + ANSWER_SECONDS
    status, body = await _post(endpoint, call, ends)
    if status == MISSING_DOMAIN:
        status, body = await _post(endpoint, {**call, "domain": _callers.domain(domain)}, ends)
    try:
        answer = json.loads(body)
    except ValueError as fault:
        raise ActionFailed(f"The action {name} was answered {status}, not in JSON.") from fault
    if status == REJECTED and isinstance(answer, dict) and "action_name" in answer:
        raise ActionExecutionRejection(answer["action_name"], answer.get("error"))
    if status != 200:
        raise ActionFailed(f"The action {name} was answered {status}.")
    problem = find_problem(answer)
    if problem:
        raise ActionFailed(f"The action {name} was answered with {problem}.")
    return dict(answer)


async def _post(endpoint: EndpointConfig, call: Json, ends: float) -> Tuple[int, bytes]:
    """The status and body of one call. A lost connection is tried again: what actions do is keyed."""
    data = json.dumps(call).encode()
    gives_up = time.monotonic() + CONNECT_SECONDS
    pause = 0.05
    while True:
        try:
            return await asyncio.wait_for(_send(endpoint, data), max(ends - time.monotonic(), 0.01))
        except aiohttp.ClientConnectionError:
            if time.monotonic() + pause > min(gives_up, ends):
                raise
        await asyncio.sleep(pause)
        pause *= 2


async def _send(endpoint: EndpointConfig, data: bytes) -> Tuple[int, bytes]:
    async with _callers.session(endpoint).post(
        endpoint.url,
        data=data,
        headers={"Content-Type": "application/json"},
        params=endpoint.combine_parameters(),
    ) as response:
        return response.status, await response.read()


def state(tracker: DialogueStateTracker) -> Json:
    """The tracker as rasa-sdk reads it, with the events of the latest turns and what was said before them."""
    events = list(tracker.events)
    turns = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    start = turns[-REPORTED_TURNS] if len(turns) > REPORTED_TURNS else 0
    reported: Json = tracker.current_state(EventVerbosity.NONE)
    reported["events"] = [event.as_dict() for event in events[start:]]
    return reported


def find_problem(answer: Any) -> Optional[str]:
    """What is wrong with an action's answer; None when nothing is.

    By Rasa's schema: ``events`` are objects with the name of an event, and slots have name and value;
    ``responses`` are objects. What an event's class makes of the rest, it checks itself.
    """
    if not isinstance(answer, dict):
        return "no object"
    events, responses = answer.get("events", []), answer.get("responses", [])
    if not isinstance(events, list) or not isinstance(responses, list):
        return "events or responses that are no lists"
    if not all(isinstance(response, dict) for response in responses):
        return "a response that is no object"
    return next((f"the event {event!r}"[:200] for event in events if not _is_event(event)), None)


def _is_event(event: Any) -> bool:
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return False
    kind, stamp, metadata = event["event"], event.get("timestamp"), event.get("metadata")
    return (
        kind in EVENTS
        and (stamp is None or (isinstance(stamp, (int, float)) and not isinstance(stamp, bool)))
        and (metadata is None or isinstance(metadata, dict))
        and all(name in event for name in _REQUIRED.get(kind, ()))
        and (kind != "slot" or isinstance(event["name"], str))
    )


EVENTS = frozenset(
    {
        *("user", "action", "slot", "entities", "user_featurization", "cancel_reminder", "reminder"),
        *("action_execution_rejected", "form_validation", "loop_interrupted", "form", "active_loop"),
        *("reset_slots", "resume", "pause", "followup", "export", "restart", "undo", "rewind", "bot"),
        *("session_started", "agent"),
    }
)
