"""Signing in: one answer in one time for an unknown user and a wrong password, and not too often."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.tenants import accounts, attempts, passwords
from commerce_api.tenants.account_models import AccountAction
from commerce_api.tenants.errors import PasswordWrong, SignInRefused, TooManySignIns
from commerce_api.tenants.models import User

MOST_FAILURES = 10
# Many people may share a network's one address; somebody who tries the addresses of many is stopped here.
MOST_FAILURES_OF_SOURCE = 60


async def sign_in(
    session: AsyncSession, *, email: str, password: str, now: datetime, source: str | None = None
) -> User:
    """The user with this e-mail address and password.

    Ten failures within fifteen minutes close the address, known or not, until the fifteen minutes are over;
    sixty from one network address ``source`` close that. Raises SignInRefused, or TooManySignIns.
    """
    email = email.strip().lower()
    network = f"network {source}"
    await attempts.check(session, email, now, most=MOST_FAILURES, refusal=TooManySignIns)
    await attempts.check(session, network, now, most=MOST_FAILURES_OF_SOURCE, refusal=TooManySignIns)
    user = await session.scalar(select(User).where(User.email == email, User.is_active))
    verdict = await passwords.check(user.password_hash if user else None, password)
    if user is None or not verdict.is_right:
        await attempts.count(session, email, now)
        if source is not None:
            await attempts.count(session, network, now)
        raise SignInRefused
    user.password_hash = verdict.new_hash or user.password_hash
    await attempts.forget(session, email)
    return user


async def change_password(
    session: AsyncSession, user: User, *, current: str, new: str, now: datetime, source: str | None = None
) -> None:
    """Gives the user a new password, and signs them out everywhere.

    Raises PasswordWrong, counted as a failed sign-in, or TooManyTries.
    """
    await check_password(session, user, current, now)
    await accounts.set_password(session, user, new, now)
    await accounts.note(session, user, AccountAction.PASSWORD_CHANGED, now, source=source)


async def check_password(session: AsyncSession, user: User, password: str, now: datetime) -> None:
    """Has who is signed in prove who they are. Raises PasswordWrong, counted, or TooManyTries."""
    await attempts.check(session, user.email, now, most=MOST_FAILURES)
    if not (await passwords.check(user.password_hash, password)).is_right:
        await attempts.count(session, user.email, now)
        raise PasswordWrong
