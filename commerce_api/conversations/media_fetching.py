"""The worker's way to a shopper's file: found at the provider, fetched with care, looked at, kept or refused.

Nothing of it runs in a webhook. Where a file's address leads is a stranger's word, so it is fetched by the
guarded client (``core/guarded.py``), hop by hop, within a size and a time.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import Media
from channels.provider import MediaGone, Provider, ProviderRequest, SenderAccount
from channels.registry import PROVIDERS
from commerce_api.conversations import media, media_types
from commerce_api.conversations.media import Kept, Wanted
from commerce_api.conversations.media_models import Refusal
from commerce_api.conversations.media_types import Family, TypeNotTaken
from commerce_api.conversations.senders import ChannelClosed, Senders
from commerce_api.core import pictures, tenancy
from commerce_api.core.database import Database
from commerce_api.core.guarded import AddressRefused, Host, host_of
from commerce_api.core.secrets import SealBroken, Vault
from commerce_api.core.settings import Settings

log = structlog.get_logger(__name__)

# Each may hold a whole file in memory; what must wait comes back.
MOST_AT_ONCE = 4
COME_BACK = timedelta(seconds=2)
PATIENCE = 30.0
LOOKED_UP = 64 * 1024
MOST_LOOKUPS = 2
MOST_HOPS = 3
LONGEST_SIDE = 1600
PICTURE_BYTES = 600 * 1024
MOST_FRAMES = 200
GONE = (404, 410)
SHUT = (401, 403)


class NotKept(Exception):
    """A file is not kept, for good."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class NotYet(Exception):
    """A file could not be fetched just now; ``refusal`` is why, should it stay so."""

    def __init__(self, refusal: Refusal = Refusal.UNREACHABLE) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class MediaFetching:
    """Fetches files. One a process; ``guarded`` is a client made by ``core.guarded`` with ``own_hosts``."""

    def __init__(
        self,
        database: Database,
        http: httpx.AsyncClient,
        guarded: httpx.AsyncClient,
        *,
        vault: Vault,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._http = http
        self._guarded = guarded
        self._senders = Senders(settings, vault)
        self._clock = clock
        self._busy = 0

    async def fetch(self, tenant_id: UUID, media_id: UUID) -> None:
        """Tries one file; afterwards it is stored or refused, or a job comes back for it."""
        if self._busy >= MOST_AT_ONCE:
            async with self._tenant(tenant_id) as session:
                await media.ask_again(session, tenant_id, media_id, self._clock() + COME_BACK)
            return
        self._busy += 1
        try:
            await self._try(tenant_id, media_id)
        finally:
            self._busy -= 1

    async def _try(self, tenant_id: UUID, media_id: UUID) -> None:
        async with self._tenant(tenant_id) as session:
            wanted = await media.begin(session, media_id, self._clock())
        if wanted is None:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                content = await self._content(wanted)
            kept = await asyncio.to_thread(examine, content, wanted.media)
        except NotKept as no:
            log.info("media_refused", media_id=str(media_id), refusal=no.refusal.value)
            async with self._tenant(tenant_id) as session:
                await media.refuse(session, media_id, no.refusal, self._clock())
        except (NotYet, TimeoutError, httpx.HTTPError) as fault:
            refusal = fault.refusal if isinstance(fault, NotYet) else Refusal.UNREACHABLE
            async with self._tenant(tenant_id) as session:
                jitter = random.random()  # noqa: S311 -- spreads retries, guards nothing
                await media.put_off(session, media_id, refusal, self._clock(), jitter=jitter)
        else:
            async with self._tenant(tenant_id) as session:
                await media.keep(session, media_id, kept, self._clock())

    async def _content(self, wanted: Wanted) -> bytes:
        """The file's bytes. Raises NotKept, NotYet and httpx's errors."""
        provider = PROVIDERS.get(wanted.account.channel)
        if provider is None:
            raise NotYet
        try:
            sender = self._senders.of(wanted.account)
            request = await self._file_request(provider, wanted.media, sender)
            return await self._download(request)
        except ChannelClosed as fault:
            raise NotYet from fault
        except SealBroken as fault:
            raise NotYet(Refusal.NOT_ALLOWED) from fault
        except MediaGone as fault:
            raise NotKept(Refusal.GONE) from fault
        except AddressRefused as fault:
            raise NotKept(Refusal.ADDRESS_NOT_PUBLIC) from fault
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as fault:
            raise NotKept(Refusal.GONE) from fault

    async def _file_request(self, provider: Provider, file: Media, sender: SenderAccount) -> ProviderRequest:
        """The request for the file itself, after asking the provider where it lies when it must be asked."""
        request = provider.media_request(file, sender, None)
        for _ in range(MOST_LOOKUPS):
            if request.is_file:
                return request
            _, looked_up = await self._get(self._http, request.url, dict(request.headers), LOOKED_UP)
            request = provider.media_request(file, sender, looked_up or b"")
        if not request.is_file:
            raise NotKept(Refusal.GONE)
        return request

    async def _download(self, request: ProviderRequest) -> bytes:
        """The file, over at most three redirects; each hop's address is looked at before it is called."""
        url, headers = request.url, dict(request.headers)
        for _ in range(MOST_HOPS + 1):
            onward, content = await self._get(self._guarded, url, headers, media_types.LARGEST)
            if content is not None:
                return content
            if _is_elsewhere(url, onward):
                # The token is the first host's alone.
                headers.pop("Authorization", None)
            url = onward
        raise NotKept(Refusal.GONE)

    async def _get(
        self, client: httpx.AsyncClient, url: str, headers: dict[str, str], most: int
    ) -> tuple[str, bytes | None]:
        """What ``url`` answers with; without content, where it sends us on to."""
        plain = {**headers, "Accept-Encoding": "identity"}
        async with client.stream("GET", url, headers=plain) as response:
            if response.next_request is not None:
                return str(response.next_request.url), None
            _check_status(response.status_code)
            told = response.headers.get("content-length", "")
            if told.isdigit() and int(told) > most:
                raise NotKept(Refusal.TOO_LARGE)
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise NotKept(Refusal.UNREADABLE)
            content = bytearray()
            async for piece in response.aiter_raw():
                content += piece
                if len(content) > most:
                    raise NotKept(Refusal.TOO_LARGE)
            return url, bytes(content)

    @asynccontextmanager
    async def _tenant(self, tenant_id: UUID) -> AsyncIterator[AsyncSession]:
        async with self._database.transaction() as session:
            await tenancy.enter(session, tenant_id)
            yield session


def own_hosts(settings: Settings) -> frozenset[Host]:
    """The hosts files may be fetched from wherever they are: in demo mode, the stand-ins' of the settings."""
    if not settings.demo:
        return frozenset()
    return frozenset(host_of(one.base_url) for one in settings.channels.values())


def examine(content: bytes, file: Media) -> Kept:
    """A fetched file as it is kept: a picture made anew, anything else as it came. Raises NotKept."""
    try:
        found = media_types.sniff(content, file.mime_type)
    except TypeNotTaken as fault:
        raise NotKept(Refusal.TYPE_NOT_TAKEN) from fault
    if len(content) > media_types.MOST_BYTES[found.family]:
        raise NotKept(Refusal.TOO_LARGE)
    if found.family is not Family.PICTURE:
        return Kept(content, found.content_type)
    try:
        picture = pictures.encode(
            content, longest_side=LONGEST_SIDE, most_bytes=PICTURE_BYTES, most_frames=MOST_FRAMES
        )
    except pictures.PictureTooLarge as fault:
        raise NotKept(Refusal.TOO_LARGE) from fault
    except pictures.PictureUnreadable as fault:
        raise NotKept(Refusal.UNREADABLE) from fault
    return Kept(picture.content, found.content_type, picture.width, picture.height)


def _check_status(status: int) -> None:
    """Raises NotKept or NotYet unless the answer is a file."""
    if status == 200:
        return
    if status in GONE:
        raise NotKept(Refusal.GONE)
    if status in SHUT:
        raise NotYet(Refusal.NOT_ALLOWED)
    if 400 <= status < 500 and status not in (408, 425, 429):
        raise NotKept(Refusal.GONE)
    raise NotYet


def _is_elsewhere(url: str, onward: str) -> bool:
    try:
        return host_of(url) != host_of(onward)
    except ValueError:
        return True
