"""What the shop promises: when it is open, where it delivers for what, how far its prices come down."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from commerce_api.bargaining import terms
from commerce_api.bargaining.schemas import TermsBody
from commerce_api.bargaining.terms import TermsFacts
from commerce_api.catalogue import queries as catalogue
from commerce_api.catalogue.cells import CellFault
from commerce_api.catalogue.queries import Filters
from commerce_api.core.database import SessionDep
from commerce_api.core.listing import ListParams
from commerce_api.core.money import MINOR_DIGITS
from commerce_api.orders import queries, zones
from commerce_api.orders.errors import ZoneNameTaken
from commerce_api.orders.schemas import ZoneBody
from commerce_api.orders.zones import ZoneFacts
from commerce_api.tenants import service as tenants
from commerce_api.tenants.models import Tenant
from commerce_api.tenants.permissions import Permission
from commerce_api.tenants.schemas import TenantPatch
from console import pages, typed
from console.access import Desk, require

DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
EVERY = ListParams(limit=200)
TERMS = ("floor_percent", "steps", "patience", "limit_per_contact", "held_minutes", "pair_quantity")

router = APIRouter()

SettingsDesk = Annotated[Desk, require(Permission.EDIT_SETTINGS)]


@router.get("/settings/hours")
async def show_hours(request: Request, desk: SettingsDesk) -> Response:
    """When the shop is open."""
    return _hours(request, desk, desk.tenant.opening, desk.tenant.hours or "", None)


@router.post("/settings/hours")
async def change_settings(request: Request, desk: SettingsDesk, session: SessionDep) -> Response:
    """Other hours. By the day, a day without a time is closed; at least one must have one."""
    form = await request.form()
    is_always = form.get("mode") == "always"
    spans = {} if is_always else _spans(form)
    words = str(form.get("hours", ""))
    if not is_always and not any(spans.values()):
        return _hours(request, desk, spans, words, "Give at least one day a time, or choose always open.")
    try:
        patch = TenantPatch.model_validate({"opening": spans, "hours": words or None})
    except ValidationError as error:
        return _hours(request, desk, spans, words, typed.first_fault(error))
    await tenants.change_settings(session, desk.tenant, patch.model_dump(exclude_unset=True, mode="json"))
    return pages.go(request, desk.path("settings/hours"), notice="saved")


@router.post("/settings/turns")
async def share_out(
    request: Request, desk: SettingsDesk, session: SessionDep, shares_out: Annotated[bool, Form()] = False
) -> Response:
    """Whether conversations that wait are given to members in turn."""
    await tenants.change_settings(session, desk.tenant, {"shares_out": shares_out})
    return pages.go(request, desk.path("settings/hours"), notice="saved")


@router.get("/settings/zones")
async def show_zones(request: Request, desk: SettingsDesk, session: SessionDep) -> Response:
    """Where the shop delivers."""
    return await _zones(request, desk, session)


@router.post("/settings/zones")
async def add_delivery_zone(request: Request, desk: SettingsDesk, session: SessionDep) -> Response:
    """One more zone."""
    form = await request.form()
    try:
        await zones.add_zone(session, _zone(form, desk.tenant))
    except (CellFault, ValidationError, ZoneNameTaken) as error:
        return await _zones(request, desk, session, fault=("new", _said(error)))
    return pages.go(request, desk.path("settings/zones"), notice="saved")


@router.post("/settings/zones/{zone_id}")
async def change_delivery_zone(
    request: Request, desk: SettingsDesk, session: SessionDep, zone_id: UUID
) -> Response:
    """A zone as the form has it; placed orders keep what they were promised."""
    await queries.zone(session, zone_id)
    form = await request.form()
    try:
        await zones.change_zone(session, zone_id, _zone(form, desk.tenant))
    except (CellFault, ValidationError) as error:
        return await _zones(request, desk, session, fault=(str(zone_id), _said(error)))
    return pages.go(request, desk.path("settings/zones"), notice="saved")


@router.post("/settings/zones/{zone_id}/remove")
async def remove_delivery_zone(
    request: Request, desk: SettingsDesk, session: SessionDep, zone_id: UUID
) -> Response:
    """Forgets a zone."""
    await zones.remove_zone(session, zone_id)
    return pages.go(request, desk.path("settings/zones"), notice="deleted")


@router.get("/settings/bargaining")
async def show_bargaining(request: Request, desk: SettingsDesk, session: SessionDep) -> Response:
    """How far prices come down: the shop's terms, and those of single products."""
    return await _bargaining(request, desk, session)


@router.post("/settings/bargaining")
async def lay_down_bargain_terms(request: Request, desk: SettingsDesk, session: SessionDep) -> Response:
    """Makes the form the terms of the shop, or of the product it names."""
    form = await request.form()
    try:
        body = _terms(form, desk.tenant)
    except (CellFault, ValidationError) as error:
        return await _bargaining(request, desk, session, fault=_said(error))
    await terms.lay_down(session, body.product_id, body.read())
    return pages.go(request, desk.path("settings/bargaining"), notice="saved")


@router.post("/settings/discounts")
async def limit_discounts(
    request: Request,
    desk: SettingsDesk,
    session: SessionDep,
    percent: Annotated[int, Form(ge=0, le=100)],
) -> Response:
    """How much a member may take off a cart."""
    await tenants.change_settings(session, desk.tenant, {"discount_limit_percent": percent})
    return pages.go(request, desk.path("settings/bargaining"), notice="saved")


@router.post("/settings/bargaining/{terms_id}/remove")
async def forget_bargain_terms(
    request: Request, desk: SettingsDesk, session: SessionDep, terms_id: UUID
) -> Response:
    """Takes terms away: the product goes by the shop's, the shop bargains no more."""
    await terms.forget(session, terms_id)
    return pages.go(request, desk.path("settings/bargaining"), notice="deleted")


def _spans(form: FormData) -> dict[str, list[tuple[str, str]]]:
    """The times by day, as typed; a row without either is none."""
    found: dict[str, list[tuple[str, str]]] = {}
    for day in DAYS:
        pairs = zip(form.getlist(f"{day}_from"), form.getlist(f"{day}_until"), strict=False)
        typed_pairs = [(str(start), str(end)) for start, end in pairs if start or end]
        if typed_pairs:
            found[day] = typed_pairs
    return found


def _zone(form: FormData, tenant: Tenant) -> ZoneFacts:
    """The form as a zone. Raises CellFault and ValidationError."""
    aliases = [name.strip() for name in str(form.get("aliases", "")).split(",") if name.strip()]
    body = ZoneBody.model_validate(
        {
            "name": form.get("name", ""),
            "fee": typed.price(str(form.get("fee", "")), tenant),
            "eta": str(form.get("eta", "")).strip() or None,
            "aliases": aliases,
            "position": form.get("position") or 0,
            "is_active": form.get("active") == "yes",
        }
    )
    return ZoneFacts(**body.model_dump())


def _terms(form: FormData, tenant: Tenant) -> TermsBody:
    """The form as terms. Raises CellFault and ValidationError."""
    floor = str(form.get("floor_price", "")).strip()
    numbers = {name: form[name] for name in TERMS if form.get(name)}
    price = {"floor_price": typed.price(floor, tenant)} if floor else {}
    which = {"product_id": form.get("product_id") or None, "is_on": form.get("is_on") == "yes"}
    return TermsBody.model_validate({**which, **numbers, **price})


def _said(error: CellFault | ValidationError | ZoneNameTaken) -> str:
    return typed.first_fault(error) if isinstance(error, ValidationError) else typed.said(error)


def _hours(request: Request, desk: Desk, spans: dict[str, Any], words: str, fault: str | None) -> Response:
    return pages.show(
        request,
        "settings_hours.html",
        desk,
        status=422 if fault else 200,
        days=DAYS,
        spans=spans,
        words=words,
        fault=fault,
        is_always=not spans and fault is None,
    )


async def _zones(
    request: Request, desk: Desk, session: SessionDep, *, fault: tuple[str, str] | None = None
) -> Response:
    found = await queries.find_zones(session, EVERY)
    return pages.show(
        request,
        "settings_zones.html",
        desk,
        status=422 if fault else 200,
        zones=found.items,
        fault=fault,
        written=_written(desk.tenant),
    )


async def _bargaining(
    request: Request, desk: Desk, session: SessionDep, *, fault: str | None = None
) -> Response:
    found = await terms.terms_page(session, EVERY)
    of_products = [one for one in found.items if one.product_id is not None]
    named = await catalogue.products(session, [one.product_id for one in of_products if one.product_id])
    for_sale = await catalogue.list_products(session, EVERY, Filters(is_active=True))
    return pages.show(
        request,
        "settings_bargaining.html",
        desk,
        status=422 if fault else 200,
        usual=next((one for one in found.items if one.product_id is None), None),
        defaults=TermsFacts(),
        of_products=of_products,
        names={product.id: product.name for product in named},
        products=for_sale.items,
        written=_written(desk.tenant),
        fault=fault,
    )


def _written(tenant: Tenant) -> typed.Written:
    return typed.Written(MINOR_DIGITS.get(tenant.currency, 2))
