"""What may become of a tenant and its members."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.tenancy import inside
from commerce_api.tenants import passwords, queries, sessions
from commerce_api.tenants.access import Access
from commerce_api.tenants.account_models import Invitation
from commerce_api.tenants.errors import AlreadyMember, Forbidden, LastOwner, SlugTaken
from commerce_api.tenants.models import Membership, Role, Tenant, TenantStatus, User
from commerce_api.tenants.permissions import RIGHTS, Permission

tenant = queries.tenant
tenant_by_slug = queries.tenant_by_slug


async def open_tenant(
    session: AsyncSession, *, facts: Mapping[str, Any], owner: Mapping[str, str], now: datetime
) -> Tenant:
    """A new tenant from its columns, with ``owner`` (email, name, password) as its first owner.

    Raises SlugTaken.
    """
    if await session.scalar(select(Tenant.id).where(Tenant.slug == facts["slug"])):
        raise SlugTaken(f"Another business has the slug {facts['slug']}.")
    tenant = Tenant(**facts, status=TenantStatus.ACTIVE, created_at=now)
    session.add(tenant)
    await session.flush()
    user = await _user(session, **owner, now=now)
    async with inside(session, tenant.id):
        session.add(Membership(user_id=user.id, role=Role.OWNER, created_at=now))
        await session.flush()
    return tenant


async def change_settings(session: AsyncSession, tenant: Tenant, changes: Mapping[str, Any]) -> Tenant:
    """Sets the columns in ``changes``."""
    for name, value in changes.items():
        setattr(tenant, name, value)
    await session.flush()
    return tenant


async def set_status(session: AsyncSession, tenant: Tenant, status: TenantStatus) -> Tenant:
    """Suspends a tenant or opens it again; holds from its members' next request on."""
    tenant.status = status
    await session.flush()
    return tenant


async def next_in_turn(session: AsyncSession, permission: Permission, now: datetime) -> Membership | None:
    """The member at the desk with the right who was given something longest ago; it counts as given now.

    None when nobody who may is at the desk. Two at once get two members, where there are two.
    """
    roles = [role for role, rights in RIGHTS.items() if permission in rights]
    waiting = (
        select(Membership)
        .where(Membership.role.in_(roles), sessions.is_online(Membership.user_id, now))
        .order_by(Membership.given_at.asc().nulls_first(), Membership.created_at, Membership.id)
        .limit(1)
        .with_for_update(of=Membership, skip_locked=True)
    )
    member = await session.scalar(waiting.execution_options(populate_existing=True))
    if member is not None:
        member.given_at = now
    return member


async def add_member(
    session: AsyncSession, access: Access, *, email: str, name: str, password: str, role: Role, now: datetime
) -> Membership:
    """Makes the user with this address a member; one not known yet is made, with this password.

    Raises Forbidden when only an owner may give the role, and AlreadyMember.
    """
    check_rank(access, role)
    user = await _user(session, email=email, name=name, password=password, now=now)
    if await queries.membership_of_user(session, user.id):
        raise AlreadyMember(f"{email} is a member already.")
    membership = Membership(user=user, role=role, created_at=now)
    session.add(membership)
    await session.execute(delete(Invitation).where(Invitation.email == email))
    await session.flush()
    return membership


async def change_role(
    session: AsyncSession, access: Access, membership_id: UUID, role: Role, now: datetime
) -> Membership:
    """Gives a member another role, who signs in anew for it. Raises NotFound, Forbidden, or LastOwner."""
    membership = await _held(session, access, membership_id)
    check_rank(access, role)
    if role is not Role.OWNER:
        await _keep_an_owner(session, membership)
    if membership.role != role:
        membership.role = role
        await sessions.end_at_desk(session, membership.user, now)
        await _withdraw_invitations(session, membership)
    await session.flush()
    return membership


async def remove_member(session: AsyncSession, access: Access, membership_id: UUID) -> None:
    """Ends a membership; its user has no access from the next request on. Raises as ``change_role``."""
    membership = await _held(session, access, membership_id)
    await _keep_an_owner(session, membership)
    await _withdraw_invitations(session, membership)
    await session.delete(membership)
    await session.flush()


async def is_member(session: AsyncSession, user_id: UUID) -> bool:
    """Whether the user is a member of the session's tenant."""
    return await queries.membership_of_user(session, user_id) is not None


async def member_names(session: AsyncSession) -> dict[UUID, str]:
    """The name of every member of the session's tenant, by the user's id, in order of name."""
    found = sorted((await session.scalars(queries.members())).all(), key=lambda one: one.name)
    return {one.user_id: one.name for one in found}


async def _held(session: AsyncSession, access: Access, membership_id: UUID) -> Membership:
    # The tenant's row is the lock: two owners who remove each other at once must not both succeed.
    await session.execute(select(Tenant.id).where(Tenant.id == access.tenant.id).with_for_update())
    membership = await queries.member(session, membership_id)
    check_rank(access, Role(membership.role))
    return membership


async def _keep_an_owner(session: AsyncSession, membership: Membership) -> None:
    if membership.role == Role.OWNER and await queries.count_owners(session) == 1:
        raise LastOwner


async def _withdraw_invitations(session: AsyncSession, membership: Membership) -> None:
    # Who loses a right doesn't come back by a link they made for themselves.
    await session.execute(delete(Invitation).where(Invitation.invited_by_id == membership.user_id))


def check_rank(access: Access, role: Role) -> None:
    """Raises Forbidden when the role is the owner's and the caller may not have to do with owners."""
    if role is Role.OWNER and not access.may(Permission.MANAGE_OWNERS):
        raise Forbidden("Only an owner may make, change or remove an owner.")


async def _user(session: AsyncSession, *, email: str, name: str, password: str, now: datetime) -> User:
    # Hashed before it is known whether it is needed: how long this takes must not tell who has an account.
    password_hash = await passwords.make_hash(password)
    user = await queries.user_by_email(session, email)
    if user is None:
        user = User(email=email, name=name, password_hash=password_hash, created_at=now)
        session.add(user)
        await session.flush()
    return user
