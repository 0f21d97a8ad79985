"""Inviting people to the team, and handing a member the way to a new password."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.secrets import VaultDep
from commerce_api.core.settings import Settings
from commerce_api.tenants import invitations, link_addresses, resets
from commerce_api.tenants.models import Role
from commerce_api.tenants.permissions import Permission
from commerce_api.tenants.schemas import Email
from console import pages, team
from console.access import Desk, require
from console.team import Handing, TeamDesk

router = APIRouter()

OwnersDesk = Annotated[Desk, require(Permission.MANAGE_OWNERS)]


@router.post("/settings/team/invitations")
async def invite(
    *,
    request: Request,
    desk: TeamDesk,
    session: SessionDep,
    now: NowDep,
    vault: VaultDep,
    email: Annotated[Email, Form()],
    role: Annotated[Role, Form()],
) -> Response:
    """Invites somebody. The page that answers shows the link, this once."""
    issued = await invitations.invite(session, desk.access, email=email, role=role, now=now)
    return await _handed_out(request, desk, session, vault, issued)


@router.post("/settings/team/invitations/{invitation_id}/renew")
async def renew_invitation(
    *,
    request: Request,
    desk: TeamDesk,
    session: SessionDep,
    now: NowDep,
    vault: VaultDep,
    invitation_id: UUID,
) -> Response:
    """Another link; the one before ends."""
    issued = await invitations.renew(session, desk.access, invitation_id, now)
    return await _handed_out(request, desk, session, vault, issued)


@router.post("/settings/team/invitations/{invitation_id}/revoke")
async def revoke_invitation(
    request: Request, desk: TeamDesk, session: SessionDep, invitation_id: UUID
) -> Response:
    """Takes an invitation back."""
    await invitations.revoke(session, desk.access, invitation_id)
    return pages.go(request, desk.path("settings/team"), notice="revoked")


@router.post("/settings/team/{member_id}/reset-link")
async def make_reset_link(
    request: Request, desk: OwnersDesk, session: SessionDep, now: NowDep, member_id: UUID
) -> Response:
    """A link to a new password for a member, shown this once."""
    person, token = await resets.make_for_member(session, desk.access, member_id, now)
    link = link_addresses.reset(request.app.state.settings, token)
    said = f"Choose a new password for {desk.tenant.name} here, within an hour: {link}"
    handing = Handing(f"A new password for {person.name}", link, said, "It works once, within an hour.")
    return await team.answer(request, desk, session, handing)


@router.post("/settings/team/{member_id}/second-step-off")
async def remove_second_step(
    request: Request, desk: OwnersDesk, session: SessionDep, now: NowDep, member_id: UUID
) -> Response:
    """Takes the second step of a member away, who lost phone and codes."""
    await resets.remove_second_step(session, desk.access, member_id, now)
    return pages.go(request, desk.path("settings/team"), notice="second-step-removed")


async def _handed_out(
    request: Request, desk: Desk, session: SessionDep, vault: VaultDep, issued: invitations.Issued
) -> Response:
    settings: Settings = request.app.state.settings
    link = await invitations.hand_out(session, desk.access, issued, settings=settings, vault=vault)
    email = issued.invitation.email
    said = f"{desk.user.name} invites you to {desk.tenant.name}. Join here, as {email}: {link}"
    note = "It works once, within seven days. It is not shown again, but you can make another."
    if settings.sends_mail:
        note = f"A letter with it is on its way to {email}. {note}"
    return await team.answer(request, desk, session, Handing(f"Invitation for {email}", link, said, note))
