"""A message that could not be delivered: a person is asked for, with the reason, where a person can help."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import Receipt
from commerce_api.conversations import consent, errors, handing, ledger, notices, queries
from commerce_api.conversations.models import Conversation, DeliveryStatus, Message, MessagePart
from commerce_api.conversations.outbound_models import Scope

# The shopper stopped us, at the provider or here: nobody at the shop can help, or may.
# Twilio 21610; Africa's Talking 406 (UserInBlacklist); Meta 131050 (offers alone).
STOPPED = {"21610": Scope.ALL, "406": Scope.ALL, "131050": Scope.MARKETING}
NOBODY_HELPS = frozenset({errors.OPTED_OUT, "tenant_suspended", *STOPPED})


async def tell(session: AsyncSession, conversation: Conversation, code: str, now: datetime) -> None:
    """Hands the conversation to a person; a provider's word that the shopper stopped us goes to the ledger.

    The caller holds the conversation.
    """
    scope = STOPPED.get(code)
    if scope is not None:
        await consent.refused_by_provider(session, conversation, now, scope=scope)
    if code not in NOBODY_HELPS:
        await handing.hand_off(session, conversation, f"undelivered: {code}", now)


async def concerned(
    session: AsyncSession, account_id: UUID, failures: Sequence[Receipt]
) -> list[tuple[Conversation, UUID, str]]:
    """The messages that ``failures`` are news of: each one's conversation, held, its id and the code.

    To be asked for before a message is held: whoever holds both takes the conversation first. Where the news
    is that the shopper stopped us, what they said is held as well: whoever sends holds it before a message.
    """
    codes = {receipt.provider_message_id: receipt.error_code or "failed" for receipt in failures}
    if not codes:
        return []
    rows = await session.execute(
        select(Message.conversation_id, Message.id, MessagePart.provider_message_id)
        .join(MessagePart, MessagePart.message_id == Message.id)
        .where(
            MessagePart.channel_account_id == account_id,
            MessagePart.provider_message_id.in_(codes),
            Message.status != DeliveryStatus.FAILED,
        )
        .order_by(Message.conversation_id)
    )
    found = [
        (await queries.lock(session, row.conversation_id), row.id, codes[row.provider_message_id])
        for row in rows.all()
    ]
    stopped = [conversation for conversation, _, code in found if code in STOPPED]
    for conversation in sorted(stopped, key=lambda one: (one.contact_id, one.channel_account_id)):
        await ledger.hold_alone(session, conversation)
    return found


async def told(
    session: AsyncSession,
    account_id: UUID,
    concerned: Sequence[tuple[Conversation, UUID, str]],
    now: datetime,
) -> None:
    """Receipts were applied: of the ``concerned`` messages those that failed by it ask for a person."""
    for conversation, message_id, code in concerned:
        status = await session.scalar(select(Message.status).where(Message.id == message_id))
        if status is not DeliveryStatus.FAILED:
            continue
        await tell(session, conversation, code, now)
        if code in notices.WHAT_TO_DO:
            await notices.open_for(session, account_id, code, None, now)
