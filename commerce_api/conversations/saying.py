"""What a seller says: held to the consent ledger and the reply window, and theirs from here on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import OutboundMessage
from channels.registry import PROVIDERS
from commerce_api.conversations import handing, ledger, outbox, queries, ways
from commerce_api.conversations.errors import ContactOptedOut, ReplyWindowClosed
from commerce_api.conversations.models import Author, Conversation, Message


async def say(
    session: AsyncSession,
    conversation_id: UUID,
    message: OutboundMessage,
    *,
    seller_id: UUID,
    now: datetime,
    takes_over: bool = True,
) -> Message:
    """A seller says something, and has the conversation from here on unless told otherwise; it is queued.

    Raises NotFound; ContactOptedOut when the shopper wants none; ReplyWindowClosed when the channel takes no
    free-form message now.
    """
    conversation = await queries.lock(session, conversation_id)
    if (await ledger.standing(session, conversation)).is_stopped:
        raise ContactOptedOut
    if message.template is None and not takes_free_form(conversation, now):
        raise ReplyWindowClosed
    if takes_over:
        await handing.take_over(session, conversation, seller_id, now)
    said = await outbox.enqueue(
        session, conversation, [message], author=Author.SELLER, now=now, seller_id=seller_id
    )
    return await queries.message(session, said[0])


def takes_free_form(conversation: Conversation, now: datetime) -> bool:
    """Whether the conversation's channel takes a message now that is no template."""
    return ways.takes_free_form(conversation, PROVIDERS.get(conversation.channel), now)
