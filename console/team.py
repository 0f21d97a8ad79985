"""The team: who is a member of the shop, and what each may do."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.tenants import invitations, queries, second_step, service
from commerce_api.tenants.account_models import Invitation
from commerce_api.tenants.models import Membership, Role
from commerce_api.tenants.permissions import Permission
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


@dataclass(frozen=True)
class Handing:
    """A link to be handed to somebody, shown once: what it is for, and the words to send it with."""

    title: str
    link: str
    said: str
    note: str

    @property
    def by_whatsapp(self) -> str:
        """The address that opens WhatsApp with the words written."""
        return f"https://wa.me/?text={quote(self.said, safe='')}"


@router.get("/settings/team")
async def show_team(request: Request, desk: TeamDesk, session: SessionDep) -> Response:
    """The members and who is invited, oldest first."""
    return await answer(request, desk, session)


async def answer(
    request: Request, desk: Desk, session: SessionDep, handing: Handing | None = None
) -> Response:
    """The page of the team, with a link to hand over."""
    found = await session.scalars(queries.members().order_by(Membership.created_at, Membership.id))
    invited = await session.scalars(invitations.open_ones().order_by(Invitation.created_at, Invitation.id))
    may_own = desk.may(Permission.MANAGE_OWNERS)
    members = found.all()
    return pages.show(
        request,
        "settings_team.html",
        desk,
        members=members,
        stepped=await second_step.those_with(session, [one.user_id for one in members]),
        invited=invited.all(),
        roles={role: said for role, said in ROLES.items() if may_own or role is not Role.OWNER},
        may_own=may_own,
        handing=handing,
    )


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
