"""Whose receipts they are when the provider doesn't say: Africa's Talking tells the shopper's number only."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import Receipt


async def name_accounts(session: AsyncSession, channel: str, told: Sequence[Receipt]) -> list[Receipt]:
    """The receipts, each with its account's address; one whose message isn't known keeps an empty one.

    A receipt may come before its message's id is written down: then it is of what is being sent to its
    recipient just now, by whichever one account is sending.
    """
    return [receipt if receipt.account else await _named(session, channel, receipt) for receipt in told]


async def _named(session: AsyncSession, channel: str, receipt: Receipt) -> Receipt:
    found: str | None = await session.scalar(
        text(
            "select coalesce(lookup.account_of_sent(:channel, :id),"
            " lookup.account_of_sending(:channel, :recipient))"
        ),
        {"channel": channel, "id": receipt.provider_message_id, "recipient": receipt.recipient or ""},
    )
    return replace(receipt, account=found or "")
