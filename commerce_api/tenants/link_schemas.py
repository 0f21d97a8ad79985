"""The JSON of invitations and of links to a new password."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from commerce_api.tenants.models import Role
from commerce_api.tenants.random_tokens import LONGEST
from commerce_api.tenants.schemas import Email, Name, Password

LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class InvitationCreate(BaseModel):
    """Whom to invite, and as what."""

    email: Email
    role: Role


class InvitationRead(BaseModel):
    """An invitation that nobody has used."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    role: Role
    created_at: datetime
    expires_at: datetime


class InvitationIssued(InvitationRead):
    """An invitation with its link, which is told this once; ``is_mailed`` when the person is sent it too."""

    link: str
    is_mailed: bool


class InvitationHeld(BaseModel):
    """The token of an invitation's link."""

    token: LinkToken


class InvitationSeen(BaseModel):
    """What the holder of an invitation's link may know. ``is_known``: there is an account to sign in to."""

    shop: str
    email: str
    role: Role
    inviter: str
    is_known: bool
    expires_at: datetime


class InvitationAccept(InvitationHeld):
    """An invitation taken up: with a name and a password by who has no account yet, else signed in."""

    name: Name | None = None
    password: Password | None = None


class ResetAsk(BaseModel):
    """Whose password is forgotten."""

    email: Annotated[str, StringConstraints(max_length=254)]


class ResetFinish(BaseModel):
    """The token of a reset link, and the new password."""

    token: LinkToken
    password: Password


class ResetLinkRead(BaseModel):
    """A link that an owner hands to a member; told this once, good for an hour."""

    link: str
