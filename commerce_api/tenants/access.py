"""Who may touch a tenant's resources, decided anew on every request.

``TenantDep`` is for what every member may do; ``Annotated[Access, require(Permission.X)]`` for the rest. Both
enter the tenant, so that the request's session sees its rows alone.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import enter
from commerce_api.core.tokens import Tokens, Unauthenticated, bearer_token, of
from commerce_api.tenants import audit
from commerce_api.tenants.errors import Forbidden, TenantSuspended
from commerce_api.tenants.models import Membership, Role, Tenant, TenantStatus, User
from commerce_api.tenants.permissions import Permission, may

SCHEME = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/token", scheme_name="person", auto_error=False)


@dataclass(frozen=True)
class Access:
    """A user's standing in the tenant that the request has entered."""

    user: User
    tenant: Tenant
    role: Role

    def may(self, permission: Permission) -> bool:
        """Whether the user has the right."""
        return may(self.role, permission)

    def check(self, permission: Permission) -> None:
        """Raises Forbidden when the user hasn't the right."""
        if not self.may(permission):
            raise Forbidden(f"This needs the right `{permission}`, which the role `{self.role}` lacks.")


async def signed_in_user(
    request: Request, session: SessionDep, now: NowDep, _: Annotated[str | None, Depends(SCHEME)]
) -> User:
    """The active user the bearer token names. Raises Unauthenticated."""
    return await user_of(session, of(request), bearer_token(request), now)


async def user_of(session: AsyncSession, tokens: Tokens, token: str | None, now: datetime) -> User:
    """The active user a bearer token names. Raises Unauthenticated."""
    if token is None:
        raise Unauthenticated
    claims = tokens.read(token, now)
    user = await session.get(User, claims.user_id)
    if user is None or not user.is_active or claims.is_before(user.signed_out_at):
        raise Unauthenticated
    return user


UserDep = Annotated[User, Depends(signed_in_user)]


async def user_if_any(
    request: Request, session: SessionDep, now: NowDep, given: Annotated[str | None, Depends(SCHEME)]
) -> User | None:
    """The same, or None without a token. Raises Unauthenticated for a token that names nobody."""
    return await signed_in_user(request, session, now, given) if bearer_token(request) else None


def source_of(request: Request) -> str | None:
    """The network address a request came from."""
    return request.client.host if request.client else None


async def grant(session: AsyncSession, user: User, tenant_id: UUID) -> Access:
    """Enters the tenant as the user. Raises NotFound for a stranger, TenantSuspended for a member."""
    await enter(session, tenant_id)
    found = await session.execute(
        select(Membership, Tenant)
        .join(Tenant, Tenant.id == Membership.tenant_id)
        .where(Membership.user_id == user.id, Membership.tenant_id == tenant_id)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound
    if row.Tenant.status != TenantStatus.ACTIVE:
        raise TenantSuspended
    return Access(user, row.Tenant, Role(row.Membership.role))


async def tenant_access(
    request: Request, tenant_id: UUID, user: UserDep, session: SessionDep, now: NowDep
) -> Access:
    """The caller's access to the tenant of the path; what changes something is noted (``audit.py``)."""
    access = await grant(session, user, tenant_id)
    await audit.note_request(session, user, request, now)
    return access


TenantDep = Annotated[Access, Depends(tenant_access)]


def require(permission: Permission) -> Any:
    """A dependency that gives Access to members with the right, and raises Forbidden for the others."""

    async def checked(access: TenantDep) -> Access:
        access.check(permission)
        return access

    gate: Callable[..., Awaitable[Access]] = checked
    return Depends(gate)
