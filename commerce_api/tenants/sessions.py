"""Who is signed in at the seller's desk: random tokens, kept as hashes, that end in time or when told to."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from commerce_api.tenants import random_tokens
from commerce_api.tenants.models import User
from commerce_api.tenants.session_models import UserSession

# A session ends when nobody used it for this long, and in any case when it is this old.
IDLE = timedelta(days=3)
LONGEST = timedelta(days=30)
# Writing down each single use would cost a write on every page.
SEEN_STEP = timedelta(minutes=5)
# An open page asks for something every four minutes.
ONLINE = timedelta(minutes=12)
LONGEST_AGENT = 300


async def start(
    session: AsyncSession, user: User, *, source: str | None, agent: str | None, now: datetime
) -> str:
    """Signs a user in on a device; the token that says so from now on, which nobody had before."""
    token, digest = random_tokens.make()
    session.add(
        UserSession(
            token_hash=digest,
            user_id=user.id,
            agent=agent[:LONGEST_AGENT] if agent else None,
            source=source,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST,
        )
    )
    await session.flush()
    return token


async def find(session: AsyncSession, token: str, now: datetime) -> UserSession | None:
    """The session that goes on under this token, its ``user`` loaded; None for any other."""
    if len(token) > random_tokens.LONGEST:
        return None
    found = await session.scalar(
        select(UserSession)
        .options(joinedload(UserSession.user))
        .where(UserSession.token_hash == random_tokens.digest(token))
    )
    if found is None or not _goes_on(found, now):
        return None
    if now - found.seen_at > SEEN_STEP:
        found.seen_at = now
    return found


async def end(session: AsyncSession, token: str, now: datetime) -> None:
    """Signs the device out; nothing for a token that nobody has."""
    await session.execute(
        update(UserSession)
        .where(UserSession.token_hash == random_tokens.digest(token), UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


async def end_all(session: AsyncSession, user: User, now: datetime) -> None:
    """Signs the user out everywhere: sessions end, and bearer tokens given out so far no longer serve."""
    user.signed_out_at = now
    await end_at_desk(session, user, now)


async def end_at_desk(session: AsyncSession, user: User, now: datetime) -> None:
    """Ends the user's sessions on every device; bearer tokens serve on."""
    await session.execute(
        update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


async def of_user(session: AsyncSession, user_id: UUID, now: datetime) -> list[UserSession]:
    """Where a user is signed in, the latest used first."""
    found = await session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.ended_at.is_(None),
            UserSession.expires_at > now,
            UserSession.seen_at > now - IDLE,
        )
        .order_by(UserSession.seen_at.desc())
    )
    return list(found)


def is_online(user_id: InstrumentedAttribute[UUID], now: datetime) -> ColumnElement[bool]:
    """Whether the user of a column has the desk open on some device: it asks for something now and then."""
    return exists().where(
        UserSession.user_id == user_id,
        UserSession.ended_at.is_(None),
        UserSession.expires_at > now,
        UserSession.seen_at > now - ONLINE,
    )


async def delete_old(session: AsyncSession, now: datetime) -> None:
    """Forgets sessions that nobody could use for a month."""
    await session.execute(delete(UserSession).where(UserSession.expires_at < now - LONGEST))


def _goes_on(found: UserSession, now: datetime) -> bool:
    is_fresh = found.seen_at > now - IDLE and found.expires_at > now
    return found.ended_at is None and is_fresh and found.user.is_active
