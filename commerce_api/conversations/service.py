"""What other modules and the endpoints may do with a conversation."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, OutboundMessage
from commerce_api.conversations import (
    accounts,
    cleaning,
    contacts,
    handing,
    linking,
    ordering,
    queries,
    saying,
    share_refs,
    steps,
    storing,
)
from commerce_api.conversations.contact_models import LinkCode
from commerce_api.conversations.models import Author, Conversation, Message
from commerce_api.conversations.opening import is_open
from commerce_api.conversations.schemas import ShopConversationRead
from commerce_api.conversations.step_models import StepKind

__all__ = ["StepKind"]

conversation = queries.conversation
enter_conversation = queries.enter_conversation
lock = queries.lock
hand_off = handing.hand_off
note = steps.note
send = saying.say
accounts_in_use = queries.accounts_in_use
ref_of = share_refs.ref_of


async def record_event(
    session: AsyncSession,
    conversation_id: UUID,
    *,
    intent: str,
    entities: dict[str, Any],
    key: str,
    now: datetime,
) -> UUID | None:
    """Has the assistant tell the shopper of something that happened: a payment, an order on its way.

    The session has entered the conversation's tenant. ``key`` names the happening: told again with the same
    key, nothing more happens and None is returned; else the id of the event's message. The assistant reads it
    as a tap with this intent and these entities, whoever handles the conversation. Raises NotFound.
    """
    conversation = await queries.lock(session, conversation_id)
    choice = {"title": intent, "intent": intent, "entities": entities, "description": None}
    message_id = await storing.store(
        session,
        conversation,
        kind=InboundKind.EVENT.value,
        author=Author.SYSTEM,
        body={"choice": cleaning.json_value(choice)},
        provider_message_id=f"event:{key}",
        sent_at=now,
        created_at=now,
    )
    if message_id is not None:
        await ordering.add_turn(
            session, conversation, message_id, position=conversation.next_position - 1, said=now, due=now
        )
        await session.flush()
    return message_id


async def remember(
    session: AsyncSession, conversation: Conversation, *, name: str | None, language: str | None
) -> None:
    """Keeps what the shopper told of themselves; None changes nothing."""
    conversation.contact.name = cleaning.text(name, 200) or conversation.contact.name
    conversation.contact.language = language or conversation.contact.language
    await session.flush()


async def say(
    session: AsyncSession, conversation_id: UUID, *, text: str, seller_id: UUID, now: datetime
) -> Message:
    """A seller answers, and has the conversation from here on; the message, queued.

    Raises NotFound; ContactOptedOut when the shopper wants none; ReplyWindowClosed when the channel takes no
    free-form message now.
    """
    message = OutboundMessage(cleaning.text(text) or "")
    return await saying.say(session, conversation_id, message, seller_id=seller_id, now=now)


async def take_over(
    session: AsyncSession, conversation_id: UUID, seller_id: UUID, now: datetime
) -> Conversation:
    """A seller has the conversation from here on. Raises NotFound."""
    conversation = await queries.lock(session, conversation_id)
    await handing.take_over(session, conversation, seller_id, now)
    return conversation


async def hand_back(
    session: AsyncSession, conversation_id: UUID, now: datetime, *, user_id: UUID | None = None
) -> Conversation:
    """The assistant has the conversation from here on; ``user_id`` is who says so. Raises NotFound."""
    conversation = await queries.lock(session, conversation_id)
    handing.hand_back(session, conversation, now, user_id=user_id)
    return conversation


async def offer_link(session: AsyncSession, conversation_id: UUID, now: datetime) -> LinkCode:
    """Has a code told to the shopper that joins another chat of theirs to this one. Raises NotFound."""
    return await linking.offer(session, await queries.lock(session, conversation_id), now)


async def open_shell(session: AsyncSession, slug: str, sender: str, now: datetime) -> Conversation:
    """A developer's conversation with the tenant of this slug, made if need be. Raises NotFound."""
    account = await accounts.shell_account(session, slug, now)
    return await contacts.conversation_with(session, account, sender, name=None, now=now)


def facts(conversation: Conversation, now: datetime) -> ShopConversationRead:
    """The shop and the shopper as the bot side reads them; ``tenant`` and ``contact`` are loaded."""
    shop, contact = conversation.tenant, conversation.contact
    return ShopConversationRead(
        id=conversation.id,
        channel=conversation.channel,
        handled_by=conversation.handled_by,
        shop_name=shop.name,
        currency=shop.currency,
        languages=shop.languages,
        contact_name=contact.name,
        language=contact.language,
        shop_address=shop.address,
        hours=shop.hours,
        is_open=is_open(shop.opening, shop.timezone, now),
        opening=shop.opening,
        returns_policy=shop.returns_policy,
        local_time=now.astimezone(ZoneInfo(shop.timezone)),
    )
