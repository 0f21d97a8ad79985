"""Turns given back: a process that stops keeps nobody waiting for the leases of what it won't run."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations import claiming, ordering
from commerce_api.conversations.models import Conversation, Turn, TurnState
from commerce_api.core import tenancy

# A lease that was given just now ends after any that this may compare it with.
ANY_LEASE = 2 * claiming.LEASE


async def release(session: AsyncSession, worker: str, now: datetime) -> int:
    """Gives back every turn leased to ``worker``, as if it had never been claimed; how many those were.

    The worker must not run or finish them any more. A conversation that another holds this moment is passed
    over: its turn waits for its lease.
    """
    released = 0
    held_by = {"worker": worker, "until": now + ANY_LEASE, "in_hand": []}
    # The look-up tells a few at a time.
    while rows := (await session.execute(claiming.HELD_BY, held_by)).all():
        before = released
        for row in rows:
            await tenancy.enter(session, row.tenant_id)
            released += await _release(session, row.conversation_id, worker)
            # The next may be another tenant's, whom these rows are not to be written as.
            await session.flush()
        if released == before:
            break
    return released


async def _release(session: AsyncSession, conversation_id: UUID, worker: str) -> bool:
    conversation = await session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update(of=Conversation, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if conversation is None:
        return False
    turn = await session.scalar(
        select(Turn)
        .where(
            Turn.conversation_id == conversation.id,
            Turn.state == TurnState.CLAIMED,
            Turn.worker == worker,
        )
        .execution_options(populate_existing=True)
    )
    if turn is None:
        return False
    turn.state, turn.worker, turn.claim_id, turn.lease_until = TurnState.PENDING, None, None, None
    turn.attempts -= 1
    await ordering.reschedule(session, conversation)
    return True
