"""A small real HTTP server in the place of the commerce API and of the action server.

It keeps turns the way the API does: one for each message, one leased at a time in each conversation, the next
handed out when one is finished.
"""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]

ACCOUNT = "100000000000001"
OWN_ACCOUNT = "100000000000009"
OWN_ACCOUNT_ID = "6f1ed002-ab55-4d6c-9f5c-0a7f2b0c8f11"
OWN_SECRET = "the sellers own app secret"
TOKEN = "service-token-of-the-test"


@dataclass(frozen=True)
class Finished:
    """What a turn came to."""

    turn: Json
    replies: list[Json]
    failure: str | None

    @property
    def texts(self) -> list[str]:
        return [reply["text"] for reply in self.replies]


class StandIn:
    """The state behind the server; ``reset`` before each test."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.lock = threading.Lock()
        self.reset()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def reset(self) -> None:
        with self.lock:
            self.is_down = False
            self.turned_away: queue.Queue[str] = queue.Queue()
            self.refusal: tuple[int, str] | None = None
            self.is_shop_closed = False
            self.finish_faults: deque[tuple[int, str]] = deque()
            self.choices: dict[str, Json] = {}
            self.inbound: list[Json] = []
            self.actions: list[Json] = []
            self.secret_reads = 0
            self.finished: queue.Queue[Finished] = queue.Queue()
            self.lingering: queue.Queue[str] = queue.Queue()
            self.released: queue.Queue[str] = queue.Queue()
            self.go_on = threading.Event()
            self._turns: dict[str, Json] = {}
            self._waiting: dict[str, deque[Json]] = {}
            self._held: dict[str, str] = {}
            self._seen: set[str] = set()

    def add_turn(self, conversation: str, **facts: Any) -> None:
        """A turn that nobody holds yet, as our own events make them."""
        turn = {
            "id": str(uuid.uuid4()),
            "conversation_id": conversation,
            "message_id": str(uuid.uuid4()),
            "channel": "whatsapp",
            **facts,
        }
        with self.lock:
            self._turns[turn["id"]] = turn
            self._waiting.setdefault(conversation, deque()).append(turn)

    def answer(self, method: str, path: str, body: Json) -> tuple[int, Json]:
        if path == "/webhook":
            return self._act(body)
        with self.lock:
            if self.is_down:
                if path.endswith("/inbound"):
                    self.turned_away.put(path)
                return 503, {}
            if path.endswith("/secrets"):
                self.secret_reads += 1
                return 200, {"secrets": {OWN_ACCOUNT_ID: OWN_SECRET}}
            if path.endswith("/inbound"):
                return (self.refusal[0], {"code": self.refusal[1]}) if self.refusal else self._record(body)
            if path.endswith("/claim"):
                return 200, {"turn": next((turn for turn in self._claim_each()), None)}
            is_release = path.endswith("/release")
            return self._release(body) if is_release else self._finish(path.split("/")[-2], body)

    def _record(self, body: Json) -> tuple[int, Json]:
        self.inbound.append(body)
        counts = {"accepted": 0, "duplicates": 0, "refused": len(body["quarantined"]), "forged": 0}
        own = {"platform": ACCOUNT, OWN_ACCOUNT_ID: OWN_ACCOUNT}[body["secret"]]
        for message in body["messages"]:
            account = message["account"].lstrip("+")
            if account != own or self.is_shop_closed:
                counts["refused"] += 1
                counts["forged"] += account != own
            elif message["provider_message_id"] in self._seen:
                counts["duplicates"] += 1
            else:
                counts["accepted"] += 1
                self._seen.add(message["provider_message_id"])
                self._queue(message)
        return 200, {**counts, "turns": list(self._claim_each()), "waiting": []}

    def _queue(self, message: Json) -> None:
        conversation = str(uuid.uuid5(uuid.NAMESPACE_URL, message["sender"]))
        kept = ("kind", "text", "location", "items", "emoji", "quoted_sku")
        turn = {
            "id": str(uuid.uuid4()),
            "conversation_id": conversation,
            "message_id": str(uuid.uuid4()),
            "channel": "whatsapp",
            "choice": self.choices.get(message["choice_id"]),
            "offered": list(self.choices.values()),
            **{name: message[name] for name in kept},
        }
        self._turns[turn["id"]] = turn
        self._waiting.setdefault(conversation, deque()).append(turn)

    def _claim_each(self) -> Any:
        for conversation, waiting in self._waiting.items():
            if waiting and conversation not in self._held:
                turn = waiting.popleft()
                self._held[conversation] = turn["id"]
                yield turn

    def _release(self, body: Json) -> tuple[int, Json]:
        self.released.put(body["worker"])
        return 200, {}

    def _finish(self, turn_id: str, body: Json) -> tuple[int, Json]:
        if self.finish_faults:
            status, code = self.finish_faults.popleft()
            return status, {"code": code}
        if turn_id not in self._turns:
            return 404, {"code": "not_found"}
        turn = self._turns[turn_id]
        self._held.pop(turn["conversation_id"])
        failure = body["failure"] or (None if body["replies"] else "silent")
        self.finished.put(Finished(turn, body["replies"], failure))
        waiting = self._waiting[turn["conversation_id"]]
        if not waiting or not body["claim_next"]:
            return 200, {"turn": None}
        self._held[turn["conversation_id"]] = waiting[0]["id"]
        return 200, {"turn": waiting.popleft()}

    def _act(self, body: Json) -> tuple[int, Json]:
        with self.lock:
            self.actions.append(body)
        action, said = body["next_action"], body["tracker"]["latest_message"]["text"]
        if action == "action_linger":
            self.lingering.put(said)
            self.go_on.wait(10)
        if action == "action_break_down":
            return 500, {}
        replies = {"action_say_nothing": []}.get(action, [{"text": f"heard: {said}"}])
        return 200, {"events": [], "responses": replies}


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self._answer(json.loads(self.rfile.read(length) or b"{}"))

        def do_GET(self) -> None:
            self._answer({})

        def _answer(self, body: Json) -> None:
            if self.path != "/webhook" and self.headers["Authorization"] != f"Bearer {TOKEN}":
                status, answer = 401, {"code": "unauthorized"}
            else:
                status, answer = stand_in.answer(self.command, self.path, body)
            told = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            # Who asked may have given up by now, as after a turn that took too long.
            with contextlib.suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(told)

        log_message: Callable[..., None] = lambda *_: None

    return Handler
