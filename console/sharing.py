"""A new product from a phone in one page, and the links and codes that bring shoppers to it."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import segno
from fastapi import APIRouter, Form, Request, Response, UploadFile
from markupsafe import Markup

from commerce_api.catalogue import products, queries, sharing
from commerce_api.catalogue.cells import CellFault
from commerce_api.catalogue.errors import PhotoTooLarge, PhotoUnreadable
from commerce_api.catalogue.presenting import PresenterDep
from commerce_api.core.database import SessionDep
from commerce_api.tenants.permissions import Permission
from console import pages, typed
from console.access import Desk, DeskDep, require

LONGEST_NAME = 200

router = APIRouter()

CatalogueDesk = Annotated[Desk, require(Permission.EDIT_CATALOGUE)]
CellField = Annotated[str, Form(max_length=40)]


@router.get("/products/new")
async def show_new_product(request: Request, desk: CatalogueDesk) -> Response:
    """The page that a product is made on."""
    return _form(request, desk, {"name": "", "price": "", "count": "1"}, {})


@router.post("/products/new")
async def quick_add_product(
    *,
    request: Request,
    desk: CatalogueDesk,
    session: SessionDep,
    name: Annotated[str, Form(max_length=1000)],
    price: CellField,
    count: CellField = "1",
    photo: UploadFile | None = None,
) -> Response:
    """Makes the product and goes on to its links; else the page again with what is at fault beside it."""
    read, faults = _read(desk, name, price, count)
    picture = await photo.read() if photo else b""
    if not faults:
        try:
            product = await products.quick_add(session, **read, photo=picture or None)
        except (PhotoUnreadable, PhotoTooLarge) as fault:
            faults["photo"] = typed.said(fault)
        else:
            return pages.go(request, desk.path(f"products/{product.id}/share"), notice="saved")
    return _form(request, desk, {"name": name, "price": price, "count": count}, faults, status=422)


@router.get("/products/{product_id}/share")
async def show_share(
    request: Request, desk: DeskDep, session: SessionDep, presenter: PresenterDep, product_id: UUID
) -> Response:
    """A product's links, each with its code."""
    product = presenter.detail(await queries.product(session, product_id), desk.tenant.currency)
    links = await sharing.links(session, product_id)
    return pages.show(
        request,
        "product_share.html",
        desk,
        product=product,
        links=[(link, code(link.url)) for link in links if link.url],
        nameless=[link for link in links if not link.url],
        may_channels=desk.may(Permission.MANAGE_CHANNELS),
    )


def code(url: str) -> Markup:
    """The QR code of an address as an SVG, dark on light whatever the page's colours: cameras need that."""
    drawn = segno.make(url, error="m", micro=False)
    svg: str = drawn.svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    return Markup(svg)  # noqa: S704 -- drawn of squares alone, whatever the address says


def _read(desk: Desk, name: str, price: str, count: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed as the service takes it, and what is at fault, by field."""
    readers: dict[str, Callable[[], Any]] = {
        "name": lambda: typed.line(name, LONGEST_NAME),
        "price": lambda: typed.price(price, desk.tenant),
        "stock": lambda: typed.stock(count),
    }
    read: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field, reader in readers.items():
        try:
            read[field] = reader()
        except CellFault as fault:
            faults[field] = typed.said(fault)
    return read, faults


def _form(
    request: Request, desk: Desk, values: dict[str, str], faults: dict[str, str], *, status: int = 200
) -> Response:
    return pages.show(request, "product_new.html", desk, status=status, values=values, faults=faults)
