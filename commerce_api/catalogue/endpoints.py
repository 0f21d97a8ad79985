"""The catalogue as the shop's members keep it. Every member may look; changing takes ``EDIT_CATALOGUE``."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Response, UploadFile, status

from commerce_api.catalogue import categories, importing, photos, products, queries, sharing, stock
from commerce_api.catalogue.models import MAX_STOCK
from commerce_api.catalogue.presenting import PresenterDep, categories_read, category_read, details
from commerce_api.catalogue.queries import Filters
from commerce_api.catalogue.schemas import (
    CategoriesRead,
    CategoryCreate,
    CategoryPatch,
    CategoryRead,
    ImportRead,
    Line,
    PhotoRead,
    Price,
    ProductCreate,
    ProductDetail,
    ProductPatch,
    ShareLinkRead,
    ShareLinksRead,
    StockAdjust,
    UpsellPut,
    UpsellRead,
    UpsellsRead,
    VariantCreate,
    VariantPatch,
)
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.core.listing import ListDep, PageRead
from commerce_api.tenants.access import Access, TenantDep, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute)

EditDep = Annotated[Access, require(Permission.EDIT_CATALOGUE)]


async def filters(
    q: Annotated[
        str | None, Query(max_length=20_000, description="words, as a shopper would type them")
    ] = None,
    category_id: UUID | None = None,
    is_active: bool | None = None,
    low_stock: bool | None = None,
) -> Filters:
    """Which products are wanted."""
    return Filters(q, category_id, is_active, low_stock)


@router.get("/products")
async def list_products(
    access: TenantDep,
    session: SessionDep,
    presenter: PresenterDep,
    params: ListDep,
    wanted: Annotated[Filters, Depends(filters)],
) -> PageRead[ProductDetail]:
    """Products, archived ones included; sort by `name`, `sku`, `created_at` or `position`."""
    page = await queries.list_products(session, params, wanted)
    return PageRead(items=details(presenter, page.items, access.tenant.currency), total=page.total)


@router.post("/products", status_code=status.HTTP_201_CREATED)
async def create_product(
    body: ProductCreate, access: EditDep, session: SessionDep, presenter: PresenterDep
) -> ProductDetail:
    """A new product with its variants."""
    product = await products.create_product(session, body)
    return presenter.detail(product, access.tenant.currency)


@router.post("/products/quick", status_code=status.HTTP_201_CREATED)
async def quick_add_product(
    *,
    name: Annotated[Line, Form()],
    price: Annotated[Price, Form()],
    stock_count: Annotated[int, Form(alias="stock", ge=0, le=MAX_STOCK)] = 1,
    file: UploadFile | None = None,
    access: EditDep,
    session: SessionDep,
    presenter: PresenterDep,
) -> ProductDetail:
    """A new product from a name, a price in minor units and perhaps a photo; its SKU follows the name."""
    photo = await file.read() if file else None
    product = await products.quick_add(session, name=name, price=price, stock=stock_count, photo=photo)
    return presenter.detail(product, access.tenant.currency)


@router.post("/products/import")
async def import_products(file: UploadFile, access: EditDep, session: SessionDep) -> ImportRead:
    """Takes in a CSV file, one row a variant; its columns are in `docs/how-to/import-a-catalogue.md`.

    When any row is at fault nothing is written: 422 `csv_invalid`, with every one in `errors`.
    """
    done = await importing.import_csv(session, await file.read(), tenant=access.tenant)
    return ImportRead(imported=done.imported, updated=done.updated, errors=[])


@router.get("/products/export", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def export_products(access: TenantDep, session: SessionDep) -> Response:
    """The catalogue as a CSV file that `import` reads back."""
    written = await importing.export_csv(session, tenant=access.tenant)
    headers = {"Content-Disposition": f'attachment; filename="{access.tenant.slug}.csv"'}
    # With a byte order mark, without which spreadsheets take it for another encoding.
    return Response(written.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/products/{product_id}")
async def read_product(
    product_id: UUID, access: TenantDep, session: SessionDep, presenter: PresenterDep
) -> ProductDetail:
    """One product."""
    return presenter.detail(await queries.product(session, product_id), access.tenant.currency)


@router.patch("/products/{product_id}")
async def change_product(
    product_id: UUID, body: ProductPatch, access: EditDep, session: SessionDep, presenter: PresenterDep
) -> ProductDetail:
    """Changes what is given."""
    product = await products.change_product(session, product_id, body)
    return presenter.detail(product, access.tenant.currency)


@router.post("/products/{product_id}/archive")
async def archive_product(
    product_id: UUID, access: EditDep, session: SessionDep, presenter: PresenterDep
) -> ProductDetail:
    """Withdraws a product from sale; `is_active` true brings it back."""
    product = await products.archive_product(session, product_id)
    return presenter.detail(product, access.tenant.currency)


@router.post("/products/{product_id}/variants", status_code=status.HTTP_201_CREATED)
async def add_variant(
    product_id: UUID, body: VariantCreate, access: EditDep, session: SessionDep, presenter: PresenterDep
) -> ProductDetail:
    """The product with one more variant."""
    product = await products.add_variant(session, product_id, body)
    return presenter.detail(product, access.tenant.currency)


@router.patch("/variants/{variant_id}")
async def change_variant(
    variant_id: UUID, body: VariantPatch, access: EditDep, session: SessionDep, presenter: PresenterDep
) -> ProductDetail:
    """Changes what is given of a variant; answers its product."""
    product = await products.change_variant(session, variant_id, body)
    return presenter.detail(product, access.tenant.currency)


@router.post("/variants/{variant_id}/stock")
async def adjust_stock(
    variant_id: UUID, body: StockAdjust, access: EditDep, session: SessionDep, presenter: PresenterDep
) -> ProductDetail:
    """Corrects a count, by a difference or to a number; answers the product."""
    variant = await stock.adjust_stock(session, variant_id, by=body.by, to=body.to)
    product = await queries.product(session, variant.product_id)
    return presenter.detail(product, access.tenant.currency)


@router.post("/products/{product_id}/photos", status_code=status.HTTP_201_CREATED)
async def add_photo(
    product_id: UUID, file: UploadFile, _: EditDep, session: SessionDep, presenter: PresenterDep
) -> PhotoRead:
    """Adds a photo: a JPEG, PNG, WebP or GIF of 5 MB at most."""
    return presenter.photo(await photos.add_photo(session, product_id, await file.read()))


@router.delete("/products/{product_id}/photos/{photo_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_photo(product_id: UUID, photo_id: UUID, _: EditDep, session: SessionDep) -> None:
    """Deletes a photo."""
    await photos.delete_photo(session, product_id, photo_id)


@router.get("/products/{product_id}/share-links")
async def list_share_links(product_id: UUID, _: TenantDep, session: SessionDep) -> ShareLinksRead:
    """Links that open a chat about the product, one for each account in use."""
    items = [ShareLinkRead.model_validate(link) for link in await sharing.links(session, product_id)]
    return ShareLinksRead(items=items, total=len(items))


@router.get("/products/{product_id}/upsells")
async def list_upsells(product_id: UUID, _: TenantDep, session: SessionDep) -> UpsellsRead:
    """What is offered beside a product, the first choice first."""
    await queries.product(session, product_id)
    pairs = await queries.upsells(session, product_id)
    items = [UpsellRead(offered_id=p.id, name=p.name, weight=pair.weight) for pair, p in pairs]
    return UpsellsRead(items=items, total=len(items))


@router.post("/products/{product_id}/upsells", status_code=status.HTTP_204_NO_CONTENT)
async def pair_upsell(product_id: UUID, body: UpsellPut, _: EditDep, session: SessionDep) -> None:
    """Offers a product beside this one, or changes its weight."""
    await products.pair_upsell(session, product_id, body)


@router.delete("/products/{product_id}/upsells/{offered_id}", status_code=status.HTTP_204_NO_CONTENT)
async def unpair_upsell(product_id: UUID, offered_id: UUID, _: EditDep, session: SessionDep) -> None:
    """No longer offers a product beside this one."""
    await products.unpair_upsell(session, product_id, offered_id)


@router.get("/categories")
async def list_categories(_: TenantDep, session: SessionDep) -> CategoriesRead:
    """All categories, each before those below it."""
    tree, counts = await queries.categories(session)
    return categories_read(tree, counts, with_empty=True)


@router.post("/categories", status_code=status.HTTP_201_CREATED)
async def create_category(body: CategoryCreate, _: EditDep, session: SessionDep) -> CategoryRead:
    """A new category."""
    category = await categories.create(session, body)
    return category_read(*await queries.categories(session), category.id)


@router.get("/categories/{category_id}")
async def read_category(category_id: UUID, _: TenantDep, session: SessionDep) -> CategoryRead:
    """One category."""
    await queries.category(session, category_id)
    return category_read(*await queries.categories(session), category_id)


@router.patch("/categories/{category_id}")
async def change_category(
    category_id: UUID, body: CategoryPatch, _: EditDep, session: SessionDep
) -> CategoryRead:
    """Changes what is given: its name, its place among its siblings, or what it stands below."""
    await categories.change(session, category_id, body)
    return category_read(*await queries.categories(session), category_id)


@router.delete("/categories/{category_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_category(category_id: UUID, _: EditDep, session: SessionDep) -> None:
    """Removes an empty category."""
    await categories.delete(session, category_id)
