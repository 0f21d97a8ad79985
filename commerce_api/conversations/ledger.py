"""The consent ledger: what each contact said of being written to on each channel account.

Append-only. It is read before anything is queued and again before anything leaves, so no send can ignore it.
The contact of a conversation is looked up as they are known today: after two contacts turned out to be one,
what either said holds for both, and no longer when the merge is undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import ConsentWord
from commerce_api.conversations.models import ChannelAccount, Conversation
from commerce_api.conversations.outbound_models import ConsentEntry, Scope, ToldBy
from commerce_api.core.statements import Statement

# The second key of advisory locks on consent; contacts and receipts have others.
LOCKS = 2
# The kind of a message that confirms a STOP or START, the only one that may follow a STOP.
CONFIRMATION = "consent"
MOST_READ = 100

# Of the person: not by the contact as it was read, since a merge may have moved the conversation meanwhile.
SAID = Statement(
    "select e.word, e.scope, e.message_id from conversations itself"
    " join conversations c on c.tenant_id = itself.tenant_id and c.contact_id = itself.contact_id"
    " and c.channel_account_id = %(account)s"
    " join consent_entries e on e.tenant_id = c.tenant_id and e.conversation_id = c.id"
    " where itself.tenant_id = %(tenant)s and itself.id = %(conversation)s"
    " order by e.said_at desc, e.number desc limit %(most)s"
)
HOLD = Statement("select pg_advisory_xact_lock_shared(hashtextextended(%(key)s, %(locks)s))")
CONTACT = Statement(
    "select contact_id from conversations where tenant_id = %(tenant)s and id = %(conversation)s"
)


@dataclass(frozen=True)
class Standing:
    """What holds now. ``stops`` are the messages that said the STOP that holds, if one does, once or oftener.

    ``is_marketing_stopped``: no templates, whether or not anything else may be sent.
    """

    is_stopped: bool = False
    is_marketing_stopped: bool = False
    stops: frozenset[UUID] = frozenset()

    def allows(self, *, kind: str, reply_to_id: UUID | None, is_template: bool) -> bool:
        """Whether a message may go out: after a STOP its confirmation alone."""
        if self.is_stopped:
            return kind == CONFIRMATION and reply_to_id in self.stops
        return not (is_template and self.is_marketing_stopped)


async def standing(session: AsyncSession, conversation: Conversation) -> Standing:
    """What the conversation's contact last said on its channel account."""
    found = await SAID.all(
        session,
        tenant=conversation.tenant_id,
        conversation=conversation.id,
        account=conversation.channel_account_id,
        most=MOST_READ,
    )
    # START takes everything back that was stopped before it.
    since = list(takewhile(lambda entry: not _undoes_all(entry), found))
    stops = [entry for entry in since if entry.scope == Scope.ALL]
    marketing = next((entry for entry in since if entry.scope == Scope.MARKETING), None)
    return Standing(
        is_stopped=bool(stops),
        is_marketing_stopped=bool(stops) or (marketing is not None and marketing.word == ConsentWord.STOP),
        stops=frozenset(entry.message_id for entry in stops if entry.message_id is not None),
    )


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
    """Keeps what the contact said as it is until the session ends; many may hold it at once.

    The conversation needn't be held: when a merge gave it to another contact meanwhile, it is theirs that
    is kept, and ``conversation`` is read anew.
    """
    itself = {"tenant": conversation.tenant_id, "conversation": conversation.id}
    while True:
        await HOLD.run(session, key=_lock_key(conversation), locks=LOCKS)
        # Asked for after the lock was given: a statement doesn't see what was committed while it waited.
        row = await CONTACT.first(session, **itself)
        if row.contact_id == conversation.contact_id:
            return
        await session.refresh(conversation, ["contact_id"])


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


def _undoes_all(entry: Any) -> bool:
    return bool(entry.word == ConsentWord.START and entry.scope == Scope.ALL)


def _lock_key(conversation: Conversation) -> str:
    return f"{conversation.contact_id}:{conversation.channel_account_id}"
