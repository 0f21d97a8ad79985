"""Photos in replies: made anew as a product's are, sent where pictures travel, told by a link elsewhere."""

import asyncio
import secrets
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from channels.messages import OutboundMessage
from commerce_api.conversations import cleaning, queries, saying
from commerce_api.conversations.answering.models import ReplyPhoto
from commerce_api.conversations.errors import PhotoNotTaken
from commerce_api.conversations.models import Message
from commerce_api.core import pictures
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import enter

LONGEST_SIDE = 1280
MOST_BYTES = 300 * 1024
PLACE = "/media/said"
# Text messages carry pictures in few countries, a dialled screen nowhere: there a photo is its address.
PICTURED = frozenset({"whatsapp", "whatsapp_twilio", "instagram"})


async def hang(
    session: AsyncSession, conversation_id: UUID, upload: bytes, *, user_id: UUID, now: datetime
) -> ReplyPhoto:
    """Keeps a picture to send: a JPEG of 1280 pixels and 300 KB at most, without what the camera wrote.

    Raises NotFound, and PhotoNotTaken for what is no picture or has too many pixels.
    """
    await queries.conversation(session, conversation_id)
    try:
        picture = await asyncio.to_thread(
            pictures.encode, upload, longest_side=LONGEST_SIDE, most_bytes=MOST_BYTES
        )
    except (pictures.PictureTooLarge, pictures.PictureUnreadable) as error:
        raise PhotoNotTaken from error
    photo = ReplyPhoto(
        id=uuid4(),
        conversation_id=conversation_id,
        user_id=user_id,
        key=secrets.token_urlsafe(16),
        content=picture.content,
        width=picture.width,
        height=picture.height,
        created_at=now,
    )
    session.add(photo)
    await session.flush()
    return photo


def message(photo: ReplyPhoto, channel: str, words: str, public_url: str) -> OutboundMessage:
    """What brings the photo to a shopper, with the words as its caption or above its address."""
    said, address = cleaning.text(words) or "", f"{public_url}{PLACE}/{photo.key}.jpg"
    if channel in PICTURED:
        return OutboundMessage(said, image_url=address)
    return OutboundMessage(f"{said}\n{address}".strip())


async def say(
    session: AsyncSession,
    conversation_id: UUID,
    upload: bytes,
    *,
    words: str,
    public_url: str,
    seller_id: UUID,
    now: datetime,
) -> Message:
    """A seller answers with a photo; raises as ``hang`` and ``saying.say``."""
    channel = (await queries.conversation(session, conversation_id)).channel
    photo = await hang(session, conversation_id, upload, user_id=seller_id, now=now)
    shown = message(photo, channel, words, public_url)
    return await saying.say(session, conversation_id, shown, seller_id=seller_id, now=now)


async def by_key(session: AsyncSession, key: str) -> bytes:
    """A photo of any tenant; enters the tenant. Raises NotFound."""
    looked_up = await session.execute(text("select * from lookup.reply_photo(:key)"), {"key": key})
    row = looked_up.one_or_none()
    if row is None:
        raise NotFound
    await enter(session, row.tenant_id)
    found = select(ReplyPhoto).where(ReplyPhoto.id == row.id).options(undefer(ReplyPhoto.content))
    return (await session.scalars(found)).one().content
