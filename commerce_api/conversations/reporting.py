"""Whose receipts they are when the provider doesn't say: Africa's Talking tells the shopper's number only."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import Receipt


async def name_accounts(session: AsyncSession, channel: str, told: Sequence[Receipt]) -> list[Receipt]:
    """The receipts, each with its account's address; one whose message isn't known keeps an empty one."""
    return [receipt if receipt.account else await _named(session, channel, receipt) for receipt in told]


async def _named(session: AsyncSession, channel: str, receipt: Receipt) -> Receipt:
    found: str | None = await session.scalar(
        text("select lookup.account_of_sent(:channel, :id)"),
        {"channel": channel, "id": receipt.provider_message_id},
    )
    return replace(receipt, account=found or "")
