"""Who is at the desk, and what they may do: one dependency for every page and action.

A page inside a shop takes ``DeskDep`` when every member may see it, else ``require(Permission.X)``,
annotated as ``Desk``. Both check, in this order: signed in (else to the sign-in page), the form's token on
whatever is no GET (403), a member of the shop (404, as for a shop that doesn't exist), the right (403). What
changes something is noted in the audit trail.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.errors import NotFound
from commerce_api.tenants import access as tenant_access
from commerce_api.tenants import audit, service, sessions
from commerce_api.tenants.access import Access
from commerce_api.tenants.models import Role, Tenant, User
from commerce_api.tenants.permissions import Permission
from console import cookies
from console.csrf import FormTokens
from console.errors import FormExpired, SignInNeeded

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
TOKEN_FIELD = "csrf"  # noqa: S105 -- a field's name
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105 -- a header's name


@dataclass(frozen=True)
class SignedIn:
    """A person who is signed in on this browser, by the session of the cookie ``token``."""

    user: User
    token: str


@dataclass(frozen=True)
class Desk:
    """A member at the desk of one shop, whose tenant the request has entered."""

    signed: SignedIn
    access: Access

    @property
    def user(self) -> User:
        """Who it is."""
        return self.access.user

    @property
    def tenant(self) -> Tenant:
        """The shop."""
        return self.access.tenant

    @property
    def role(self) -> Role:
        """What they are to the shop."""
        return self.access.role

    def may(self, permission: Permission) -> bool:
        """Whether the member has the right."""
        return self.access.may(permission)

    def path(self, page: str) -> str:
        """The address of a page of this shop: ``desk.path("inbox")``."""
        return f"/console/shops/{self.tenant.slug}/{page}"


async def check_token(request: Request, cookie: str | None) -> None:
    """Raises FormExpired when a request that may change something carries no token for the cookie."""
    if request.method in audit.READING:
        return
    token = request.headers.get(TOKEN_HEADER)
    if token is None and request.headers.get("content-type", "").lower().startswith(FORMS):
        field = (await request.form()).get(TOKEN_FIELD)
        token = field if isinstance(field, str) else None
    tokens: FormTokens = request.app.state.form_tokens
    if token is None or cookie is None or not tokens.fits(token, cookie):
        raise FormExpired


async def signed_in(request: Request, session: SessionDep, now: NowDep) -> SignedIn:
    """Who is signed in; raises SignInNeeded, and FormExpired."""
    token = cookies.read(request, cookies.SESSION)
    found = await sessions.find(session, token, now) if token else None
    if token is None or found is None:
        raise SignInNeeded
    await check_token(request, token)
    return SignedIn(found.user, token)


SignedInDep = Annotated[SignedIn, Depends(signed_in, scope="function")]


async def desk(request: Request, slug: str, signed: SignedInDep, session: SessionDep, now: NowDep) -> Desk:
    """The desk of the shop in the path. Raises NotFound for who is no member, and TenantSuspended."""
    tenant = await service.tenant_by_slug(session, slug) if slug.isascii() else None
    if tenant is None:
        raise NotFound
    access = await tenant_access.grant(session, signed.user, tenant.id)
    await audit.note_request(session, signed.user, request, now)
    return Desk(signed, access)


DeskDep = Annotated[Desk, Depends(desk, scope="function")]


def require(permission: Permission) -> Any:
    """A dependency that gives the Desk to members with the right, and raises Forbidden for the others."""

    async def checked(found: DeskDep) -> Desk:
        found.access.check(permission)
        return found

    # So that a test can see, of every route, what it asks for.
    checked.permission = permission  # type: ignore[attr-defined]
    return Depends(checked, scope="function")
