"""How often something may be tried: counted under a name, for fifteen minutes from the first time.

A name is an e-mail address, or what begins with a word and a space, which no address does.
"""

import hashlib
from datetime import datetime, timedelta
from typing import NoReturn

from sqlalchemy import case, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.tenants.errors import LinkUnusable, TooManyTries
from commerce_api.tenants.models import SignInFailures

WINDOW = timedelta(minutes=15)
MOST_WRONG_LINKS = 30


async def check(
    session: AsyncSession, name: str, now: datetime, *, most: int, refusal: type[TooManyTries] = TooManyTries
) -> None:
    """Raises ``refusal`` when the name was counted ``most`` times within its fifteen minutes."""
    counted = await session.get(SignInFailures, _hash(name), populate_existing=True)
    if counted is None or counted.failures < most or counted.since <= now - WINDOW:
        return
    raise refusal(int((counted.since + WINDOW - now).total_seconds()) + 1)


async def count(session: AsyncSession, name: str, now: datetime) -> None:
    """Counts one more; in one statement, so that tries made side by side are all counted."""
    is_over = SignInFailures.since <= now - WINDOW
    first = insert(SignInFailures).values(email_hash=_hash(name), failures=1, since=now)
    await session.execute(
        first.on_conflict_do_update(
            index_elements=[SignInFailures.email_hash],
            set_={
                "failures": case((is_over, 1), else_=SignInFailures.failures + 1),
                "since": case((is_over, now), else_=SignInFailures.since),
            },
        )
    )


async def refuse_link(session: AsyncSession, source: str | None, now: datetime) -> NoReturn:
    """Raises LinkUnusable for a link that doesn't work, TooManyTries after thirty from a network address.

    One that works is never refused: many people may share the address of somebody who tries links out.
    """
    name = f"links {source}"
    await check(session, name, now, most=MOST_WRONG_LINKS)
    await count(session, name, now)
    raise LinkUnusable


async def forget(session: AsyncSession, name: str) -> None:
    """Counts from nothing again."""
    await session.execute(delete(SignInFailures).where(SignInFailures.email_hash == _hash(name)))


async def delete_old(session: AsyncSession, now: datetime) -> None:
    """Forgets what no longer counts."""
    await session.execute(delete(SignInFailures).where(SignInFailures.since < now - WINDOW))


def _hash(name: str) -> bytes:
    # Hashed, because people type passwords into the wrong field.
    return hashlib.sha256(name.encode(errors="surrogateescape")).digest()
