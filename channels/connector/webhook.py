"""A provider's webhook on the Rasa server: verified, parsed and stored before it is answered 200.

Missing signature 401, wrong one or another seller's number 403, alien body 400, too large 413, and 503 when
the API can't store it, so that the provider delivers again. Where the answer is the reply itself, see
``dialogue.py``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import time
from datetime import datetime, timezone
from typing import Any, Dict, Optional, Set, Tuple, Type

from rasa.core.channels.channel import InputChannel
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic
from sanic.exceptions import PayloadTooLarge
from sanic.request import Request
from sanic.response import HTTPResponse, text

from channels.connector.account_secrets import AccountSecrets
from channels.connector.dialogue import Dialogue
from channels.connector.engine import Engine, OnNewMessage
from channels.connector.gathering import ReceiptGathering, is_of_receipts
from channels.connector.transport import LightHttp
from channels.connector.turns import Moment, TurnRunner
from channels.provider import (
    MalformedWebhook,
    Parsed,
    Provider,
    ProviderError,
    SignatureWrong,
    WebhookRequest,
)
from channels.registry import PROVIDERS
from channels.settings import BotSettings, SettingsMissing, open_channels
from commerce_client.client import CommerceClient
from commerce_client.errors import ApiRefused, ApiUnavailable
from commerce_client.turns import Recorded

logger = logging.getLogger(__name__)

MAX_BODY = 3 * 1024 * 1024
STORE_SECONDS = 2.5
STORE_PAUSE = 0.3
STOP_SECONDS = 1.0
TURN_SECONDS = 8.0
SIDE_BY_SIDE = 32
PLATFORM = "platform"
# 409: two of our transactions met. The same webhook, delivered again, finds what the other one wrote.
OUR_FAULT = (401, 403, 404, 405, 409, 429)


class ChannelConnector(InputChannel):  # type: ignore[misc]  # Rasa ships no types for it
    """The webhook of one provider; ``connector_for`` makes the class that ``bot/credentials.yml`` names.

    Its entry there may set ``turn_seconds``, the time a turn may take, and ``side_by_side``, how many
    conversations are answered at once. Secrets and addresses come from the environment (``BotSettings``).
    """

    provider: Provider

    def __init__(
        self,
        settings: BotSettings,
        *,
        is_open: bool = True,
        turn_seconds: float = TURN_SECONDS,
        side_by_side: int = SIDE_BY_SIDE,
    ) -> None:
        self.settings = settings
        self.is_open = is_open
        self.turn_seconds = turn_seconds
        self.side_by_side = side_by_side

    @classmethod
    def name(cls) -> str:
        """The channel's name and the part of the path that is its own."""
        return cls.provider.name

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> ChannelConnector:
        """Called by Rasa at start. Raises RasaException, which Rasa prints, when a setting is missing.

        A channel that ``CHANNELS`` leaves out needs no settings, and its webhooks meet a 404.
        """
        try:
            is_open = cls.provider.name in open_channels(os.environ, PROVIDERS)
            settings = BotSettings.read(os.environ, cls.provider.setup if is_open else None)
        except SettingsMissing as missing:
            raise RasaException(str(missing)) from missing
        return cls(settings, is_open=is_open, **(credentials or {}))

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """``GET`` and ``POST /webhook``, or ``/<key>/webhook``, and what must run beside them."""
        blueprint = Blueprint(f"connector_{self.provider.name}")
        desk = _Desk(self, on_new_message)
        blueprint.listener("before_server_start")(desk.open)
        blueprint.listener("after_server_start")(desk.start)
        blueprint.listener("before_server_stop")(desk.close)

        # Sanic marks the handlers it is given, which a bound method does not allow.
        async def handshake(request: Request) -> HTTPResponse:
            return await desk.handshake(request)

        async def receive(request: Request, key: Optional[str] = None) -> HTTPResponse:
            return await desk.receive(request, key)

        if self.is_open:
            blueprint.add_route(handshake, "/webhook", methods=["GET"])
            blueprint.add_route(receive, "/webhook", methods=["POST"], stream=True)
            blueprint.add_route(receive, "/<key:str>/webhook", methods=["POST"], stream=True, name="keyed")
        return blueprint


def connector_for(provider: Provider) -> Type[ChannelConnector]:
    """The connector's class for ``provider``, as Rasa wants one for each channel."""
    return type(f"Connector_{provider.name}", (ChannelConnector,), {"provider": provider})


class _Desk:
    """One connector at work in one process: its client, its accounts' secrets, and the process's turns."""

    def __init__(self, connector: ChannelConnector, on_new_message: OnNewMessage) -> None:
        self._on_new_message = on_new_message
        self._settings = connector.settings
        self._provider = connector.provider
        self._turn_seconds = connector.turn_seconds
        self._side_by_side = connector.side_by_side
        self._storing: Set[asyncio.Task[Recorded]] = set()
        self._receipts = ReceiptGathering(self._record)

    async def open(self, app: Sanic, _: Any) -> None:
        """Opens the client; the turns are shared by every connector of the process."""
        # At INFO httpx writes a line for each sweep.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._client = self._connect()
        self._secrets = AccountSecrets(self._client, self._provider.name)
        self._dialogue = Dialogue(self._provider, self._client)
        self._is_host = not hasattr(app.ctx, "turns")
        if self._is_host:
            worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
            app.ctx.engine = Engine(self._on_new_message, self._turn_seconds)
            # Of their own, so that webhooks don't queue behind turns for a connection.
            self._turns_client = self._connect()
            app.ctx.turns = TurnRunner(
                self._turns_client, worker, app.ctx.engine.say, side_by_side=self._side_by_side
            )
        self._turns: TurnRunner = app.ctx.turns

    def _connect(self) -> CommerceClient:
        settings = self._settings
        return CommerceClient(settings.api_url, settings.service_token, opener=LightHttp)

    async def start(self, app: Sanic, _: Any) -> None:
        """Begins the sweep, once the agent is loaded."""
        if self._is_host:
            app.ctx.engine.start(app.ctx.agent)
            self._turns.start()

    async def close(self, app: Sanic, _: Any) -> None:
        """Finishes what is being stored and the turns under way, and closes the client."""
        # From here on nothing is begun: what was stored just now is given back for others to answer.
        self._turns.is_stopping = True
        if self._storing:
            await asyncio.wait(self._storing, timeout=STOP_SECONDS)
        if self._is_host:
            await self._turns.stop()
            await app.ctx.engine.stop()
            await self._turns_client.close()
        await self._client.close()

    async def handshake(self, request: Request) -> HTTPResponse:
        """Answers the provider's GET."""
        query = {name: values[0] for name, values in request.args.items() if values}
        answer = self._provider.challenge(query, self._settings.verify_token)
        return text("", 403) if answer is None else text(answer)

    async def receive(self, request: Request, key: Optional[str]) -> HTTPResponse:
        """Answers the provider's POST; ``key`` is the secret in its path, if there was one."""
        try:
            body = await _body(request)
        except PayloadTooLarge:
            return text("too large", 413)
        webhook = WebhookRequest(
            body=body,
            headers={name.lower(): value for name, value in request.headers.items()},
            urls=self._addresses(request),
            path_key=key,
            received_at=datetime.now(timezone.utc),
        )
        try:
            secret = await self._verify(webhook)
            return await self._store(secret, self._provider.parse(webhook))
        except ProviderError as fault:
            logger.warning("A %s webhook was answered %d: %s.", self._provider.name, fault.status, fault)
            return text(str(fault), fault.status)
        except ApiUnavailable as fault:
            logger.warning("A %s webhook was put off: %s.", self._provider.name, fault)
            if self._provider.acknowledgement.is_reply:
                return text(self._dialogue.apology)
            return text("not stored; deliver it again", 503, headers={"Retry-After": "5"})

    async def _verify(self, webhook: WebhookRequest) -> str:
        """The name of the secret that signed it: the platform's, or a channel account's own."""
        platform = self._settings.platform_secret
        try:
            return self._provider.verify(webhook, {PLATFORM: platform} if platform else {})
        except SignatureWrong:
            pass
        try:
            return self._provider.verify(webhook, await self._secrets.current())
        except SignatureWrong:
            return self._provider.verify(webhook, await self._secrets.current(renew=True))

    async def _store(self, secret: str, parsed: Parsed) -> HTTPResponse:
        """Stores it and takes up its turns, even if whoever posted it has gone by then."""
        if self._turns.is_stopping:
            raise ApiUnavailable("this process is stopping")
        began = time.monotonic()
        told = self._provider.acknowledgement
        patience = told.waits or STORE_SECONDS
        storing = asyncio.get_running_loop().create_task(self._record_in_time(secret, parsed, began))
        self._storing.add(storing)
        storing.add_done_callback(self._storing.discard)
        done, _ = await asyncio.wait({storing}, timeout=patience)
        if not done:
            storing.add_done_callback(_note_fault)
            raise ApiUnavailable(f"not stored within {patience} s")
        recorded = storing.result()
        # What can't be read, or is for a seller who is closed, is put aside: no reason to deliver it again.
        if recorded.forged and not recorded.accepted + recorded.duplicates:
            logger.warning("A %s webhook was for accounts it may not speak for.", self._provider.name)
            return text("not for an account of this signature", 403)
        body = await self._dialogue.answer(parsed, began) if told.is_reply else told.body
        return text(body, content_type=told.content_type)

    def _addresses(self, request: Request) -> Tuple[str, ...]:
        """Where the request may have been posted to: our known addresses first, then what it says itself."""
        said = request.headers.get("x-forwarded-proto", request.scheme).partition(",")[0].strip()
        host = request.headers.get("x-forwarded-host", request.host).partition(",")[0].strip()
        bases = (*self._settings.webhook_urls, f"{said}://{host}")
        query = f"?{request.query_string}" if request.query_string else ""
        return tuple(dict.fromkeys(f"{base}{request.path}{query}" for base in bases))

    async def _record_in_time(self, secret: str, parsed: Parsed, began: float) -> Recorded:
        """What a provider brings but once is not given up at the first try: the API may be back soon."""
        waits = self._provider.acknowledgement.waits or 0.0
        record = self._receipts.record if is_of_receipts(parsed) else self._record
        while True:
            try:
                return await record(secret, parsed)
            except ApiUnavailable:
                if self._turns.is_stopping or time.monotonic() - began + STORE_PAUSE > waits:
                    raise
            await asyncio.sleep(STORE_PAUSE)

    async def _record(self, secret: str, parsed: Parsed) -> Recorded:
        asked = Moment.now()
        try:
            recorded = await self._client.record_inbound(
                self._provider.name, secret, parsed, self._turns.worker
            )
        except ApiRefused as refusal:
            # Nothing of it is stored, so it must not be taken for delivered.
            logger.error("The API refused a %s webhook: %s.", self._provider.name, refusal.code)
            if refusal.status in OUR_FAULT:
                raise ApiUnavailable(f"the API refused us: {refusal.code}") from refusal
            raise MalformedWebhook(f"it can't be stored: {refusal.code}") from refusal
        self._turns.take_up(recorded, asked)
        return recorded


async def _body(request: Request) -> bytes:
    """The raw bytes; raises PayloadTooLarge as soon as they, or what is announced, are too many."""
    stream: Any = request.stream
    stream.request_max_size = MAX_BODY
    pieces = [piece async for piece in stream]
    return b"".join(pieces)


def _note_fault(task: asyncio.Task[Recorded]) -> None:
    if not task.cancelled() and task.exception():
        logger.warning("A webhook that was put off was not stored.")
