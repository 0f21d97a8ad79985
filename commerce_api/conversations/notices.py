"""What a seller must put right about a channel account, by the provider's word; open until a message goes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations import cleaning
from commerce_api.conversations.outbound_models import AccountNotice
from commerce_api.core import tenancy
from commerce_api.core.statements import Statement

log = structlog.get_logger(__name__)

MOST = 20
NEW_ACCESS = (
    "The provider no longer accepts this account's access token. Make a new one at the provider and write it"
    " here, or switch the account to another road."
)
BLOCKED = (
    "The provider has blocked, locked or restricted this account. Appeal with the provider; until then switch"
    " it to another road."
)
PAYMENT = "The provider waits for money: check the payment method or the balance there."
LIMIT = "This account has used up a limit of the provider's. It rises with time and with good ratings."
TEMPLATE = "The provider paused, refused or doesn't know the template. Check it there."
SET_UP = (
    "The number isn't completely set up at the provider: check its registration, its name and its rights."
)
OTHER = "The provider refuses to send for this account. Look at the account there."
# What to do, by the provider's code. Meta: "Cloud API error codes"; Twilio: "Error and warning dictionary".
WHAT_TO_DO = {
    **dict.fromkeys(("0", "190", "401", "20003"), NEW_ACCESS),
    **dict.fromkeys(("368", "131031", "130497", "30002", "20005", "63020"), BLOCKED),
    **dict.fromkeys(("131042", "405", "30037"), PAYMENT),
    **dict.fromkeys(("131048", "131064", "132069", "63018"), LIMIT),
    **dict.fromkeys(("132001", "132007", "132015", "132016", "132068", "131063"), TEMPLATE),
    **dict.fromkeys(
        ("3", "10", "33", "403", "131005", "131037", "131045", "133010", "21606", "63007"), SET_UP
    ),
}

CLOSE = Statement(
    "update account_notices set closed_at = %(now)s"
    " where tenant_id = %(tenant)s and channel_account_id = %(account)s and closed_at is null"
)


def advice(code: str) -> str:
    """What the seller can do about ``code``."""
    return WHAT_TO_DO.get(code, OTHER)


def is_of_account(code: str) -> bool:
    """Whether ``code``, told for the seller, is about the account, and not about one template."""
    return advice(code) != TEMPLATE


async def open_for(
    session: AsyncSession, account_id: UUID, code: str, words: str | None, now: datetime
) -> None:
    """Notes what the provider told us; one notice a code is open at a time, and counts."""
    statement = insert(AccountNotice).values(
        tenant_id=tenancy.current(session),
        id=uuid4(),
        channel_account_id=account_id,
        code=cleaning.text(code, 64) or "refused",
        text=cleaning.text(words, 1024),
        times=1,
        opened_at=now,
        last_at=now,
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "channel_account_id", "code"],
            index_where=text("closed_at is null"),
            set_={
                "times": AccountNotice.times + 1,
                "last_at": now,
                "text": statement.excluded["text"],
            },
        )
    )
    log.error("seller_must_act", account_id=str(account_id), fault=code)


async def close(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    """The account sends again, or was given new credentials: what was open is over."""
    await CLOSE.run(session, tenant=tenancy.current(session), account=account_id, now=now)


async def standing(session: AsyncSession, account_ids: Sequence[UUID]) -> Sequence[AccountNotice]:
    """The accounts' open notices, the latest first."""
    found = await session.scalars(
        select(AccountNotice)
        .where(AccountNotice.channel_account_id.in_(account_ids), AccountNotice.closed_at.is_(None))
        .order_by(AccountNotice.last_at.desc())
    )
    return found.all()


async def latest(session: AsyncSession, account_id: UUID) -> Sequence[AccountNotice]:
    """An account's last twenty notices, the open ones first."""
    found = await session.scalars(
        select(AccountNotice)
        .where(AccountNotice.channel_account_id == account_id)
        .order_by(AccountNotice.closed_at.is_not(None), AccountNotice.last_at.desc())
        .limit(MOST)
    )
    return found.all()
