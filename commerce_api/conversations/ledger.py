"""The consent ledger: what each contact said of being written to on each channel account.

Append-only. It is read before anything is queued and again before anything leaves, so no send can ignore it.
The contact of a conversation is looked up as they are known today: after two contacts turned out to be one,
what either said holds for both, and no longer when the merge is undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import ConsentWord
from commerce_api.conversations.models import ChannelAccount, Conversation
from commerce_api.conversations.outbound_models import ConsentEntry, Scope, ToldBy

# The second key of advisory locks on consent; contacts and receipts have others.
LOCKS = 2
# The kind of a message that confirms a STOP or START, the only one that may follow a STOP.
CONFIRMATION = "consent"


@dataclass(frozen=True)
class Standing:
    """What holds now. ``stopped`` is the STOP that does, if one; ``marketing``: no templates either way."""

    stopped: ConsentEntry | None = None
    is_marketing_stopped: bool = False

    def allows(self, *, kind: str, reply_to_id: UUID | None, is_template: bool) -> bool:
        """Whether a message may go out: after a STOP its confirmation alone."""
        if self.stopped is not None:
            answers_it = reply_to_id is not None and reply_to_id == self.stopped.message_id
            return kind == CONFIRMATION and answers_it
        return not (is_template and self.is_marketing_stopped)


async def standing(session: AsyncSession, conversation: Conversation) -> Standing:
    """What the conversation's contact last said on its channel account."""
    newest = (ConsentEntry.scope, ConsentEntry.said_at.desc(), ConsentEntry.number.desc())
    found = await session.scalars(
        select(ConsentEntry)
        .where(ConsentEntry.conversation_id.in_(_same_person(conversation)))
        .ext(distinct_on(ConsentEntry.scope))
        .order_by(*newest)
    )
    last = {entry.scope: entry for entry in found}
    of_all, of_marketing = last.get(Scope.ALL), last.get(Scope.MARKETING)
    if of_all is not None and of_all.word is ConsentWord.STOP:
        return Standing(of_all, is_marketing_stopped=True)
    # START takes everything back that was stopped before it.
    is_newer = of_marketing is not None and (of_all is None or _age(of_marketing) > _age(of_all))
    is_stopped = of_marketing is not None and of_marketing.word is ConsentWord.STOP and is_newer
    return Standing(is_marketing_stopped=is_stopped)


async def write(
    session: AsyncSession,
    conversation: Conversation,
    word: ConsentWord,
    *,
    scope: Scope = Scope.ALL,
    told_by: ToldBy,
    message_id: UUID | None,
    said_at: datetime,
    now: datetime,
) -> None:
    """Adds what the contact said. The caller holds the conversation.

    Waits for sends to them that are just being begun, and lets no other begin before the session ends.
    """
    await hold_alone(session, conversation)
    session.add(
        ConsentEntry(
            contact_id=conversation.contact_id,
            channel_account_id=conversation.channel_account_id,
            conversation_id=conversation.id,
            message_id=message_id,
            word=word,
            scope=scope,
            told_by=told_by,
            # A provider's clock that runs ahead decides nothing of what is said later.
            said_at=min(said_at, now),
            created_at=now,
        )
    )
    await session.flush()


async def hold(session: AsyncSession, conversation: Conversation) -> None:
    """Keeps what the contact said as it is until the session ends; many may hold it at once."""
    key = _lock_key(conversation)
    await session.execute(select(func.pg_advisory_xact_lock_shared(func.hashtextextended(key, LOCKS))))


async def hold_alone(session: AsyncSession, conversation: Conversation) -> None:
    """The same for one holder, who is about to write."""
    key = _lock_key(conversation)
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, LOCKS))))


async def of_contact(
    session: AsyncSession, contact_id: UUID
) -> Sequence[tuple[Conversation, ChannelAccount, Sequence[ConsentEntry]]]:
    """Every conversation of a contact with its account and what was said there, oldest first."""
    rows = await session.execute(
        select(Conversation, ChannelAccount)
        .join(ChannelAccount, ChannelAccount.id == Conversation.channel_account_id)
        .where(Conversation.contact_id == contact_id)
        .order_by(ChannelAccount.name, Conversation.created_at)
    )
    found = [(row.Conversation, row.ChannelAccount) for row in rows]
    entries = (
        await session.scalars(
            select(ConsentEntry)
            .where(ConsentEntry.conversation_id.in_([conversation.id for conversation, _ in found]))
            .order_by(ConsentEntry.said_at, ConsentEntry.number)
        )
    ).all()
    return [
        (conversation, account, [entry for entry in entries if entry.conversation_id == conversation.id])
        for conversation, account in found
    ]


def _same_person(conversation: Conversation) -> Select[UUID]:
    return select(Conversation.id).where(
        Conversation.contact_id == conversation.contact_id,
        Conversation.channel_account_id == conversation.channel_account_id,
    )


def _age(entry: ConsentEntry) -> tuple[datetime, int]:
    return entry.said_at, entry.number


def _lock_key(conversation: Conversation) -> str:
    return f"{conversation.contact_id}:{conversation.channel_account_id}"
