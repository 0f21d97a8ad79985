"""A conversation's messages as the thread shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from commerce_api.conversations.desk_models import ConversationNote
from commerce_api.conversations.media_models import MediaState, MessageMedia
from commerce_api.conversations.models import Author, Direction, Message
from console import reactions
from console.reactions import Reactions

PAGE = 40
LAST = 10**12 - 1
NOTHING = Reactions({}, frozenset())
TICKS = {"queued": "clock", "sending": "clock", "sent": "✓", "delivered": "✓✓", "read": "✓✓", "failed": "!"}
FAILURES = {
    "window_closed": "the reply window had closed",
    "opted_out": "the shopper wants no messages",
    "too_old": "it waited too long",
    "account_inactive": "the channel account is closed",
    "no_address": "the shopper has no address here any more",
}


@dataclass(frozen=True)
class Bubble:
    """One line of the thread. ``side`` is ``in``, ``out``, ``note`` or ``event``; ``order`` sorts it.

    ``reactions`` are the emoji on it, ``reacts_to`` its id where a seller could add one.
    """

    id: str
    side: str
    who: str
    at: datetime
    order: str
    text: str
    status: str = ""
    failure: str = ""
    is_bot: bool = False
    edited: bool = False
    deleted: bool = False
    choices: Sequence[str] = ()
    cards: Sequence[Mapping[str, Any]] = ()
    items: Sequence[Mapping[str, Any]] = ()
    image_url: str = ""
    link: Mapping[str, str] | None = None
    location: Mapping[str, Any] | None = None
    files: Sequence[MessageMedia] = ()
    emoji: str = ""
    reactions: Sequence[str] = ()
    reacts_to: str = ""


@dataclass(frozen=True)
class Thread:
    """A page of a thread; ``older`` is the position to ask for what came before, None at the beginning."""

    bubbles: Sequence[Bubble]
    older: int | None


async def read(
    session: AsyncSession, conversation_id: UUID, names: Mapping[UUID, str], *, before: int | None = None
) -> Thread:
    """The newest messages, or those before a position, as they were said, with the notes between them."""
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation_id)
        .options(selectinload(Message.media))
        .order_by(Message.position.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        statement = statement.where(Message.position < before)
    found = (await session.scalars(statement)).all()
    shown = found[:PAGE]
    older = shown[-1].position if len(found) > PAGE else None
    reacted = await reactions.on(session, conversation_id, shown) if shown else NOTHING
    bubbles = [
        replace(of_message(one, names), reactions=reacted.emoji.get(one.id, ()))
        for one in shown
        if one.id not in reacted.placed
    ]
    notes = await _notes(session, conversation_id, since=shown[-1].said_at if older else None)
    if before is None:
        bubbles += [of_note(one, names) for one in notes]
    return Thread(sorted(bubbles, key=lambda one: one.order), older)


async def _notes(
    session: AsyncSession, conversation_id: UUID, *, since: datetime | None
) -> Sequence[ConversationNote]:
    statement = select(ConversationNote).where(ConversationNote.conversation_id == conversation_id)
    if since is not None:
        statement = statement.where(ConversationNote.created_at >= since)
    return (await session.scalars(statement)).all()


def of_note(note: ConversationNote, names: Mapping[UUID, str]) -> Bubble:
    """A note, in its place by time."""
    who = names.get(note.user_id, "A former member")
    return Bubble(f"n-{note.id}", "note", who, note.created_at, _order(note.created_at, LAST), note.text)


def of_message(message: Message, names: Mapping[UUID, str]) -> Bubble:
    """A message, whatever it is."""
    body = message.body
    is_out = message.direction is Direction.OUTBOUND
    link = body.get("pay") or body.get("link")
    return Bubble(
        id=f"m-{message.id}",
        side="event" if message.kind == "event" else ("out" if is_out else "in"),
        who=_who(message, names),
        at=message.said_at,
        order=_order(message.said_at, message.position),
        text=_text(message),
        status=message.status.value if message.status and is_out else "",
        failure=_failure(message),
        is_bot=message.author in {Author.ASSISTANT, Author.SYSTEM},
        edited=message.edited_at is not None,
        deleted=message.deleted_at is not None,
        choices=[choice["title"] for choice in body.get("choices") or ()] if is_out else (),
        cards=body.get("cards") or (),
        items=body.get("items") or (),
        image_url=own_address(body.get("image_url")),
        link=link if link and is_out else None,
        location=body.get("location"),
        files=[one for one in message.media if one.state is not MediaState.REFUSED],
        emoji=body.get("emoji") or "",
        reacts_to=str(message.id) if message.author is Author.SHOPPER and message.provider_message_id else "",
    )


def own_address(url: str | None) -> str:
    """The path of a picture of ours; pictures elsewhere are not shown, since pages ask no other host."""
    if not url or "/media/" not in url:
        return ""
    return "/media/" + url.rpartition("/media/")[2]


def preview(message: Message) -> str:
    """A message in one line of the list."""
    marks = {
        "image": "Photo",
        "video": "Video",
        "audio": "Voice note",
        "document": "File",
        "sticker": "Sticker",
    }
    said = _text(message) or marks.get(message.kind, message.kind.replace("_", " "))
    return " ".join(said.split())[:160]


def _text(message: Message) -> str:
    choice = message.body.get("choice") or {}
    if message.kind == "event":
        facts = ", ".join(str(value) for value in (choice.get("entities") or {}).values())
        return f"{choice.get('intent', 'event').replace('_', ' ')}{': ' + facts if facts else ''}"
    if message.kind == "reaction":
        emoji = (message.body.get("reaction") or message.body).get("emoji")
        return f"reacted with {emoji or 'nothing any more'}"
    return message.text or choice.get("title") or ""


def _who(message: Message, names: Mapping[UUID, str]) -> str:
    if message.author is Author.SELLER:
        return names.get(message.seller_id, "A former member") if message.seller_id else "Seller's phone"
    return {Author.SHOPPER: "", Author.ASSISTANT: "Assistant", Author.SYSTEM: "Automatic"}[message.author]


def _failure(message: Message) -> str:
    if not message.failure_code:
        return ""
    return FAILURES.get(message.failure_code, message.failure_text or message.failure_code)


def _order(at: datetime, position: int) -> str:
    # Providers tell whole seconds: within one, what came in first was said first.
    return f"{int(at.timestamp()):012d}-{position:012d}"
