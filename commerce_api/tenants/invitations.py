"""Inviting someone to a tenant by e-mail address and role: a link that works once, for seven days.

Whoever has the link still has to be the person: one who has an account signs in to it, and the link alone
makes an account only where there is none.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from commerce_api.core.errors import NotFound
from commerce_api.core.secrets import Vault
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter, inside
from commerce_api.tenants import (
    accounts,
    attempts,
    audit,
    letters,
    link_addresses,
    passwords,
    queries,
    random_tokens,
    service,
)
from commerce_api.tenants.access import Access
from commerce_api.tenants.account_models import AccountAction, Invitation
from commerce_api.tenants.errors import AccountExists, AlreadyMember, InvitationForAnother, LinkUnusable
from commerce_api.tenants.models import Membership, Role, Tenant, TenantStatus, User

LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Issued:
    """An invitation and the token of its link, which can't be had again."""

    invitation: Invitation
    token: str


@dataclass(frozen=True)
class Opened:
    """What the holder of a link finds: the session has entered ``tenant``.

    ``user`` is the account with the invited address, None where there is none yet.
    """

    invitation: Invitation
    tenant: Tenant
    inviter: str
    user: User | None

    @property
    def role(self) -> Role:
        """What the person will be."""
        return Role(self.invitation.role)


async def invite(session: AsyncSession, access: Access, *, email: str, role: Role, now: datetime) -> Issued:
    """Invites an address; who is invited already gets a new link and this role, and the old link ends.

    Raises Forbidden when only an owner may give the role, and AlreadyMember.
    """
    service.check_rank(access, role)
    user = await queries.user_by_email(session, email)
    if user is not None and await queries.membership_of_user(session, user.id):
        raise AlreadyMember(f"{email} is a member already.")
    invitation = await session.scalar(
        select(Invitation).where(Invitation.email == email).with_for_update()
    ) or Invitation(email=email)
    if invitation.role == Role.OWNER:
        service.check_rank(access, Role.OWNER)
    invitation.role = role
    session.add(invitation)
    return await _issue(session, access, invitation, now)


async def renew(session: AsyncSession, access: Access, invitation_id: UUID, now: datetime) -> Issued:
    """Another link for the invitation, for seven more days; the old one ends. Raises NotFound, Forbidden."""
    return await _issue(session, access, await _held(session, access, invitation_id), now)


async def revoke(session: AsyncSession, access: Access, invitation_id: UUID) -> None:
    """Takes an invitation back. Raises NotFound, and Forbidden."""
    await session.delete(await _held(session, access, invitation_id))
    await session.flush()


async def hand_out(
    session: AsyncSession, access: Access, issued: Issued, *, settings: Settings, vault: Vault
) -> str:
    """The link, to be handed over; where mail is configured it is mailed too."""
    link, invitation = link_addresses.invitation(settings, issued.token), issued.invitation
    if settings.sends_mail:
        until = invitation.expires_at.astimezone(ZoneInfo(access.tenant.timezone))
        letter = letters.invitation(
            to=invitation.email,
            inviter=access.user.name,
            shop=access.tenant.name,
            role=invitation.role,
            link=link,
            until=f"{until:%d %B %Y, %H:%M}",
        )
        await letters.queue(session, vault, access.tenant.id, letter)
    return link


def open_ones() -> Select[Invitation]:
    """The invitations of the session's tenant that nobody has used, who made them loaded."""
    inviters = select(Invitation).join(Invitation.invited_by)
    return inviters.options(contains_eager(Invitation.invited_by))


async def find(session: AsyncSession, token: str, now: datetime, *, source: str | None = None) -> Opened:
    """What a link leads to, for whoever has it; enters its tenant. Raises LinkUnusable, and TooManyTries."""
    found = await _find(session, token, now)
    if found is None:
        await attempts.refuse_link(session, source, now)
    return found


async def join_as(session: AsyncSession, opened: Opened, user: User, now: datetime) -> Membership:
    """Makes the user a member, and the link ends.

    Raises InvitationForAnother unless the invitation is for the user's address, LinkUnusable for the second
    of two at once, and AlreadyMember.
    """
    if user.email != opened.invitation.email:
        raise InvitationForAnother(opened.invitation.email)
    await _use(session, opened.invitation)
    if await queries.membership_of_user(session, user.id):
        raise AlreadyMember("You are a member already.")
    membership = Membership(user=user, role=opened.invitation.role, created_at=now)
    session.add(membership)
    await audit.note(session, user, "join", {"role": opened.invitation.role}, now)
    await accounts.note(session, user, AccountAction.JOINED, now, shop=opened.tenant.name)
    return membership


async def join_anew(
    session: AsyncSession, opened: Opened, *, name: str, password: str, now: datetime
) -> Membership:
    """Makes an account with this password, and a member of it. Raises AccountExists, and LinkUnusable."""
    if opened.user is not None:
        raise AccountExists
    password_hash = await passwords.make_hash(password)
    user = User(email=opened.invitation.email, name=name, password_hash=password_hash, created_at=now)
    session.add(user)
    await session.flush()
    return await join_as(session, opened, user, now)


async def has_open(session: AsyncSession, email: str, now: datetime) -> bool:
    """Whether a tenant that is open invites the address."""
    return bool([one async for one in _inviting(session, email, now)])


async def join_all(session: AsyncSession, user: User, now: datetime) -> None:
    """Makes the user a member wherever their address, which they have proven, is invited."""
    async for opened in _inviting(session, user.email, now):
        await join_as(session, opened, user, now)


async def _inviting(session: AsyncSession, email: str, now: datetime) -> AsyncIterator[Opened]:
    """Each open invitation of the address, its tenant entered."""
    for tenant_id in (await session.scalars(select(func.lookup.tenants_inviting(email)))).all():
        async with inside(session, tenant_id):
            invitation = await session.scalar(open_ones().where(Invitation.email == email))
            tenant = await queries.tenant(session, tenant_id)
            if invitation and invitation.expires_at > now and tenant.status == TenantStatus.ACTIVE:
                yield Opened(invitation, tenant, invitation.invited_by.name, None)


async def _find(session: AsyncSession, token: str, now: datetime) -> Opened | None:
    if len(token) > random_tokens.LONGEST:
        return None
    digest = random_tokens.digest(token)
    tenant_id = await session.scalar(select(func.lookup.tenant_inviting(digest)))
    if tenant_id is None:
        return None
    await enter(session, tenant_id)
    invitation = await session.scalar(open_ones().where(Invitation.token_hash == digest))
    tenant = await queries.tenant(session, tenant_id)
    if invitation is None or invitation.expires_at <= now or tenant.status != TenantStatus.ACTIVE:
        return None
    user = await queries.user_by_email(session, invitation.email)
    return Opened(invitation, tenant, invitation.invited_by.name, user)


async def _use(session: AsyncSession, invitation: Invitation) -> None:
    used = delete(Invitation).where(
        Invitation.id == invitation.id, Invitation.token_hash == invitation.token_hash
    )
    gone = await session.scalar(used.returning(Invitation.id).execution_options(synchronize_session=False))
    if gone is None:
        raise LinkUnusable


async def _held(session: AsyncSession, access: Access, invitation_id: UUID) -> Invitation:
    invitation = await session.scalar(
        select(Invitation).where(Invitation.id == invitation_id).with_for_update()
    )
    if invitation is None:
        raise NotFound
    service.check_rank(access, Role(invitation.role))
    return invitation


async def _issue(session: AsyncSession, access: Access, invitation: Invitation, now: datetime) -> Issued:
    token, invitation.token_hash = random_tokens.make()
    invitation.invited_by = access.user
    invitation.created_at, invitation.expires_at = now, now + LIFETIME
    await session.flush()
    return Issued(invitation, token)
