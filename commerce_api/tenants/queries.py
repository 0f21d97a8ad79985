"""Finding tenants, users and members."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import inside
from commerce_api.tenants.models import Membership, Role, Tenant, TenantStatus, User


@dataclass(frozen=True)
class Standing:
    """A user's membership seen from the user's side."""

    tenant_id: UUID
    slug: str
    name: str
    role: Role
    status: str


def visible_tenants(user: User, status: TenantStatus | None = None) -> Select[Tenant]:
    """The tenants the user may know of: all for a platform admin, else those of the user's memberships."""
    tenants = select(Tenant) if status is None else select(Tenant).where(Tenant.status == status)
    if user.is_platform_admin:
        return tenants
    return tenants.where(Tenant.id.in_(select(func.lookup.tenants_of_user(user.id))))


async def standings(session: AsyncSession, user_id: UUID) -> list[Standing]:
    """Every membership of a user, across tenants, oldest first."""
    tenant_ids = await session.scalars(select(func.lookup.tenants_of_user(user_id)))
    return [await _standing(session, user_id, tenant_id) for tenant_id in tenant_ids.all()]


async def _standing(session: AsyncSession, user_id: UUID, tenant_id: UUID) -> Standing:
    async with inside(session, tenant_id):
        found = await session.execute(
            select(Tenant, Membership.role)
            .join(Membership, Membership.tenant_id == Tenant.id)
            .where(Membership.user_id == user_id)
        )
    tenant, role = found.one()
    return Standing(tenant.id, tenant.slug, tenant.name, Role(role), tenant.status)


async def tenant(session: AsyncSession, tenant_id: UUID) -> Tenant:
    """One tenant. Raises NotFound."""
    found = await session.get(Tenant, tenant_id)
    if found is None:
        raise NotFound
    return found


async def tenant_by_slug(session: AsyncSession, slug: str) -> Tenant:
    """One tenant. Raises NotFound."""
    found = await session.scalar(select(Tenant).where(Tenant.slug == slug))
    if found is None:
        raise NotFound
    return found


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    """The user with this address, in lower case."""
    return await session.scalar(select(User).where(User.email == email))


def members() -> Select[Membership]:
    """The members of the session's tenant, their users loaded."""
    return select(Membership).join(Membership.user).options(contains_eager(Membership.user))


async def member(session: AsyncSession, membership_id: UUID) -> Membership:
    """One member of the session's tenant, the user loaded. Raises NotFound."""
    found = await session.scalar(members().where(Membership.id == membership_id))
    if found is None:
        raise NotFound
    return found


async def membership_of_user(session: AsyncSession, user_id: UUID) -> Membership | None:
    """The user's membership in the session's tenant."""
    return await session.scalar(select(Membership).where(Membership.user_id == user_id))


async def count_owners(session: AsyncSession) -> int:
    """How many owners the session's tenant has."""
    owners = select(func.count()).select_from(Membership).where(Membership.role == Role.OWNER)
    return await session.scalar(owners) or 0


async def names_of(session: AsyncSession, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """What these users are called, members still or not any more."""
    if not user_ids:
        return {}
    found = await session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row.id: row.name for row in found}
