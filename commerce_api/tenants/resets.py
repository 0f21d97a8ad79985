"""A new password for who forgot theirs: a link that works once, within an hour.

Where mail is configured, anyone may ask for one, and nothing shows whether the address has an account. Else
an owner makes one for a member who is in no other tenant: a person's account is theirs, not one shop's.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from commerce_api.core.secrets import Vault
from commerce_api.tenants import accounts, attempts, letters, queries, random_tokens, second_step, sessions
from commerce_api.tenants.access import Access
from commerce_api.tenants.account_models import AccountAction, PasswordLink
from commerce_api.tenants.errors import LinkUnusable, NoMail, ResetNotYours, ResetOwn
from commerce_api.tenants.models import Membership, User
from commerce_api.tenants.permissions import Permission

LIFETIME = timedelta(hours=1)
# Letters asked for: of one address, and from one network address, within fifteen minutes.
MOST_LETTERS = 3
MOST_LETTERS_OF_SOURCE = 20


async def ask(
    session: AsyncSession,
    vault: Vault,
    email: str,
    now: datetime,
    *,
    sends_mail: bool,
    source: str | None = None,
) -> None:
    """Has the worker mail a link if this is somebody's address: here an unknown one is treated just alike.

    Raises NoMail where mail is not configured, and TooManyTries.
    """
    if not sends_mail:
        raise NoMail
    email = email.strip().lower()
    for name, most in (
        (f"letters {email}", MOST_LETTERS),
        (f"letters from {source}", MOST_LETTERS_OF_SOURCE),
    ):
        await attempts.check(session, name, now, most=most)
        await attempts.count(session, name, now)
    await letters.ask_for_reset(session, vault, email)


async def make(session: AsyncSession, user: User, now: datetime, *, by_tenant_id: UUID | None = None) -> str:
    """The token of a new link; links made before end."""
    await session.execute(delete(PasswordLink).where(PasswordLink.user_id == user.id))
    token, digest = random_tokens.make()
    session.add(
        PasswordLink(user_id=user.id, token_hash=digest, by_tenant_id=by_tenant_id, expires_at=now + LIFETIME)
    )
    await session.flush()
    return token


async def make_for_member(
    session: AsyncSession, access: Access, membership_id: UUID, now: datetime
) -> tuple[User, str]:
    """The member, and the token of a link that an owner hands them.

    Raises NotFound, Forbidden, ResetOwn, and ResetNotYours for who is in other tenants too.
    """
    member = await _in_their_care(session, access, membership_id)
    token = await make(session, member.user, now, by_tenant_id=access.tenant.id)
    await accounts.note(session, member.user, AccountAction.RESET_LINK_MADE, now, by=access.user.name)
    return member.user, token


async def remove_second_step(
    session: AsyncSession, access: Access, membership_id: UUID, now: datetime
) -> None:
    """Takes the second step of a member away, who lost phone and codes. Raises as ``make_for_member``."""
    member = await _in_their_care(session, access, membership_id)
    await second_step.remove(session, member.user, now, by=access.user.name)
    await sessions.end_all(session, member.user, now)


async def find(session: AsyncSession, token: str, now: datetime, *, source: str | None = None) -> User:
    """Whose password a link changes. Raises LinkUnusable, and TooManyTries."""
    return (await _find(session, token, now, source)).user


async def use(
    session: AsyncSession, token: str, new: str, now: datetime, *, source: str | None = None
) -> User:
    """Gives the link's person a new password; everything they were signed in by ends, and the link.

    Raises LinkUnusable, and TooManyTries.
    """
    link = await _find(session, token, now, source)
    # Of two at once, the second waits here and then finds nothing.
    used = await session.scalar(
        delete(PasswordLink).where(PasswordLink.id == link.id).returning(PasswordLink.id)
    )
    if used is None:
        raise LinkUnusable
    await accounts.set_password(session, link.user, new, now)
    if link.by_tenant_id is None:
        link.user.email_proven_at = link.user.email_proven_at or now
    await accounts.note(session, link.user, AccountAction.RESET, now, source=source)
    return link.user


async def delete_old(session: AsyncSession, now: datetime) -> None:
    """Forgets links that nobody used in time."""
    await session.execute(delete(PasswordLink).where(PasswordLink.expires_at <= now))


async def _find(session: AsyncSession, token: str, now: datetime, source: str | None) -> PasswordLink:
    link = await session.scalar(
        select(PasswordLink)
        .options(joinedload(PasswordLink.user))
        .where(PasswordLink.token_hash == random_tokens.digest(token), PasswordLink.expires_at > now)
    )
    if link is None or not await _serves(session, link):
        await attempts.refuse_link(session, source, now)
    return link


async def _serves(session: AsyncSession, link: PasswordLink) -> bool:
    if not link.user.is_active:
        return False
    return link.by_tenant_id is None or await _is_only_in(session, link.user, link.by_tenant_id)


async def _in_their_care(session: AsyncSession, access: Access, membership_id: UUID) -> Membership:
    access.check(Permission.MANAGE_OWNERS)
    member = await queries.member(session, membership_id)
    if member.user_id == access.user.id:
        raise ResetOwn
    if not await _is_only_in(session, member.user, access.tenant.id):
        raise ResetNotYours
    return member


async def _is_only_in(session: AsyncSession, user: User, tenant_id: UUID) -> bool:
    tenants = (await session.scalars(select(func.lookup.tenants_of_user(user.id)))).all()
    return not user.is_platform_admin and tenants == [tenant_id]
