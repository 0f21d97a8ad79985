"""The desk's sections, in the order of the navigation. A new one is a line here."""

from dataclasses import dataclass

from fastapi import APIRouter

from commerce_api.tenants.permissions import Permission
from console import (
    audit,
    canned,
    channels,
    dashboard,
    handling,
    inbox,
    inviting,
    orders,
    products,
    selling,
    settings,
    sharing,
    shop_settings,
    team,
    thread,
)


@dataclass(frozen=True)
class Section:
    """A place in the navigation: ``page`` is its address inside a shop, ``icon`` a name of ``icons.py``.

    Members without ``permission`` don't see it; None is for everybody. ``routers`` have its pages, each with
    its own dependency of ``access.py``.
    """

    page: str
    name: str
    icon: str
    routers: tuple[APIRouter, ...]
    permission: Permission | None = None


SECTIONS = (
    Section("inbox", "Inbox", "inbox", (inbox.router, thread.router, handling.router, selling.router)),
    Section("orders", "Orders", "orders", (orders.router,)),
    Section("products", "Products", "products", (products.router, sharing.router)),
    Section("dashboard", "Dashboard", "dashboard", (dashboard.router,)),
    Section(
        "settings",
        "Settings",
        "settings",
        (
            settings.router,
            shop_settings.router,
            canned.router,
            channels.router,
            inviting.router,
            team.router,
            audit.router,
        ),
    ),
)
