"""The shop's settings: a page of links to what can be set."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from commerce_api.tenants.permissions import Permission
from console import pages
from console.access import DeskDep

router = APIRouter()


@dataclass(frozen=True)
class Setting:
    """A page of settings: its address inside the shop, and what it is for."""

    page: str
    name: str
    about: str
    permission: Permission


# The pages of settings, in order. A new one is a line here, beside its router's in ``sections.py``.
SETTINGS: tuple[Setting, ...] = (
    Setting("settings/hours", "Opening hours", "When the shop is open, day by day", Permission.EDIT_SETTINGS),
    Setting(
        "settings/zones", "Delivery zones", "Where you deliver, and for what fee", Permission.EDIT_SETTINGS
    ),
    Setting(
        "settings/bargaining",
        "Bargaining and discounts",
        "How far prices may come down",
        Permission.EDIT_SETTINGS,
    ),
    Setting(
        "settings/replies", "Canned replies", "What you answer again and again", Permission.EDIT_SETTINGS
    ),
    Setting("settings/channels", "Channels", "WhatsApp, Instagram, SMS and USSD", Permission.MANAGE_CHANNELS),
    Setting("settings/team", "Team", "Who works here, and what each may do", Permission.MANAGE_MEMBERS),
    Setting("settings/audit", "What was done", "Who changed what, and when", Permission.MANAGE_MEMBERS),
)


@router.get("/settings")
async def show_settings(request: Request, desk: DeskDep) -> Response:
    """What the member may set."""
    mine = [one for one in SETTINGS if desk.may(one.permission)]
    return pages.show(request, "settings.html", desk, settings=mine)
