"""Every page and action of the desk, found by itself: who is let in, and who isn't.

A new route is tried as soon as it is there. One that takes a form needs a filled-in one in ``FORMS``; one
that names a new kind of thing needs one in ``tests/commerce_api/stalls.py``, under the parameter's name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from commerce_api.core.database import Database
from commerce_api.tenants.models import Role
from commerce_api.tenants.permissions import RIGHTS, Permission
from console.app import ROUTERS
from console.sections import SECTIONS
from console.shops import SHOP
from tests.commerce_api.stalls import furnish
from tests.conftest import MakeMember
from tests.console.conftest import AtDesk, Visit, Visiting

# A form that each action would accept, by the endpoint's name.
FORMS: dict[str, dict[str, Any]] = {
    "change_password": {"current": "x", "new": "another password"},
    "reply": {"text": "hello", "key": "k"},
    "send_template": {"name": "news", "language": "en", "text": "hello", "key": "k"},
    "say_here": {"doing": "here"},
    "snooze": {"until": "hour"},
    "add_line": {"variant_id": "00000000-0000-4000-8000-000000000000", "quantity": "1"},
    "change_line": {"quantity": "1"},
    "add_canned_reply": {"name": "hours", "text": "We open at 8"},
    "change_canned_reply": {"name": "hours", "text": "We open at 8"},
    "give_discount": {"percent": "5"},
    "send_test_message": {"number": "+2348030000000"},
    "react": {"emoji": "👍"},
    "share_out": {"shares_out": "yes"},
    "limit_discounts": {"percent": "5"},
    "place_order": {"name": "Ada", "delivery": "pickup", "payment_method": "cash_on_delivery", "key": "k"},
    "send_pay_link": {"text": "here", "key": "k"},
    "show_product": {"key": "k"},
    "move_order": {"to": "confirmed"},
    "cancel_order": {"reason": "x"},
    "change_variant": {"price": "1", "count": "1"},
    "switch_product": {"active": "no"},
    "quick_add_product": {"name": "x", "price": "1"},
    "change_settings": {"mode": "always"},
    "add_delivery_zone": {"name": "Yaba", "fee": "500"},
    "change_delivery_zone": {"name": "Yaba", "fee": "500"},
    "confirm_second_step": {"code": "123456"},
    "make_recovery_codes": {"code": "123456"},
    "end_second_step": {"code": "123456"},
    "invite": {"email": "a@b.example", "role": "agent"},
    "change_role": {"role": "agent"},
    "connect_channel_account": {"channel": "whatsapp", "name": "Line", "address": "1"},
    "change_channel_account": {"name": "Line"},
    "switch_channel_account": {"road_id": "00000000-0000-4000-8000-000000000000"},
}
# Forms of who isn't signed in: they carry a visitor's token.
BY_VISITORS = {
    "sign_in": {"email": "a@b.example", "password": "x"},
    "join": {},
    "join_anew": {"name": "Ada", "password": "long enough 1"},
    "sign_out_to_join": {},
    "ask_for_reset": {"email": "a@b.example"},
    "finish_reset": {"password": "long enough 1"},
    "sign_in_by_code": {"code": "123456"},
}
OPEN_TO_ALL = {
    *("show_sign_in", "show_code", "show_invitation", "show_forgot", "show_reset", "serve_asset"),
    *("go_to_provider", "come_from_provider"),
    *BY_VISITORS,
}


@dataclass(frozen=True)
class Action:
    """One verb of one route."""

    method: str
    route: APIRoute
    prefix: str

    @property
    def needs(self) -> Permission | None:
        """The right it asks for."""
        return next(_permissions(self.route.dependant), None)

    @property
    def address(self) -> str:
        """The route's path below the desk's base."""
        return self.prefix + self.route.path

    @property
    def parameters(self) -> list[str]:
        """What its address names, but the shop."""
        return [name for name in re.findall(r"{(\w+)", self.address) if name != "slug"]

    def path(self, slug: str = "none", **ids: str) -> str:
        """Its address."""
        values = {name: str(uuid4()) for name in self.parameters} | ids | {"slug": slug}
        return "/console" + re.sub(r"{(\w+)(:path)?}", lambda found: values[found[1]], self.address)

    def __str__(self) -> str:
        return f"{self.method} {self.address}"


def _permissions(dependant: Dependant) -> Iterator[Permission]:
    for inner in dependant.dependencies:
        found = getattr(inner.call, "permission", None)
        if found is not None:
            yield found
        yield from _permissions(inner)


def actions() -> list[Action]:
    inside = [router for section in SECTIONS for router in section.routers]
    routers = [(router, "") for router in ROUTERS] + [(router, SHOP) for router in inside]
    return [
        Action(method, route, prefix)
        for router, prefix in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


ACTIONS = actions()
GUARDED = [one for one in ACTIONS if one.route.name not in OPEN_TO_ALL]
IN_A_SHOP = [one for one in GUARDED if one.address.startswith(SHOP)]
WITH_RIGHT = [one for one in IN_A_SHOP if one.needs]
CHANGING = [one for one in GUARDED if one.method != "GET"]
NAMING = [one for one in IN_A_SHOP if one.parameters]


async def ask(visit: Visit, action: Action, path: str, **data: Any) -> httpx.Response:
    if action.method == "GET":
        answer: httpx.Response = await visit.get(path)
        return answer
    form = FORMS.get(action.route.name, {})
    return await visit.post(path, {**form, **data})


def test_there_are_routes_to_walk() -> None:
    assert len(IN_A_SHOP) > 3
    assert WITH_RIGHT
    assert CHANGING


def test_every_action_in_a_shop_asks_for_a_right() -> None:
    silent = [str(one) for one in IN_A_SHOP if one.method != "GET" and one.needs is None]
    assert silent == []


@pytest.mark.parametrize("action", GUARDED, ids=str)
async def test_who_is_not_signed_in_is_sent_to_sign_in(action: Action, visit: Visiting) -> None:
    answer = await ask(visit(), action, action.path())
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in")


@pytest.mark.parametrize("action", WITH_RIGHT, ids=str)
async def test_a_role_without_the_right_is_refused(
    action: Action, at_desk: AtDesk, make_member: MakeMember
) -> None:
    wrong = next(role for role in reversed(Role) if action.needs not in RIGHTS[role])
    member = await make_member(role=wrong)
    answer = await ask(await at_desk(member), action, action.path(member.tenant.slug))
    assert answer.status_code == 403


@pytest.mark.parametrize("action", CHANGING, ids=str)
async def test_a_form_without_its_token_is_refused(
    action: Action, at_desk: AtDesk, make_member: MakeMember
) -> None:
    member, stranger = await make_member(), await make_member()
    visit, path = await at_desk(member), action.path(member.tenant.slug)
    for token in ("", "AAAA", (await at_desk(stranger)).token):
        assert (await ask(visit, action, path, csrf=token)).status_code == 403


@pytest.mark.parametrize(
    "action", [one for one in ACTIONS if one.route.name in OPEN_TO_ALL and one.method != "GET"], ids=str
)
async def test_a_visitors_form_without_its_token_is_refused(action: Action, visit: Visiting) -> None:
    form = BY_VISITORS[action.route.name]
    browser, other = visit(), visit()
    await browser.get("/console/sign-in")
    await other.get("/console/sign-in")
    for token in ("", "AAAA", other.token):
        answer = await browser.post(action.path(), {**form, "csrf": token})
        assert answer.status_code == 403
        assert "no longer current" in answer.text


@pytest.mark.parametrize("action", IN_A_SHOP, ids=str)
async def test_a_shop_one_is_no_member_of_is_not_there(
    action: Action, at_desk: AtDesk, make_member: MakeMember
) -> None:
    other = await make_member()
    visit = await at_desk(await make_member())
    theirs = await ask(visit, action, action.path(other.tenant.slug))
    nobodys = await ask(visit, action, action.path("no-such-shop"))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert _without_token(theirs.text) == _without_token(nobodys.text)


@pytest.fixture
async def strangers_ids(database: Database, desk_app: FastAPI) -> dict[str, str]:
    """Things of another shop, by the name that addresses have for them."""
    return (await furnish(database, desk_app.state.vault)).ids


@pytest.mark.parametrize("action", NAMING, ids=str)
async def test_what_is_another_shops_is_not_there(
    action: Action, at_desk: AtDesk, make_member: MakeMember, strangers_ids: dict[str, str]
) -> None:
    member = await make_member()
    visit = await at_desk(member)
    named = {name: strangers_ids[name] for name in action.parameters}
    answer = await ask(visit, action, action.path(member.tenant.slug, **named))
    assert answer.status_code == 404


def _without_token(text: str) -> str:
    return re.sub(r"[\w-]{80,}=*", "", text)
