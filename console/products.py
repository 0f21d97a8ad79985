"""Products: what is sold, for how much, how many are left; changed where they stand, shared from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile

from commerce_api.catalogue import importing, products, queries, sheet, stock
from commerce_api.catalogue.cells import CellFault
from commerce_api.catalogue.errors import CsvInvalid, PriceInvalid, StockInvalid
from commerce_api.catalogue.presenting import Presenter, PresenterDep
from commerce_api.catalogue.queries import Filters
from commerce_api.catalogue.schemas import ProductPatch, VariantPatch
from commerce_api.core.database import SessionDep
from commerce_api.core.listing import MAX_SKIP, ListParams
from commerce_api.core.money import MINOR_DIGITS
from commerce_api.tenants.models import Tenant
from commerce_api.tenants.permissions import Permission
from console import pages, typed
from console.access import Desk, DeskDep, require

PAGE = 30
NO_FAULTS: Mapping[tuple[UUID, str], tuple[str, str]] = {}

router = APIRouter()

CatalogueDesk = Annotated[Desk, require(Permission.EDIT_CATALOGUE)]
CellField = Annotated[str, Form(max_length=40)]
CountQuery = Annotated[int | None, Query(ge=0, le=sheet.MAX_ROWS)]


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to."""

    q: str
    low: bool
    hidden: bool

    def read(self) -> Filters:
        """As the service takes it. Products that are withdrawn are shown apart."""
        return Filters(
            q=self.q.strip() or None, is_active=not self.hidden, low_stock=True if self.low else None
        )

    def address(self, **changes: object) -> str:
        """The list's address with something else wanted; ``None`` leaves a word out."""
        flags = {"low": "yes" if self.low else None, "hidden": "yes" if self.hidden else None}
        words = {"q": self.q, **flags, **changes}
        return "?" + urlencode({name: value for name, value in words.items() if value})


@router.get("/products")
async def show_products(
    *,
    request: Request,
    desk: DeskDep,
    session: SessionDep,
    presenter: PresenterDep,
    q: Annotated[str, Query(max_length=200)] = "",
    low: bool = False,
    hidden: bool = False,
    skip: Annotated[int, Query(ge=0, le=MAX_SKIP)] = 0,
) -> Response:
    """The list; with words, the best find first."""
    wanted = Wanted(q, low, hidden)
    found = await queries.list_products(session, ListParams(limit=PAGE, skip=skip), wanted.read())
    return pages.show(
        request,
        "products.html",
        desk,
        products=[presenter.detail(one, desk.tenant.currency) for one in found.items],
        total=found.total,
        wanted=wanted,
        low_stock=queries.LOW_STOCK,
        next_skip=skip + PAGE if skip + PAGE < found.total else None,
        **_editing(desk),
    )


@router.post("/products/variants/{variant_id}")
async def change_variant(
    *,
    request: Request,
    desk: CatalogueDesk,
    session: SessionDep,
    presenter: PresenterDep,
    variant_id: UUID,
    price: CellField,
    count: CellField,
    price_was: CellField = "",
    count_was: CellField = "",
) -> Response:
    """Another price or stock. What the form leaves as it was shown stays as it is by now."""
    variant = await queries.find_variant(session, variant_id)
    faults: dict[str, str] = {}
    if count.strip() != count_was:
        try:
            await stock.adjust_stock(session, variant_id, to=typed.stock(count))
        except (CellFault, StockInvalid) as fault:
            faults["count"] = typed.said(fault)
    if price.strip() != price_was:
        try:
            amount = typed.price(price, desk.tenant)
            await products.change_variant(session, variant_id, VariantPatch(regular_price=amount))
        except (CellFault, PriceInvalid) as fault:
            faults["price"] = typed.said(fault)
    tried = {"price": price, "count": count}
    at_fault = {(variant_id, name): (tried[name], fault) for name, fault in faults.items()}
    return await _row(request, desk, session, presenter, variant.product_id, faults=at_fault)


@router.post("/products/{product_id}/active")
async def switch_product(
    *,
    request: Request,
    desk: CatalogueDesk,
    session: SessionDep,
    presenter: PresenterDep,
    product_id: UUID,
    active: Annotated[bool, Form()],
) -> Response:
    """Withdraws a product from sale, or brings it back."""
    await products.change_product(session, product_id, ProductPatch(is_active=active))
    return await _row(request, desk, session, presenter, product_id)


@router.get("/products/import")
async def show_import(
    request: Request, desk: CatalogueDesk, imported: CountQuery = None, updated: CountQuery = None
) -> Response:
    """Where a sheet is sent, and what came of the last one."""
    return pages.show(
        request, "products_import.html", desk, imported=imported, updated=updated, faults=[], names=_columns()
    )


@router.post("/products/import")
async def import_products(
    request: Request, desk: CatalogueDesk, session: SessionDep, file: UploadFile
) -> Response:
    """Takes the sheet in, whole; or says of every row at fault what to write instead."""
    try:
        done = await importing.import_csv(session, await file.read(), tenant=desk.tenant)
    except CsvInvalid as error:
        return pages.show(
            request,
            "products_import.html",
            desk,
            status=error.status,
            imported=None,
            updated=None,
            faults=error.facts["errors"],
            names=_columns(),
        )
    counts = urlencode({"imported": done.imported, "updated": done.updated})
    return pages.go(request, desk.path(f"products/import?{counts}"))


@router.get("/products/export.csv")
async def export_products(desk: DeskDep, session: SessionDep) -> Response:
    """The catalogue as a sheet that the import reads back."""
    written = await importing.export_csv(session, tenant=desk.tenant)
    headers = {"Content-Disposition": f'attachment; filename="{desk.tenant.slug}.csv"'}
    # With a byte order mark, without which spreadsheets take it for another encoding.
    return Response(written.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


async def _row(
    request: Request,
    desk: Desk,
    session: SessionDep,
    presenter: Presenter,
    product_id: UUID,
    *,
    faults: Mapping[tuple[UUID, str], tuple[str, str]] = NO_FAULTS,
) -> Response:
    """The product as it is now: a part for htmx, else back to the list, or a page with what is at fault."""
    product = presenter.detail(await queries.product(session, product_id), desk.tenant.currency)
    facts: dict[str, Any] = {"product": product, **_editing(desk), "faults": faults}
    if pages.is_htmx(request):
        return pages.show(request, "_product.html", desk, **facts)
    if faults:
        return pages.show(request, "product.html", desk, status=422, **facts)
    return pages.go(request, desk.path("products"), notice="saved")


def _editing(desk: Desk) -> dict[str, Any]:
    """What a product's row needs beside the product."""
    may_edit = desk.may(Permission.EDIT_CATALOGUE)
    return {"may_edit": may_edit, "written": _written(desk.tenant), "faults": NO_FAULTS}


def _written(tenant: Tenant) -> typed.Written:
    return typed.Written(MINOR_DIGITS.get(tenant.currency, 2))


def _columns() -> list[tuple[str, bool]]:
    """The sheet's columns, and whether a row must fill each."""
    return [(name, name in sheet.REQUIRED) for name in sheet.COLUMNS]
