"""Shoppers' files: asked for when their message is stored, fetched by the worker, kept for members alone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from channels.messages import InboundMessage, Media
from commerce_api.conversations import cleaning
from commerce_api.conversations.media_models import MediaState, MessageMedia, Refusal
from commerce_api.conversations.models import ChannelAccount, Message
from commerce_api.core import jobs
from commerce_api.core.errors import NotFound

FETCH = "fetch_media"
MOST_FILES = 30
MOST_TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0


@dataclass(frozen=True)
class Wanted:
    """A file to fetch, and the account through which it came."""

    id: UUID
    media: Media
    account: ChannelAccount


@dataclass(frozen=True)
class Kept:
    """A file as it is kept; ``width`` and ``height`` of a picture."""

    content: bytes
    content_type: str
    width: int | None = None
    height: int | None = None


async def ask_for(
    session: AsyncSession, tenant_id: UUID, message_id: UUID, message: InboundMessage, now: datetime
) -> None:
    """Has the worker fetch the files of a message that was just stored; nothing for one without any."""
    files = [one for one in (message.media, *message.more_media) if one is not None][:MOST_FILES]
    rows: list[dict[str, Any]] = [
        {
            "tenant_id": tenant_id,
            "id": uuid4(),
            "message_id": message_id,
            "place": place,
            "source": cleaning.json_value(asdict(one)),
            "state": MediaState.PENDING,
            "attempts": 0,
            "created_at": now,
        }
        for place, one in enumerate(files)
    ]
    if rows:
        await session.execute(insert(MessageMedia), rows)
    for row in rows:
        await ask_again(session, tenant_id, row["id"])


async def ask_again(
    session: AsyncSession, tenant_id: UUID, media_id: UUID, at: datetime | None = None
) -> None:
    """Has the worker fetch one file, now or at a time."""
    key = f"{FETCH}:{media_id}"
    await jobs.ask(session, FETCH, key=key, at=at, tenant_id=str(tenant_id), media_id=str(media_id))


async def begin(session: AsyncSession, media_id: UUID, now: datetime) -> Wanted | None:
    """Counts a try at a file; None when there is nothing to fetch, or it was tried often enough."""
    held = await _lock(session, media_id)
    if held is None:
        return None
    if held.attempts >= MOST_TRIES:
        _refuse(held, Refusal.UNREACHABLE, now)
        return None
    held.attempts += 1
    account = await session.scalar(
        select(ChannelAccount)
        .join(Message, Message.channel_account_id == ChannelAccount.id)
        .where(Message.id == held.message_id)
        .options(undefer(ChannelAccount.credentials))
    )
    if account is None:
        _refuse(held, Refusal.GONE, now)
        return None
    return Wanted(held.id, Media(**held.source), account)


async def keep(session: AsyncSession, media_id: UUID, kept: Kept, now: datetime) -> None:
    """Stores a file that was fetched. One that was settled meanwhile stays as it is."""
    held = await _lock(session, media_id)
    if held is None:
        return
    held.state, held.settled_at = MediaState.STORED, now
    held.content, held.size, held.content_type = kept.content, len(kept.content), kept.content_type
    held.width, held.height = kept.width, kept.height
    held.filename = cleaning.text(held.source.get("filename"), 200)


async def refuse(session: AsyncSession, media_id: UUID, refusal: Refusal, now: datetime) -> None:
    """Gives up on a file for good. One that was settled meanwhile stays as it is."""
    held = await _lock(session, media_id)
    if held is not None:
        _refuse(held, refusal, now)


async def put_off(
    session: AsyncSession, media_id: UUID, fault: Refusal, now: datetime, *, jitter: float
) -> None:
    """Has a file tried again later, or gives up for ``fault`` when it was tried often enough.

    ``jitter`` (0 to 1) spreads the tries.
    """
    held = await _lock(session, media_id)
    if held is None:
        return
    if held.attempts >= MOST_TRIES:
        _refuse(held, fault, now)
        return
    pause = min(FIRST_PAUSE * 2.0 ** (held.attempts - 1), LONGEST_PAUSE) * (0.75 + jitter / 2)
    await ask_again(session, held.tenant_id, held.id, now + timedelta(seconds=pause))


async def stored(session: AsyncSession, media_id: UUID) -> MessageMedia:
    """A file that is kept, with its content. Raises NotFound for any other."""
    found = await session.scalar(
        select(MessageMedia)
        .where(MessageMedia.id == media_id, MessageMedia.state == MediaState.STORED)
        .options(undefer(MessageMedia.content))
    )
    if found is None:
        raise NotFound
    return found


async def of_messages(session: AsyncSession, message_ids: Sequence[UUID]) -> dict[UUID, list[MessageMedia]]:
    """The files of messages, in their places, without content."""
    found = await session.scalars(
        select(MessageMedia).where(MessageMedia.message_id.in_(message_ids)).order_by(MessageMedia.place)
    )
    files: dict[UUID, list[MessageMedia]] = {}
    for one in found:
        files.setdefault(one.message_id, []).append(one)
    return files


async def _lock(session: AsyncSession, media_id: UUID) -> MessageMedia | None:
    return await session.scalar(
        select(MessageMedia)
        .where(MessageMedia.id == media_id, MessageMedia.state == MediaState.PENDING)
        .with_for_update()
    )


def _refuse(held: MessageMedia, refusal: Refusal, now: datetime) -> None:
    held.state, held.refusal, held.settled_at = MediaState.REFUSED, refusal, now
