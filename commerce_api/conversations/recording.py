"""One webhook, one transaction: what shoppers wrote and what providers say of our messages, stored once.

A webhook may speak for several sellers. Each account is found by the seller's receiving address, and only
believed when the signature was made with that account's secret. Conversations are taken in one order,
whatever order the webhook has them in, so that two webhooks never wait for each other in a ring.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, InboundMessage, Receipt
from commerce_api.conversations import accounts, cleaning, receipts, reporting, switching
from commerce_api.conversations.arriving import Arrivals
from commerce_api.conversations.belongings import Belongings
from commerce_api.conversations.claiming import Claimant
from commerce_api.conversations.contacts import Register
from commerce_api.conversations.models import QuarantinedPart
from commerce_api.conversations.schemas import InboundWrite, RecordedRead, TurnRead, WaitingRead
from commerce_api.core.rows import settle
from commerce_api.core.secrets import Vault

log = structlog.get_logger(__name__)

LONGEST_ID = 512
WORDS = ("text", "sender_name", "sender_username", "choice_id", "emoji", "shared_phone", "session_id")
ADDRESSES = ("moved_to", "quoted_message_id")
FORGED = ("unknown_account", "wrong_secret")
UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, OverflowError)


async def record_inbound(
    session: AsyncSession,
    vault: Vault,
    webhook: InboundWrite,
    now: datetime,
    belongings: Sequence[Belongings] = (),
) -> RecordedRead:
    """Stores a verified webhook; claims for its worker the turns that may run at once, names those held back.

    What was stored before counts as a duplicate and has no further effect. What can't be read, or speaks for
    an account it may not, is put aside outside every tenant and counted as refused; as forged too where
    whoever signed it has no such account. ``belongings`` move when the webhook tells that two contacts are
    one person.
    """
    recording = _Recording(session, vault, webhook, now, belongings)
    messages = await recording.read_each(webhook.messages, _message)
    told = await recording.read_each(webhook.receipts, _receipt)
    told = await reporting.name_accounts(session, webhook.channel, told)
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
        forged=recording.forged,
        turns=recording.turns,
        waiting=recording.waiting,
    )


@dataclass
class _Recording:
    session: AsyncSession
    vault: Vault
    webhook: InboundWrite
    now: datetime
    belongings: Sequence[Belongings]
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    forged: int = 0
    turns: list[TurnRead] = field(default_factory=list)
    waiting: list[WaitingRead] = field(default_factory=list)

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
                # A receipt that names no account and whose message isn't known claims nobody's.
                self.forged += address != "" and str(refusal) in FORGED
            return
        for home, written in await switching.homes(self.session, account, messages) if messages else ():
            register = Register(self.session, home, self.belongings, self.now)
            taken = await Arrivals(register, Claimant(self.webhook.worker, self.webhook.call)).take(written)
            self.accepted += taken.accepted
            self.duplicates += taken.duplicates
            self.turns += taken.turns
            self.waiting += taken.waiting
        if told:
            new, known = await receipts.record(self.session, account, told, self.now)
            self.accepted += new
            self.duplicates += known
        # The next address may be another tenant's, whom these rows are not to be written as.
        await settle(self.session)


def _message(data: dict[str, Any]) -> InboundMessage:
    message = InboundMessage.from_json(data)
    _check(message.provider_message_id, message.account, message.sender, *message.sender_ids)
    for name in WORDS:
        if not isinstance(getattr(message, name), str | None):
            raise TypeError(f"{name} is text")
    for name in ADDRESSES:
        if getattr(message, name) is not None:
            _check(getattr(message, name))
    if message.kind is InboundKind.EVENT:
        raise ValueError("events are our own")
    return message


def _receipt(data: dict[str, Any]) -> Receipt:
    receipt = Receipt.from_json(data)
    # Africa's Talking names none.
    _check(receipt.provider_message_id, *(() if receipt.account == "" else (receipt.account,)))
    return receipt


def _check(*ids: Any) -> None:
    if not all(isinstance(value, str) and 0 < len(value) <= LONGEST_ID for value in ids):
        raise ValueError("an id is missing or too long")
