"""The end of a turn: its replies go to the outbox, or the shopper is told that it died. Never silence."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, OutboundMessage
from commerce_api.conversations import claiming, outbox, talks
from commerce_api.conversations.errors import LeaseLost
from commerce_api.conversations.models import Author, Conversation, HandledBy, Turn, TurnState
from commerce_api.conversations.ordering import TURN
from commerce_api.conversations.schemas import NextTurnRead
from commerce_api.core import tenancy
from commerce_api.core.errors import NotFound
from commerce_api.core.statements import Statement

SILENT = "silent"
# Neither asks for an answer: a thumb under a message, and news the assistant may find nothing to say to.
MAY_BE_SILENT = (InboundKind.REACTION.value, InboundKind.EVENT.value)
TENANT_OF = Statement(
    "select found.tenant_id, set_config('app.tenant_id', found.tenant_id::text, true)"
    " from lookup.tenant_of_turn(%(turn)s) as found (tenant_id) where tenant_id is not null"
)
HELD_BY_TURN = Statement(
    "select {talk} where c.tenant_id = %(tenant)s and c.id ="
    " (select conversation_id from turns where tenant_id = %(tenant)s and id = %(turn)s) for update of c",
    talk=talks.CONVERSATIONS,
)
# Asked for once the conversation is held: a statement doesn't see what was committed while it waited.
ITSELF = Statement(
    "select {turn}, m.kind from turns turn"
    " join messages m on m.tenant_id = turn.tenant_id and m.id = turn.message_id"
    " where turn.tenant_id = %(tenant)s and turn.id = %(turn)s",
    turn=TURN.columns,
)
OVER = (TurnState.DONE, TurnState.FAILED, TurnState.SKIPPED)


async def finish(
    session: AsyncSession,
    turn_id: UUID,
    worker: str,
    replies: Sequence[OutboundMessage],
    *,
    failure: str | None,
    now: datetime,
    claim_next: bool = True,
) -> NextTurnRead:
    """Ends ``worker``'s turn and claims the conversation's next for it, or says how long that is held back.

    Without ``claim_next`` that one is left to others. Replies are kept back when a seller took over
    meanwhile. With a ``failure``, or nothing to say, the shopper reads a holding message and a person is
    asked for. Told again by the same worker, nothing happens twice. Raises NotFound, and LeaseLost when
    another process has the turn.
    """
    conversation, turn, kind = await _hold(session, turn_id)
    if turn.worker != worker:
        raise LeaseLost
    is_told_again = turn.state in OVER
    if not is_told_again:
        await _end(session, conversation, turn, replies, kind=kind, failure=failure, now=now)
    if not claim_next:
        return NextTurnRead(turn=None)
    claimant = claiming.Claimant(worker)
    # What the first telling gave its caller, who didn't hear: the turn it claimed for them.
    if is_told_again and (given := await claiming.held_by(session, conversation, claimant, now)):
        return NextTurnRead(turn=given)
    return await claiming.next_turn(session, conversation, claimant, now)


async def _end(
    session: AsyncSession,
    conversation: Conversation,
    turn: Turn,
    replies: Sequence[OutboundMessage],
    *,
    kind: str,
    failure: str | None,
    now: datetime,
) -> None:
    if conversation.handled_by is HandledBy.SELLER and kind != InboundKind.EVENT.value:
        await claiming.end(session, conversation, turn, TurnState.SKIPPED, now)
        return
    await outbox.enqueue(
        session, conversation, replies, author=Author.ASSISTANT, now=now, reply_to_id=turn.message_id
    )
    if failure is None and not replies and kind not in MAY_BE_SILENT:
        failure = SILENT
    if failure is None:
        await claiming.end(session, conversation, turn, TurnState.DONE, now)
    else:
        await claiming.give_up(session, conversation, turn, failure, now, said_before=len(replies))


async def _hold(session: AsyncSession, turn_id: UUID) -> tuple[Conversation, Turn, str]:
    """The turn, the kind of its message, and its conversation, held. Raises NotFound."""
    if await tenancy.enter_found(session, TENANT_OF, turn=turn_id) is None:
        raise NotFound
    conversation = await talks.find(session, HELD_BY_TURN, turn=turn_id)
    if conversation is None:
        raise NotFound
    row = await ITSELF.first(session, tenant=conversation.tenant_id, turn=turn_id)
    return conversation, TURN.read(session, row), row.kind
