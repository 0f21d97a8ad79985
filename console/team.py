"""The team: who is a member of the shop, and what each may do."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.tenants import queries, service
from commerce_api.tenants.models import Membership, Role
from commerce_api.tenants.passwords import LONGEST, SHORTEST
from commerce_api.tenants.permissions import Permission
from commerce_api.tenants.schemas import Email, Name, Password
from console import pages
from console.access import Desk, require

ROLES = {
    Role.OWNER: "Owner: everything, other owners too",
    Role.ADMIN: "Admin: everything but owners",
    Role.AGENT: "Agent: conversations, orders, products",
    Role.TRAINER: "Trainer: teaches the assistant",
    Role.VIEWER: "Viewer: looks on",
}

router = APIRouter()

TeamDesk = Annotated[Desk, require(Permission.MANAGE_MEMBERS)]


@router.get("/settings/team")
async def show_team(request: Request, desk: TeamDesk, session: SessionDep) -> Response:
    """The members, oldest first."""
    found = await session.scalars(queries.members().order_by(Membership.created_at, Membership.id))
    may_own = desk.may(Permission.MANAGE_OWNERS)
    return pages.show(
        request,
        "settings_team.html",
        desk,
        members=found.all(),
        roles={role: said for role, said in ROLES.items() if may_own or role is not Role.OWNER},
        may_own=may_own,
        shortest=SHORTEST,
        longest=LONGEST,
    )


@router.post("/settings/team")
async def add_member(
    *,
    request: Request,
    desk: TeamDesk,
    session: SessionDep,
    now: NowDep,
    email: Annotated[Email, Form()],
    name: Annotated[Name, Form()],
    password: Annotated[Password, Form()],
    role: Annotated[Role, Form()],
) -> Response:
    """Makes someone a member; who is known by the address already keeps their password."""
    await service.add_member(
        session, desk.access, email=email, name=name, password=password, role=role, now=now
    )
    return pages.go(request, desk.path("settings/team"), notice="saved")


@router.post("/settings/team/{member_id}")
async def change_role(
    *,
    request: Request,
    desk: TeamDesk,
    session: SessionDep,
    now: NowDep,
    member_id: UUID,
    role: Annotated[Role, Form()],
) -> Response:
    """Another role, for which they sign in anew."""
    await service.change_role(session, desk.access, member_id, role, now)
    return pages.go(request, desk.path("settings/team"), notice="saved")


@router.post("/settings/team/{member_id}/remove")
async def remove_member(request: Request, desk: TeamDesk, session: SessionDep, member_id: UUID) -> Response:
    """Ends a membership."""
    await service.remove_member(session, desk.access, member_id)
    return pages.go(request, desk.path("settings/team"), notice="deleted")
