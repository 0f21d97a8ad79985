"""A person's account: its password, and the trail of what befell it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.tenants import attempts, passwords, sessions
from commerce_api.tenants.account_models import AccountAction, AccountEvent, PasswordLink
from commerce_api.tenants.models import User


async def set_password(session: AsyncSession, user: User, new: str, now: datetime) -> None:
    """Gives the user a password: sessions, bearer tokens and reset links from before end."""
    user.password_hash = await passwords.make_hash(new)
    await sessions.end_all(session, user, now)
    await session.execute(delete(PasswordLink).where(PasswordLink.user_id == user.id))
    await attempts.forget(session, user.email)


async def note(
    session: AsyncSession,
    user: User,
    action: AccountAction,
    now: datetime,
    *,
    source: str | None = None,
    **facts: str,
) -> None:
    """Writes down what befell the account; ``facts`` hold no secret."""
    session.add(AccountEvent(user_id=user.id, action=action, source=source, facts=facts, at=now))
    await session.flush()


async def events(session: AsyncSession, user_id: UUID, *, most: int = 20) -> list[AccountEvent]:
    """What befell the account lately, newest first."""
    found = await session.scalars(
        select(AccountEvent)
        .where(AccountEvent.user_id == user_id)
        .order_by(AccountEvent.at.desc(), AccountEvent.id)
        .limit(most)
    )
    return list(found)
