"""The bot side's client of the commerce API: typed, asynchronous, pooled, and keyed.

``CommerceClient`` is one per process. ``messaging`` calls concern webhooks and turns; ``shop(...)`` binds a
conversation and an inbound message, so that every call that changes something carries an idempotency key made
of (inbound message id, action, ordinal) and a repeated turn changes nothing twice.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Callable, Dict, Mapping, Optional, Sequence
from uuid import uuid4

import httpx

from channels.messages import OutboundMessage
from channels.provider import Parsed
from commerce_client.errors import ApiRefused, ApiUnavailable
from commerce_client.http import HttpAnswer, HttpClient
from commerce_client.models import Json
from commerce_client.shop import Shop
from commerce_client.turns import NextTurn, Recorded, Screen, Turn, Waiting

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
TRIES = 3
PAUSE = 0.05
LAST_TRY = 4.5

Opener = Callable[[str, Dict[str, str]], HttpClient]
"""Given the API's address and the headers of each request."""


class CommerceClient:
    """A pool of connections to the API at ``base_url`` (no trailing slash), with the service token.

    Every method raises ApiRefused for an answer of 4xx, with the API's stable code, and ApiUnavailable when
    the API could not answer after three tries. Only calls that are safe to repeat are repeated: reads, and
    those with an idempotency key. ``opener`` makes what sends the requests, if it isn't to be httpx.
    """

    def __init__(
        self,
        base_url: str,
        service_token: str,
        *,
        transport: Optional[httpx.AsyncBaseTransport] = None,
        opener: Optional[Opener] = None,
    ) -> None:
        address, headers = f"{base_url}/api/v1/bot", {"Authorization": f"Bearer {service_token}"}
        self._http: HttpClient = (
            opener(address, headers)
            if opener
            else httpx.AsyncClient(
                base_url=address,
                headers=headers,
                timeout=TIMEOUT,
                # The API is never behind a proxy of the environment's, and the token must not go to one.
                trust_env=False,
                limits=httpx.Limits(max_connections=100, max_keepalive_connections=50),
                transport=transport,
            )
        )

    async def close(self) -> None:
        """Closes every connection."""
        await self._http.aclose()

    async def record_inbound(self, channel: str, secret: str, parsed: Parsed, worker: str) -> Recorded:
        """Stores what a webhook held, in one transaction; ``secret`` names the secret that verified it.

        ``worker`` names this process: the turns it is given are leased to it. Safe to repeat: messages are
        unique by channel account and provider message id, and a call made again is given the same turns.
        """
        body = {
            "channel": channel,
            "secret": secret,
            "worker": worker,
            "call": str(uuid4()),
            "messages": [message.to_json() for message in parsed.messages],
            "receipts": [receipt.to_json() for receipt in parsed.receipts],
            "quarantined": [{"raw": raw, "reason": reason} for raw, reason in parsed.quarantined],
        }
        return Recorded.read(await self.call("POST", "/inbound", json=body, repeatable=True))

    async def claim_turn(
        self,
        worker: str,
        *,
        conversation_id: Optional[str] = None,
        in_hand: Optional[Sequence[str]] = None,
    ) -> Optional[Turn]:
        """A turn nobody holds, leased to ``worker``; None when there is none.

        Of any conversation, sellers taking turns; or of one alone, waited for while it is held back. Given
        the ids of the turns ``in_hand``, one that this worker was given and doesn't have is given again:
        where an answer was lost.
        """
        body = {
            "worker": worker,
            "call": str(uuid4()),
            "conversation_id": conversation_id,
            "in_hand": None if in_hand is None else list(in_hand),
        }
        following = NextTurn.read(await self.call("POST", "/turns/claim", json=body, repeatable=True))
        return await self._await_next(following, worker, conversation_id)

    async def claim_waiting(self, worker: str, waiting: Waiting) -> Optional[Turn]:
        """The turn that ``record_inbound`` said is held back, once it may be run; None when it is gone."""
        await asyncio.sleep(waiting.wait_ms / 1000)
        return await self.claim_turn(worker, conversation_id=waiting.conversation_id)

    async def finish_turn(
        self,
        turn_id: str,
        worker: str,
        replies: Sequence[OutboundMessage],
        *,
        failure: Optional[str] = None,
        claim_next: bool = True,
    ) -> Optional[Turn]:
        """Ends a turn with its replies, keyed by (message, ordinal); claims the conversation's next.

        A next turn that is held back for an earlier message on its way is waited for (a tenth of a second);
        without ``claim_next`` it is left to others.
        ``failure`` says why a turn died: the shopper then gets a holding message and a person. Raises
        ApiRefused with code ``lease_lost`` when another process has taken the turn over.
        """
        body = {
            "worker": worker,
            "replies": [reply.to_json() for reply in replies],
            "failure": failure,
            "claim_next": claim_next,
        }
        answer = await self.call("POST", f"/turns/{turn_id}/finish", json=body, repeatable=True)
        following = NextTurn.read(answer)
        return await self._await_next(following, worker, answer.get("conversation_id"))

    async def release_turns(self, worker: str) -> None:
        """Gives back every turn that ``worker`` was given and hasn't finished: others may run it at once."""
        await self.call("POST", "/turns/release", json={"worker": worker}, repeatable=True)

    async def _await_next(
        self, following: NextTurn, worker: str, conversation_id: Optional[str]
    ) -> Optional[Turn]:
        """The turn given, or the one that is held back once it may be claimed."""
        while following.turn is None and following.wait_ms is not None and conversation_id is not None:
            await asyncio.sleep(following.wait_ms / 1000)
            body = {"worker": worker, "call": str(uuid4()), "conversation_id": conversation_id}
            following = NextTurn.read(await self.call("POST", "/turns/claim", json=body, repeatable=True))
        return following.turn

    async def take_screen(
        self, channel: str, address: str, provider_message_id: str, *, is_final: bool = False
    ) -> Screen:
        """What a recorded step of a dialogue is answered with; not ready while the assistant works on it.

        ``is_final`` has it answered now in any case. Safe to repeat: the same step gets the same screen.
        """
        body = {
            "channel": channel,
            "address": address,
            "provider_message_id": provider_message_id,
            "is_final": is_final,
        }
        return Screen.read(await self.call("POST", "/screens/take", json=body, repeatable=True))

    async def channel_secrets(self, channel: str) -> Dict[str, str]:
        """The webhook secrets of channel accounts that bring their own: account id to secret."""
        secrets: Dict[str, str] = (await self.call("GET", f"/channels/{channel}/secrets"))["secrets"]
        return secrets

    async def open_conversation(self, tenant_slug: str, sender: str) -> str:
        """A conversation on the developers' ``shell`` channel of a tenant, made if need be; its id."""
        body = {"tenant_slug": tenant_slug, "sender": sender}
        return str((await self.call("POST", "/conversations", json=body, repeatable=True))["id"])

    def shop(self, conversation_id: str, message_id: str, action: str) -> Shop:
        """The shop of one conversation, during one action of the turn of ``message_id``."""
        return Shop(self, conversation_id, message_id, action)

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Optional[Json] = None,
        params: Optional[Mapping[str, Any]] = None,
        key: Optional[str] = None,
        repeatable: bool = False,
    ) -> Json:
        """One call; tried again when it can't have had, or can't double, an effect.

        No try begins later than ``LAST_TRY`` seconds after the first, so that a turn never waits long for an
        API that hangs.
        """
        headers = {"Idempotency-Key": key} if key else {}
        tries = TRIES if repeatable or key or method == "GET" else 1
        began = time.monotonic()
        for attempt in range(1, tries + 1):
            try:
                response = await self._http.request(method, path, json=json, params=params, headers=headers)
                return _answer(response)
            except (httpx.RequestError, _Faulty) as error:
                fault = f"{method} {path}: {type(error).__name__} {error}".strip()
            pause = PAUSE * 2**attempt
            if attempt == tries or time.monotonic() + pause - began > LAST_TRY:
                break
            await asyncio.sleep(pause)
        raise ApiUnavailable(fault)


class _Faulty(Exception):
    """An answer that is neither the API's yes nor its no."""


def _answer(response: HttpAnswer) -> Json:
    """The JSON object of a good answer. Raises ApiRefused for 4xx and _Faulty for any other."""
    if 400 <= response.status_code < 500:
        raise ApiRefused.read(response)
    if not response.is_success:
        raise _Faulty(f"HTTP {response.status_code}")
    try:
        answer = response.json() if response.content else {}
    except ValueError as error:
        raise _Faulty("not JSON") from error
    if not isinstance(answer, dict):
        raise _Faulty("not a JSON object")
    return answer
