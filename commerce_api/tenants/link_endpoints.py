"""Invitations and links to a new password, for who makes them and for who holds one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.listing import ListDep, Page, PageRead, page
from commerce_api.core.secrets import Vault, VaultDep
from commerce_api.core.settings import Settings
from commerce_api.core.tokens import Unauthenticated
from commerce_api.tenants import invitations, link_addresses, resets
from commerce_api.tenants.access import Access, require, source_of, user_if_any
from commerce_api.tenants.account_models import Invitation
from commerce_api.tenants.invitations import Issued
from commerce_api.tenants.link_schemas import (
    InvitationAccept,
    InvitationCreate,
    InvitationHeld,
    InvitationIssued,
    InvitationRead,
    InvitationSeen,
    ResetAsk,
    ResetFinish,
    ResetLinkRead,
)
from commerce_api.tenants.models import Membership, User
from commerce_api.tenants.permissions import Permission
from commerce_api.tenants.schemas import MemberRead

# Not of IdempotentRoute: that keeps answers, and these hold links that nobody keeps.
router = APIRouter()

MINE = "/tenants/{tenant_id}/invitations"
INVITATIONS_SORTABLE = {"created_at": Invitation.created_at, "email": Invitation.email}
MemberAdmin = Annotated[Access, require(Permission.MANAGE_MEMBERS)]
Owner = Annotated[Access, require(Permission.MANAGE_OWNERS)]
SomeUser = Annotated[User | None, Depends(user_if_any)]


@router.get(MINE, response_model=PageRead[InvitationRead])
async def list_invitations(_: MemberAdmin, session: SessionDep, params: ListDep) -> Page[Invitation]:
    """The invitations that nobody has used, those that are too old included."""
    return await page(session, invitations.open_ones(), params, INVITATIONS_SORTABLE)


@router.post(MINE, status_code=201)
async def invite(
    *,
    request: Request,
    body: InvitationCreate,
    access: MemberAdmin,
    session: SessionDep,
    now: NowDep,
    vault: VaultDep,
) -> InvitationIssued:
    """Invites somebody; again, and the link before ends."""
    issued = await invitations.invite(session, access, email=body.email, role=body.role, now=now)
    return await _told(request, access, session, vault, issued)


@router.post(f"{MINE}/{{invitation_id}}/renew")
async def renew_invitation(
    *,
    request: Request,
    invitation_id: UUID,
    access: MemberAdmin,
    session: SessionDep,
    now: NowDep,
    vault: VaultDep,
) -> InvitationIssued:
    """Another link for seven more days; the one before ends."""
    issued = await invitations.renew(session, access, invitation_id, now)
    return await _told(request, access, session, vault, issued)


@router.delete(f"{MINE}/{{invitation_id}}", status_code=204)
async def revoke_invitation(invitation_id: UUID, access: MemberAdmin, session: SessionDep) -> None:
    """Takes an invitation back."""
    await invitations.revoke(session, access, invitation_id)


@router.post("/tenants/{tenant_id}/members/{member_id}/reset-link", status_code=201)
async def make_reset_link(
    request: Request, member_id: UUID, access: Owner, session: SessionDep, now: NowDep
) -> ResetLinkRead:
    """A link to a new password, for an owner to hand to a member of this tenant alone."""
    _, token = await resets.make_for_member(session, access, member_id, now)
    return ResetLinkRead(link=link_addresses.reset(request.app.state.settings, token))


@router.delete("/tenants/{tenant_id}/members/{member_id}/second-step", status_code=204)
async def remove_second_step(member_id: UUID, access: Owner, session: SessionDep, now: NowDep) -> None:
    """Takes the second step of a member away, who lost phone and codes, and signs them out."""
    await resets.remove_second_step(session, access, member_id, now)


@router.post("/auth/invitation")
async def see_invitation(
    request: Request, body: InvitationHeld, session: SessionDep, now: NowDep
) -> InvitationSeen:
    """What an invitation's link is for."""
    opened = await invitations.find(session, body.token, now, source=source_of(request))
    return InvitationSeen(
        shop=opened.tenant.name,
        email=opened.invitation.email,
        role=opened.role,
        inviter=opened.inviter,
        is_known=opened.user is not None,
        expires_at=opened.invitation.expires_at,
    )


@router.post("/auth/invitation/accept", status_code=201, response_model=MemberRead)
async def accept_invitation(
    request: Request, body: InvitationAccept, user: SomeUser, session: SessionDep, now: NowDep
) -> Membership:
    """Makes who is signed in a member, or a new account from the name and password."""
    opened = await invitations.find(session, body.token, now, source=source_of(request))
    if user is not None:
        return await invitations.join_as(session, opened, user, now)
    if body.name is None or body.password is None:
        raise Unauthenticated
    return await invitations.join_anew(session, opened, name=body.name, password=body.password, now=now)


@router.post("/auth/password-reset", status_code=202)
async def ask_for_reset(
    request: Request, body: ResetAsk, session: SessionDep, now: NowDep, vault: VaultDep
) -> None:
    """Has a link mailed to the address, if it is somebody's; the answer is the same if it isn't."""
    settings: Settings = request.app.state.settings
    await resets.ask(
        session, vault, body.email, now, sends_mail=settings.sends_mail, source=source_of(request)
    )


@router.post("/auth/password-reset/finish", status_code=204)
async def finish_reset(request: Request, body: ResetFinish, session: SessionDep, now: NowDep) -> None:
    """Sets the new password; every session, bearer token and link from before ends."""
    await resets.use(session, body.token, body.password, now, source=source_of(request))


async def _told(
    request: Request, access: Access, session: SessionDep, vault: Vault, issued: Issued
) -> InvitationIssued:
    settings: Settings = request.app.state.settings
    link = await invitations.hand_out(session, access, issued, settings=settings, vault=vault)
    read = InvitationRead.model_validate(issued.invitation)
    return InvitationIssued(**read.model_dump(), link=link, is_mailed=settings.sends_mail)
