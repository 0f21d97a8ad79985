"""Signing in: one answer in one time for an unknown user and a wrong password, and not too often."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.tenants import passwords, sessions
from commerce_api.tenants.errors import PasswordWrong, SignInRefused, TooManySignIns
from commerce_api.tenants.models import SignInFailures, User

MOST_FAILURES = 10
# Many people may share a network's one address; somebody who tries the addresses of many is stopped here.
MOST_FAILURES_OF_SOURCE = 60
WINDOW = timedelta(minutes=15)


async def sign_in(
    session: AsyncSession, *, email: str, password: str, now: datetime, source: str | None = None
) -> User:
    """The user with this e-mail address and password.

    Ten failures within fifteen minutes close the address, known or not, until the fifteen minutes are over;
    sixty from one network address ``source`` close that. Raises SignInRefused, or TooManySignIns.
    """
    email = email.strip().lower()
    await _check_not_too_many(session, email, now)
    await _check_not_too_many(session, _network(source), now, most=MOST_FAILURES_OF_SOURCE)
    user = await session.scalar(select(User).where(User.email == email, User.is_active))
    verdict = await passwords.check(user.password_hash if user else None, password)
    if user is None or not verdict.is_right:
        await _count_failure(session, email, now)
        if source is not None:
            await _count_failure(session, _network(source), now)
        raise SignInRefused
    user.password_hash = verdict.new_hash or user.password_hash
    await session.execute(delete(SignInFailures).where(SignInFailures.email_hash == _hash(email)))
    return user


async def change_password(
    session: AsyncSession, user: User, *, current: str, new: str, now: datetime
) -> None:
    """Gives the user a new password, and signs them out everywhere.

    Raises PasswordWrong, counted as a failed sign-in, or TooManySignIns.
    """
    await _check_not_too_many(session, user.email, now)
    if not (await passwords.check(user.password_hash, current)).is_right:
        await _count_failure(session, user.email, now)
        raise PasswordWrong
    user.password_hash = await passwords.make_hash(new)
    await sessions.end_all(session, user, now)


async def delete_old_failures(session: AsyncSession, now: datetime) -> None:
    """Forgets the failures that no longer count."""
    await session.execute(delete(SignInFailures).where(SignInFailures.since < now - WINDOW))


def _network(source: str | None) -> str:
    # No e-mail address begins so.
    return f"network {source}"


async def _check_not_too_many(
    session: AsyncSession, email: str, now: datetime, *, most: int = MOST_FAILURES
) -> None:
    counted = await session.get(SignInFailures, _hash(email))
    if counted is None or counted.failures < most or counted.since <= now - WINDOW:
        return
    raise TooManySignIns(int((counted.since + WINDOW - now).total_seconds()) + 1)


async def _count_failure(session: AsyncSession, email: str, now: datetime) -> None:
    # One statement, so that guesses made side by side are all counted.
    is_over = SignInFailures.since <= now - WINDOW
    first = insert(SignInFailures).values(email_hash=_hash(email), failures=1, since=now)
    await session.execute(
        first.on_conflict_do_update(
            index_elements=[SignInFailures.email_hash],
            set_={
                "failures": case((is_over, 1), else_=SignInFailures.failures + 1),
                "since": case((is_over, now), else_=SignInFailures.since),
            },
        )
    )


def _hash(email: str) -> bytes:
    # Hashed, because people type passwords into the wrong field.
    return hashlib.sha256(email.encode()).digest()
