"""Signing in, the user's own page, tenants and their members."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request

from commerce_api.core import tokens
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.errors import NotFound
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.core.listing import ListDep, Page, PageRead, page
from commerce_api.core.secrets import VaultDep
from commerce_api.tenants import accounts, audit, queries, second_step, service, signing_in
from commerce_api.tenants.access import Access, TenantDep, UserDep, require, source_of
from commerce_api.tenants.account_models import AccountAction
from commerce_api.tenants.errors import Forbidden
from commerce_api.tenants.models import Membership, Tenant, TenantStatus, User
from commerce_api.tenants.passwords import LONGEST
from commerce_api.tenants.permissions import Permission
from commerce_api.tenants.schemas import (
    AuditRead,
    MemberCreate,
    MemberPatch,
    MemberRead,
    MeRead,
    MyMembership,
    PasswordChange,
    TenantCreate,
    TenantPatch,
    TenantRead,
    TokenRead,
    UserRead,
)
from commerce_api.tenants.session_models import AuditEntry

router = APIRouter(route_class=IdempotentRoute)

TENANTS_SORTABLE = {"name": Tenant.name, "slug": Tenant.slug, "created_at": Tenant.created_at}
MEMBERS_SORTABLE = {
    "created_at": Membership.created_at,
    "role": Membership.role,
    "name": User.name,
    "email": User.email,
}
AUDIT_SORTABLE = {"-at": AuditEntry.at}


async def platform_admin(user: UserDep) -> User:
    """The caller, who runs the platform. Raises Forbidden."""
    if not user.is_platform_admin:
        raise Forbidden("Only the platform's admins may do this.")
    return user


async def any_tenant(tenant_id: UUID, user: UserDep, session: SessionDep) -> Tenant:
    """The path's tenant, for who runs the platform; NotFound for everyone else, whether or not it exists."""
    if not user.is_platform_admin:
        raise NotFound
    return await queries.tenant(session, tenant_id)


PlatformAdmin = Annotated[User, Depends(platform_admin)]
AnyTenant = Annotated[Tenant, Depends(any_tenant)]
MemberAdmin = Annotated[Access, require(Permission.MANAGE_MEMBERS)]


@router.post("/auth/token")
async def sign_in(
    *,
    request: Request,
    username: Annotated[str, Form(max_length=254)],
    password: Annotated[str, Form(max_length=LONGEST)],
    session: SessionDep,
    now: NowDep,
    vault: VaultDep,
    code: Annotated[str | None, Form(max_length=40)] = None,
) -> TokenRead:
    """A bearer token for an e-mail address and a password, and a code from who has a second step."""
    user = await signing_in.sign_in(
        session,
        email=username,
        password=password,
        now=now,
        source=source_of(request),
    )
    source = source_of(request)
    await second_step.check(session, vault, user, code, now, source=source)
    await accounts.note(session, user, AccountAction.SIGNED_IN, now, source=source)
    token = tokens.of(request).issue(user.id, now)
    return TokenRead(access_token=token, expires_in=int(tokens.LIFETIME.total_seconds()))


@router.get("/me")
async def read_me(user: UserDep, session: SessionDep) -> MeRead:
    """The signed-in user and every tenant they are a member of."""
    standings = await queries.standings(session, user.id)
    mine = [MyMembership.model_validate(standing) for standing in standings]
    return MeRead(**UserRead.model_validate(user).model_dump(), memberships=mine)


@router.post("/me/password", status_code=204)
async def change_my_password(
    request: Request, body: PasswordChange, user: UserDep, session: SessionDep, now: NowDep
) -> None:
    """Changes the signed-in user's password, and ends every session and bearer token of theirs."""
    await signing_in.change_password(
        session, user, current=body.current, new=body.new, now=now, source=source_of(request)
    )


@router.get("/tenants", response_model=PageRead[TenantRead])
async def list_tenants(
    user: UserDep, session: SessionDep, params: ListDep, status: TenantStatus | None = None
) -> Page[Tenant]:
    """The tenants the user is a member of; all of them for a platform admin."""
    statement = queries.visible_tenants(user, status)
    return await page(session, statement, params, TENANTS_SORTABLE)


@router.post("/tenants", status_code=201, response_model=TenantRead)
async def open_tenant(body: TenantCreate, _: PlatformAdmin, session: SessionDep, now: NowDep) -> Tenant:
    """Opens a tenant with its first owner."""
    facts = body.model_dump(exclude={"owner"}, mode="json")
    return await service.open_tenant(session, facts=facts, owner=body.owner.model_dump(), now=now)


@router.post("/tenants/{tenant_id}/suspend", response_model=TenantRead)
async def suspend_tenant(tenant: AnyTenant, session: SessionDep) -> Tenant:
    """Closes a tenant to its members at once."""
    return await service.set_status(session, tenant, TenantStatus.SUSPENDED)


@router.post("/tenants/{tenant_id}/reopen", response_model=TenantRead)
async def reopen_tenant(tenant: AnyTenant, session: SessionDep) -> Tenant:
    """Opens a suspended tenant again."""
    return await service.set_status(session, tenant, TenantStatus.ACTIVE)


@router.get("/tenants/{tenant_id}", response_model=TenantRead)
async def read_tenant(access: TenantDep) -> Tenant:
    """The tenant and its settings."""
    return access.tenant


@router.patch("/tenants/{tenant_id}", response_model=TenantRead)
async def change_settings(
    body: TenantPatch, access: Annotated[Access, require(Permission.EDIT_SETTINGS)], session: SessionDep
) -> Tenant:
    """Changes the settings that are given."""
    changes = body.model_dump(exclude_unset=True, mode="json")
    return await service.change_settings(session, access.tenant, changes)


@router.get("/tenants/{tenant_id}/members", response_model=PageRead[MemberRead])
async def list_members(_: MemberAdmin, session: SessionDep, params: ListDep) -> Page[Membership]:
    """The tenant's members, oldest first."""
    return await page(session, queries.members(), params, MEMBERS_SORTABLE)


@router.post("/tenants/{tenant_id}/members", status_code=201, response_model=MemberRead)
async def add_member(body: MemberCreate, access: MemberAdmin, session: SessionDep, now: NowDep) -> Membership:
    """Makes someone a member."""
    return await service.add_member(
        session, access, email=body.email, name=body.name, password=body.password, role=body.role, now=now
    )


@router.patch("/tenants/{tenant_id}/members/{member_id}", response_model=MemberRead)
async def change_role(
    member_id: UUID, body: MemberPatch, access: MemberAdmin, session: SessionDep, now: NowDep
) -> Membership:
    """Gives a member another role, who has to sign in anew."""
    return await service.change_role(session, access, member_id, body.role, now)


@router.delete("/tenants/{tenant_id}/members/{member_id}", status_code=204)
async def remove_member(member_id: UUID, access: MemberAdmin, session: SessionDep) -> None:
    """Ends a membership."""
    await service.remove_member(session, access, member_id)


@router.get("/tenants/{tenant_id}/audit-entries", response_model=PageRead[AuditRead])
async def list_audit_entries(_: MemberAdmin, session: SessionDep, params: ListDep) -> Page[AuditEntry]:
    """Who changed what, newest first."""
    return await page(session, audit.entries(), params, AUDIT_SORTABLE)
