"""Channel accounts and consent as people read them."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations import ledger, notices, queries
from commerce_api.conversations.account_schemas import (
    AccountNoticeRead,
    ChannelAccountRead,
    ConsentEntryRead,
    ConsentRead,
)
from commerce_api.conversations.models import ChannelAccount
from commerce_api.conversations.outbound_models import AccountNotice
from commerce_api.core.listing import ListParams, Page


async def accounts_page(session: AsyncSession, params: ListParams) -> Page[ChannelAccountRead]:
    """The tenant's numbers with their open notices. Raises SortUnknown."""
    found = await queries.channel_accounts(session, params)
    return Page(await _described(session, found.items), found.total)


async def account(session: AsyncSession, one: ChannelAccount) -> ChannelAccountRead:
    """One number with its open notices."""
    return (await _described(session, [one]))[0]


async def notices_of(session: AsyncSession, one: ChannelAccount) -> list[AccountNoticeRead]:
    """A number's latest notices, the open ones first."""
    return [_notice(notice) for notice in await notices.latest(session, one.id)]


async def consent_of(session: AsyncSession, contact_id: UUID) -> list[ConsentRead]:
    """What a shopper said on each of the tenant's numbers. Raises NotFound."""
    await queries.contact(session, contact_id)
    return [
        ConsentRead(
            channel_account_id=account.id,
            channel=account.channel,
            conversation_id=conversation.id,
            is_stopped=standing.is_stopped,
            is_marketing_stopped=standing.is_marketing_stopped,
            entries=[ConsentEntryRead.model_validate(entry) for entry in entries],
        )
        for conversation, account, entries in await ledger.of_contact(session, contact_id)
        for standing in [await ledger.standing(session, conversation)]
    ]


async def _described(session: AsyncSession, found: Sequence[ChannelAccount]) -> list[ChannelAccountRead]:
    open_ones: defaultdict[UUID, list[AccountNoticeRead]] = defaultdict(list)
    for notice in await notices.standing(session, [one.id for one in found]):
        open_ones[notice.channel_account_id].append(_notice(notice))
    return [
        ChannelAccountRead.model_validate(one).model_copy(update={"notices": open_ones[one.id]})
        for one in found
    ]


def _notice(notice: AccountNotice) -> AccountNoticeRead:
    return AccountNoticeRead(
        code=notice.code,
        text=notice.text,
        what_to_do=notices.advice(notice.code),
        times=notice.times,
        opened_at=notice.opened_at,
        last_at=notice.last_at,
        closed_at=notice.closed_at,
    )
