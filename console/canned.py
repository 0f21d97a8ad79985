"""Replies to use again: kept, changed and filled in with what they speak of."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from commerce_api.carts.service import PricedCart
from commerce_api.conversations import desk as desk_service
from commerce_api.conversations.errors import CannedReplyTaken
from commerce_api.conversations.models import Conversation
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.money import Money
from commerce_api.orders.models import Order
from commerce_api.tenants.permissions import Permission
from console import filters, pages
from console.access import Desk, require

# What may stand in a reply, and what it becomes.
PLACES = {
    "{name}": "the shopper's name",
    "{shop}": "your shop's name",
    "{me}": "your own name",
    "{order}": "the number of their latest order",
    "{state}": "where that order is",
    "{total}": "what that order costs",
    "{cart}": "what is in their cart, in money",
}

router = APIRouter()

SettingsDesk = Annotated[Desk, require(Permission.EDIT_SETTINGS)]
# A code is typed in one go after the stroke.
NameField = Annotated[str, Form(min_length=1, max_length=60, pattern=r"^\S+$")]
TextField = Annotated[str, Form(min_length=1, max_length=4096, pattern=r"\S")]


@router.get("/settings/replies")
async def show_canned_replies(request: Request, desk: SettingsDesk, session: SessionDep) -> Response:
    """Every canned reply."""
    return await _page(request, desk, session)


@router.post("/settings/replies")
async def add_canned_reply(
    *,
    request: Request,
    desk: SettingsDesk,
    session: SessionDep,
    now: NowDep,
    name: NameField,
    text: TextField,
) -> Response:
    """One more."""
    try:
        await desk_service.can(session, name=name, text=text.strip(), now=now)
    except CannedReplyTaken as error:
        return await _page(request, desk, session, fault=("new", str(error)), tried=(name, text))
    return pages.go(request, desk.path("settings/replies"), notice="saved")


@router.post("/settings/replies/{canned_id}")
async def change_canned_reply(
    *,
    request: Request,
    desk: SettingsDesk,
    session: SessionDep,
    canned_id: UUID,
    name: NameField,
    text: TextField,
) -> Response:
    """Another code, or other words."""
    try:
        await desk_service.change_canned(session, canned_id, name=name, text=text.strip())
    except CannedReplyTaken as error:
        return await _page(request, desk, session, fault=(str(canned_id), str(error)))
    return pages.go(request, desk.path("settings/replies"), notice="saved")


@router.post("/settings/replies/{canned_id}/remove")
async def remove_canned_reply(
    request: Request, desk: SettingsDesk, session: SessionDep, canned_id: UUID
) -> Response:
    """Forgets it."""
    await desk_service.forget_canned(session, canned_id)
    return pages.go(request, desk.path("settings/replies"), notice="deleted")


def filled(
    text: str, desk: Desk, conversation: Conversation, cart: PricedCart, orders: Sequence[Order]
) -> str:
    """A canned reply with its facts; a fact there is none of leaves no gap."""
    latest = orders[0] if orders else None
    facts = {
        "{name}": conversation.contact.name or "",
        "{shop}": desk.tenant.name,
        "{me}": desk.user.name,
        "{order}": latest.number if latest else "",
        "{state}": latest.state.value.replace("_", " ") if latest else "",
        "{total}": filters.money(Money(latest.total, latest.currency)) if latest else "",
        "{cart}": filters.money(Money(cart.total, desk.tenant.currency)) if cart.lines else "",
    }
    for place, fact in facts.items():
        text = text.replace(place, fact)
    return text.replace(" ,", ",").replace(" .", ".").replace("  ", " ")


async def _page(
    request: Request,
    desk: Desk,
    session: SessionDep,
    *,
    fault: tuple[str, str] | None = None,
    tried: tuple[str, str] = ("", ""),
) -> Response:
    return pages.show(
        request,
        "settings_replies.html",
        desk,
        status=409 if fault else 200,
        replies=await desk_service.canned_replies(session),
        places=PLACES,
        fault=fault,
        tried=tried,
    )
