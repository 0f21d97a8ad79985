"""Rows as JSON: what needs the moment, the shop's currency and our public address besides the row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from commerce_api.catalogue import search
from commerce_api.catalogue.models import Photo, Product, Variant
from commerce_api.catalogue.prices import price_at
from commerce_api.catalogue.schemas import (
    CategoriesRead,
    CategoryRead,
    PhotoRead,
    ProductDetail,
    ProductRead,
    VariantDetail,
    VariantRead,
)
from commerce_api.catalogue.tree import Tree
from commerce_api.core.clock import NowDep
from commerce_api.core.money import MoneyRead


async def public_url(request: Request) -> str:
    """Where we are reached from outside, without a trailing slash."""
    return str(request.app.state.settings.public_url)


PublicUrl = Annotated[str, Depends(public_url)]


@dataclass(frozen=True)
class Presenter:
    """Shows a shop's products at a moment."""

    now: datetime
    public_url: str

    def product(self, product: Product, currency: str, terms: Sequence[str] = ()) -> ProductRead:
        """As a shopper sees it; ``terms`` are what was searched for."""
        variants = [variant for variant in product.variants if variant.is_active]
        return ProductRead(
            id=product.id,
            sku=product.sku,
            name=product.name,
            description=product.description,
            category=product.category.name if product.category else None,
            unit=product.unit,
            photo_url=self._first_photo(product),
            variants=[self.variant(variant, currency) for variant in variants],
            matched=search.matched(product, variants, terms),
        )

    def variant(self, variant: Variant, currency: str) -> VariantRead:
        """As a shopper sees it."""
        price = price_at(variant, self.now)
        is_on_sale = price < variant.regular_price
        return VariantRead(
            id=variant.id,
            sku=variant.sku,
            name=variant.name,
            attributes=variant.attributes,
            price=MoneyRead(amount=price, currency=currency),
            regular_price=MoneyRead(amount=variant.regular_price, currency=currency) if is_on_sale else None,
            stock=variant.stock,
        )

    def detail(self, product: Product, currency: str) -> ProductDetail:
        """As its seller sees it."""
        return ProductDetail(
            id=product.id,
            sku=product.sku,
            name=product.name,
            description=product.description,
            category_id=product.category_id,
            category=product.category.name if product.category else None,
            unit=product.unit,
            is_active=product.is_active,
            in_stock=product.in_stock,
            position=product.position,
            created_at=product.created_at,
            photo_url=self._first_photo(product),
            photos=[self.photo(photo) for photo in product.photos],
            variants=[self._variant_detail(variant, currency) for variant in product.variants],
        )

    def photo(self, photo: Photo) -> PhotoRead:
        """With its public address."""
        return PhotoRead(id=photo.id, url=self._photo_url(photo), width=photo.width, height=photo.height)

    def _variant_detail(self, variant: Variant, currency: str) -> VariantDetail:
        on_sale = variant.sale_price
        return VariantDetail(
            id=variant.id,
            sku=variant.sku,
            name=variant.name,
            attributes=variant.attributes,
            price=MoneyRead(amount=price_at(variant, self.now), currency=currency),
            regular_price=MoneyRead(amount=variant.regular_price, currency=currency),
            sale_price=None if on_sale is None else MoneyRead(amount=on_sale, currency=currency),
            sale_from=variant.sale_from,
            sale_until=variant.sale_until,
            stock=variant.stock,
            is_active=variant.is_active,
            position=variant.position,
        )

    def _first_photo(self, product: Product) -> str | None:
        return self._photo_url(product.photos[0]) if product.photos else None

    def _photo_url(self, photo: Photo) -> str:
        return f"{self.public_url}/media/{photo.key}.jpg"


async def presenter(now: NowDep, public_url: PublicUrl) -> Presenter:
    """The presenter of this request."""
    return Presenter(now, public_url)


PresenterDep = Annotated[Presenter, Depends(presenter)]


def categories_read(tree: Tree, counts: Mapping[UUID, int], *, with_empty: bool) -> CategoriesRead:
    """The tree as a list; without the empty ones, what has nothing for sale in it or below it is left out."""
    shown = [category for category in tree.in_order() if with_empty or counts[category.id]]
    items = [category_read(tree, counts, category.id) for category in shown]
    return CategoriesRead(items=items, total=len(items))


def category_read(tree: Tree, counts: Mapping[UUID, int], category_id: UUID) -> CategoryRead:
    """One category of the tree."""
    category = tree.by_id[category_id]
    return CategoryRead(
        id=category.id,
        name=category.name,
        parent_id=category.parent_id,
        product_count=counts[category.id],
        slug=category.slug,
        position=category.position,
        path=tree.path(category.id),
    )


def details(presenter: Presenter, products: Iterable[Product], currency: str) -> list[ProductDetail]:
    """Products as their seller sees them."""
    return [presenter.detail(product, currency) for product in products]
