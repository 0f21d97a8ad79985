"""Signing in with a provider: who goes there comes back once, and is somebody we know or have invited.

An account is tied to (issuer, subject). The first time, it is found by an e-mail address that the provider
has verified; an address that only an inviter vouched for so far then loses its password and second step,
since whoever set them may have been somebody else.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from commerce_api.core.oidc import Identity
from commerce_api.tenants import (
    accounts,
    attempts,
    invitations,
    queries,
    random_tokens,
    second_step,
    sessions,
)
from commerce_api.tenants.account_models import AccountAction
from commerce_api.tenants.errors import (
    EmailNotVerified,
    NotInvited,
    ProviderSignInStale,
    TiedToAnother,
)
from commerce_api.tenants.models import User
from commerce_api.tenants.provider_models import ProviderAccount, ProviderSignIn

PATIENCE = timedelta(minutes=10)
MOST_OF_SOURCE = 60
# RFC 7636 wants 43 characters of a verifier or more.
VERIFIER_BYTES = 48


@dataclass(frozen=True)
class Departure:
    """What goes along to the provider, and what its answer is checked by."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Arrival:
    """Who came back. ``is_new`` for who had an invitation and no account until now."""

    user: User
    is_new: bool = False


async def depart(
    session: AsyncSession, *, visitor: str, wanted: str, now: datetime, source: str | None
) -> Departure:
    """Notes that the browser with this visitor's cookie goes to the provider. Raises TooManyTries."""
    name = f"provider {source}"
    await attempts.check(session, name, now, most=MOST_OF_SOURCE)
    await attempts.count(session, name, now)
    state, digest = random_tokens.make()
    departure = Departure(state, secrets.token_urlsafe(), secrets.token_urlsafe(VERIFIER_BYTES))
    session.add(
        ProviderSignIn(
            state_hash=digest,
            visitor_hash=random_tokens.digest(visitor),
            nonce=departure.nonce,
            verifier=departure.verifier,
            wanted=wanted,
            expires_at=now + PATIENCE,
        )
    )
    await session.flush()
    return departure


async def come_back(session: AsyncSession, *, state: str, visitor: str, now: datetime) -> ProviderSignIn:
    """What was noted when this browser left; used up, whatever comes of it. Raises ProviderSignInStale."""
    found = await session.get(ProviderSignIn, random_tokens.digest(state))
    if found is None or found.visitor_hash != random_tokens.digest(visitor):
        raise ProviderSignInStale
    gone = delete(ProviderSignIn).where(ProviderSignIn.state_hash == found.state_hash)
    is_ours = await session.scalar(
        gone.returning(ProviderSignIn.state_hash).execution_options(synchronize_session=False)
    )
    if is_ours is None or found.expires_at <= now:
        raise ProviderSignInStale
    return found


async def arrive(
    session: AsyncSession, identity: Identity, now: datetime, *, source: str | None = None
) -> Arrival:
    """The person whom the provider vouches for.

    Raises EmailNotVerified, TiedToAnother, and NotInvited for who is neither known nor invited.
    """
    tied = await session.scalar(
        select(ProviderAccount)
        .options(joinedload(ProviderAccount.user))
        .where(ProviderAccount.issuer == identity.issuer, ProviderAccount.subject == identity.subject)
    )
    if tied is not None and tied.user.is_active:
        return Arrival(tied.user)
    if tied is not None:
        raise NotInvited
    if identity.email is None:
        raise EmailNotVerified
    user = await queries.user_by_email(session, identity.email)
    if user is None:
        return await _welcome(session, identity, identity.email, now, source)
    await _tie(session, identity, user, now, source)
    return Arrival(user)


async def delete_old(session: AsyncSession, now: datetime) -> None:
    """Forgets who left and never came back."""
    await session.execute(delete(ProviderSignIn).where(ProviderSignIn.expires_at <= now))


async def _welcome(
    session: AsyncSession, identity: Identity, email: str, now: datetime, source: str | None
) -> Arrival:
    name = (identity.name or email.partition("@")[0])[:120]
    user = User(email=email, name=name, created_at=now, email_proven_at=now)
    if not await invitations.has_open(session, email, now):
        raise NotInvited
    session.add(user)
    await session.flush()
    await _tie(session, identity, user, now, source)
    await invitations.join_all(session, user, now)
    return Arrival(user, is_new=True)


async def _tie(
    session: AsyncSession, identity: Identity, user: User, now: datetime, source: str | None
) -> None:
    taken = select(ProviderAccount.subject).where(
        ProviderAccount.user_id == user.id, ProviderAccount.issuer == identity.issuer
    )
    if not user.is_active:
        raise NotInvited
    if await session.scalar(taken) is not None:
        raise TiedToAnother
    if user.email_proven_at is None:
        user.password_hash = None
        user.email_proven_at = now
        if await second_step.is_on(session, user):
            await second_step.remove(session, user, now, source=source)
        await sessions.end_all(session, user, now)
    session.add(
        ProviderAccount(issuer=identity.issuer, subject=identity.subject, user_id=user.id, created_at=now)
    )
    await accounts.note(session, user, AccountAction.PROVIDER_TIED, now, source=source)
