"""One webhook, one transaction: what shoppers wrote and what providers say of our messages, stored once.

A webhook may speak for several sellers. Each account is found by the seller's receiving address, and only
believed when the signature was made with that account's secret. Conversations are taken in one order,
whatever order the webhook has them in, so that two webhooks never wait for each other in a ring.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, InboundMessage, Receipt
from commerce_api.conversations import (
    accounts,
    choices,
    claiming,
    cleaning,
    contacts,
    dialling,
    outbox,
    receipts,
)
from commerce_api.conversations.models import (
    Author,
    ChannelAccount,
    Conversation,
    Direction,
    HandledBy,
    Message,
    QuarantinedPart,
    Turn,
)
from commerce_api.conversations.schemas import InboundWrite, RecordedRead, TurnRead
from commerce_api.core.secrets import Vault

log = structlog.get_logger(__name__)

REPLY_WINDOW = timedelta(hours=24)
LONGEST_ID = 512
UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, OverflowError)


async def record_inbound(
    session: AsyncSession, vault: Vault, webhook: InboundWrite, now: datetime
) -> RecordedRead:
    """Stores a verified webhook, and claims for its worker the turns that may run at once.

    What was stored before counts as a duplicate and has no further effect. What can't be read, or speaks for
    an account it may not, is put aside outside every tenant and counted as refused.
    """
    recording = _Recording(session, vault, webhook, now)
    messages = await recording.read_each(webhook.messages, _message)
    told = await recording.read_each(webhook.receipts, _receipt)
    for part in webhook.quarantined:
        await recording.put_aside(part.raw, part.reason)
    for address in sorted({message.account for message in messages} | {receipt.account for receipt in told}):
        await recording.record(
            address,
            [message for message in messages if message.account == address],
            [receipt for receipt in told if receipt.account == address],
        )
    return RecordedRead(
        accepted=recording.accepted,
        duplicates=recording.duplicates,
        refused=recording.refused,
        turns=recording.turns,
    )


@dataclass
class _Recording:
    session: AsyncSession
    vault: Vault
    webhook: InboundWrite
    now: datetime
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    turns: list[TurnRead] = field(default_factory=list)

    async def read_each[T](
        self, parts: Iterable[dict[str, Any]], read: Callable[[dict[str, Any]], T]
    ) -> list[T]:
        """Reads each part on its own; one that can't be read is put aside."""
        done: list[T] = []
        for part in parts:
            try:
                done.append(read(cleaning.json_value(part)))
            except UNREADABLE as fault:
                await self.put_aside(part, f"unreadable: {type(fault).__name__}")
        return done

    async def put_aside(self, raw: Any, reason: str) -> None:
        self.refused += 1
        log.warning("webhook_part_refused", channel=self.webhook.channel, reason=reason)
        await self.session.execute(
            insert(QuarantinedPart).values(
                channel=self.webhook.channel,
                secret=self.webhook.secret,
                reason=cleaning.text(reason, 500) or "",
                raw={"part": cleaning.json_value(raw)},
                created_at=self.now,
            )
        )

    async def record(self, address: str, messages: Sequence[InboundMessage], told: Sequence[Receipt]) -> None:
        """Everything of one of the seller's addresses."""
        try:
            account = await accounts.admit(
                self.session, self.vault, self.webhook.channel, address, self.webhook.secret
            )
        except accounts.Refused as refusal:
            for part in [*(message.to_json() for message in messages), *(one.to_json() for one in told)]:
                await self.put_aside(part, str(refusal))
            return
        for sender in sorted({message.sender for message in messages}):
            written = [message for message in messages if message.sender == sender]
            await self.converse(account, sender, sorted(written, key=lambda message: message.sent_at))
        if told:
            new, known = await receipts.record(self.session, account, told, self.now)
            self.accepted += new
            self.duplicates += known
        # The next address may be another tenant's, whom these rows are not to be written as.
        await self.session.flush()

    async def converse(
        self, account: ChannelAccount, sender: str, messages: Sequence[InboundMessage]
    ) -> None:
        """What one shopper wrote, in the order they wrote it."""
        name = next((message.sender_name for message in messages if message.sender_name), None)
        conversation = await contacts.conversation_with(
            self.session, account, sender, name=cleaning.text(name, 200), now=self.now
        )
        for message in messages:
            step = await dialling.read(self.session, conversation, message, self.now)
            message_id = await _store(self.session, conversation, step.message if step else message, self.now)
            if message_id is None:
                self.duplicates += 1
                continue
            self.accepted += 1
            _note(conversation, message, self.now)
            if step is not None:
                await dialling.follow(self.session, conversation, step, message_id, self.now)
            asks = _asks(message) if step is None else step.is_for_assistant
            if asks and conversation.handled_by is not HandledBy.SELLER:
                await add_turn(self.session, conversation, message_id, self.now)
        turn = await claiming.claim_next(self.session, conversation, self.webhook.worker, self.now)
        if turn is not None:
            self.turns.append(turn)


async def add_turn(
    session: AsyncSession, conversation: Conversation, message_id: UUID, now: datetime
) -> None:
    """Has the assistant answer the message that was stored last. The caller holds the conversation."""
    session.add(
        Turn(
            conversation_id=conversation.id,
            message_id=message_id,
            position=conversation.next_position - 1,
            created_at=now,
        )
    )
    await session.flush()


async def store(session: AsyncSession, conversation: Conversation, **columns: Any) -> UUID | None:
    """Stores an inbound message; None when the account has one by that provider's id already."""
    statement = upsert(Message).values(
        tenant_id=conversation.tenant_id,
        id=uuid4(),
        conversation_id=conversation.id,
        channel_account_id=conversation.channel_account_id,
        position=conversation.next_position,
        direction=Direction.INBOUND,
        **columns,
    )
    stored = await session.scalar(statement.on_conflict_do_nothing().returning(Message.id))
    if stored is not None:
        outbox.take_position(conversation)
    return stored


async def _store(
    session: AsyncSession, conversation: Conversation, message: InboundMessage, now: datetime
) -> UUID | None:
    body = message.to_json()
    raw = body.pop("raw")
    if message.kind is InboundKind.CHOICE:
        body["choice"] = await choices.chosen(session, conversation.id, message.choice_id)
    caption = message.media.caption if message.media else None
    return await store(
        session,
        conversation,
        kind=message.kind.value,
        author=Author.SHOPPER,
        text=cleaning.text(message.text if message.text is not None else caption),
        body=body,
        raw=raw,
        provider_message_id=message.provider_message_id,
        sent_at=message.sent_at,
        created_at=now,
    )


def _note(conversation: Conversation, message: InboundMessage, now: datetime) -> None:
    conversation.last_message_at = now
    if message.kind is InboundKind.SYSTEM:
        return
    conversation.unread += 1
    # A provider's clock that runs ahead opens no longer window.
    until = min(message.sent_at, now) + REPLY_WINDOW
    conversation.reply_window_until = max(until, conversation.reply_window_until or until)


def _asks(message: InboundMessage) -> bool:
    """Whether it is for the assistant: not the provider's own notices, nor a reaction taken back."""
    if message.kind is InboundKind.REACTION:
        return bool(message.emoji)
    return message.kind is not InboundKind.SYSTEM


def _message(data: dict[str, Any]) -> InboundMessage:
    message = InboundMessage.from_json(data)
    _check(message.provider_message_id, message.account, message.sender)
    optional = (message.text, message.sender_name, message.choice_id, message.emoji)
    if not all(isinstance(value, str | None) for value in optional):
        raise TypeError("text, name, choice and emoji are text")
    if message.kind is InboundKind.EVENT:
        raise ValueError("events are our own")
    return message


def _receipt(data: dict[str, Any]) -> Receipt:
    receipt = Receipt.from_json(data)
    _check(receipt.provider_message_id, receipt.account)
    return receipt


def _check(*ids: Any) -> None:
    if not all(isinstance(value, str) and 0 < len(value) <= LONGEST_ID for value in ids):
        raise ValueError("an id is missing or too long")
