"""The order in which a conversation's messages are answered: as the shopper said them, not as they came.

Providers deliver side by side and again, so a message may come before the one said before it. Its place is
``(said_at, position)``: the provider's time, which Meta gives in whole seconds, then the order of arrival.
The first message after a silence is held back for a moment, so that an earlier one on its way can still come
before it; those behind a turn that is under way wait for that alone. A message older than one that was
answered already is answered next. ``position`` itself counts arrivals and never changes.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundMessage
from commerce_api.conversations.accounts import SHELL
from commerce_api.conversations.models import Conversation, Turn, TurnState
from commerce_api.core.rows import Row, settle
from commerce_api.core.statements import Statement

# Four quick messages wait four times at most, which makes less than 300 ms.
HOLD_BACK = timedelta(milliseconds=70)
# What comes this late comes from a provider's backlog, which is delivered in no order and slowly.
OVERDUE = timedelta(minutes=1)
BACKLOG_HOLD_BACK = timedelta(seconds=2)
OPEN = (TurnState.PENDING, TurnState.CLAIMED)

TURN = Row(Turn, "turn")
NEXT = Statement(
    "select max(lease_until) filter (where state = 'claimed') as leased,"
    " min(due_at) filter (where state = 'pending') as due from turns"
    " where tenant_id = %(tenant)s and conversation_id = %(conversation)s and state in ('pending', 'claimed')"
    " and id is distinct from %(ended)s"
)


def said_at(sent_at: datetime, now: datetime) -> datetime:
    """Where in the thread a message stands: a provider's clock that runs ahead is not believed."""
    return min(sent_at, now)


def due_at(conversation: Conversation, message: InboundMessage, now: datetime) -> datetime:
    """When the turn of a message that came now may be claimed.

    Nothing overtakes anything where each message waits for the answer to the last (USSD), nor in the
    developers' shell.
    """
    if message.session_id is not None or conversation.channel == SHELL:
        return now
    return now + (BACKLOG_HOLD_BACK if now - message.sent_at > OVERDUE else HOLD_BACK)


async def add_turn(
    session: AsyncSession,
    conversation: Conversation,
    message_id: UUID,
    *,
    position: int,
    said: datetime,
    due: datetime,
    now: datetime | None = None,
) -> bool:
    """Has the assistant answer a message from ``due`` on; whether that is the only turn open.

    Behind others it waits for them: the time for those before it to come has begun with the first. The caller
    holds the conversation. ``now`` is ``due`` unless it is held back.
    """
    await TURN.insert(
        session,
        tenant_id=conversation.tenant_id,
        id=uuid4(),
        conversation_id=conversation.id,
        message_id=message_id,
        position=position,
        said_at=said,
        due_at=due,
        state=TurnState.PENDING,
        attempts=0,
        created_at=now or due,
    )
    if conversation.turn_due_at is not None:
        return False
    conversation.turn_due_at = due
    return True


async def reschedule(session: AsyncSession, conversation: Conversation, ended: Turn | None = None) -> None:
    """Works out anew when the conversation's next turn may be claimed. The caller holds the conversation.

    To be called whenever a turn was ended or given away. One that is ``ended`` needn't have been written yet.
    """
    if ended is None or session.new:
        await settle(session)
    facts = {"tenant": conversation.tenant_id, "conversation": conversation.id}
    found = await NEXT.first(session, ended=ended.id if ended else None, **facts)
    conversation.turn_due_at = found.leased or found.due
