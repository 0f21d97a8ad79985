"""The catalogue in JSON. Prices going in are minor units of the shop's currency; coming out they name it."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from commerce_api.catalogue.models import EARLIEST, LATEST, MAX_PRICE, MAX_STOCK
from commerce_api.core.money import MoneyRead

MAX_VARIANTS = 100
MAX_POSITION = 1_000_000

# What a CSV file can hold too, so that an export always comes back.
PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PLAIN)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=PLAIN)]
CategoryName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^>\x00-\x1f]*$")
]
Sku = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\s;]+( [^\s;]+)*$"),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000, pattern=PLAIN)]
Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
Price = Annotated[int, Field(ge=0, le=MAX_PRICE, description="minor units")]
Position = Annotated[int, Field(ge=-MAX_POSITION, le=MAX_POSITION)]
Attributes = Annotated[
    dict[
        Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^=;\x00-\x1f]{1,80}$")],
        Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^=;\x00-\x1f]{1,80}$")],
    ],
    Field(max_length=20),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class VariantCreate(_Body):
    """A new variant."""

    sku: Sku
    name: Label | None = None
    attributes: Attributes = {}
    regular_price: Price
    sale_price: Price | None = None
    sale_from: Moment | None = None
    sale_until: Moment | None = None
    stock: Annotated[int, Field(ge=0, le=MAX_STOCK)] = 0
    is_active: bool = True
    position: Position = 0


class VariantPatch(_Body):
    """What to change of a variant; what is left out stays. Stock has an endpoint of its own."""

    sku: Sku = ""
    name: Label | None = None
    attributes: Attributes = {}
    regular_price: Price = 0
    sale_price: Price | None = None
    sale_from: Moment | None = None
    sale_until: Moment | None = None
    is_active: bool = True
    position: Position = 0


class ProductCreate(_Body):
    """A new product with its variants."""

    sku: Sku
    name: Line
    description: Text | None = None
    category_id: UUID | None = None
    unit: Label | None = None
    is_active: bool = True
    position: Position = 0
    variants: Annotated[list[VariantCreate], Field(min_length=1, max_length=MAX_VARIANTS)]


class ProductPatch(_Body):
    """What to change of a product; what is left out stays."""

    sku: Sku = ""
    name: Line = ""
    description: Text | None = None
    category_id: UUID | None = None
    unit: Label | None = None
    is_active: bool = True
    position: Position = 0


class StockAdjust(_Body):
    """A correction: by so many, or to a number."""

    by: Annotated[int, Field(ge=-MAX_STOCK, le=MAX_STOCK)] | None = None
    to: Annotated[int, Field(ge=0, le=MAX_STOCK)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.by is None) == (self.to is None):
            raise ValueError("give either `by` or `to`")
        return self


class CategoryCreate(_Body):
    """A new category."""

    name: CategoryName
    parent_id: UUID | None = None
    position: Position = 0


class CategoryPatch(_Body):
    """What to change of a category; ``parent_id`` null makes it a root, left out it stays."""

    name: CategoryName = ""
    parent_id: UUID | None = None
    position: Position = 0


class UpsellPut(_Body):
    """What to offer beside a product."""

    offered_id: UUID
    weight: Annotated[int, Field(ge=1, le=1000)] = 1


class CategoryRead(BaseModel):
    """A category. ``product_count`` counts what is for sale in it and below it."""

    id: UUID
    name: str
    parent_id: UUID | None
    product_count: int
    slug: str
    position: int
    path: str = Field(description="such as `Food > Oils`")


class CategoriesRead(BaseModel):
    """Categories in the seller's order, each before those below it."""

    items: list[CategoryRead]
    total: int


class VariantRead(BaseModel):
    """A variant as a shopper sees it: ``price`` is today's, ``regular_price`` is there when it is lower."""

    id: UUID
    sku: str
    name: str | None
    attributes: dict[str, str]
    price: MoneyRead
    regular_price: MoneyRead | None
    stock: int


class ProductRead(BaseModel):
    """A product as a shopper sees it; ``matched`` are the variants that the search words could mean."""

    id: UUID
    sku: str
    name: str
    description: str | None
    category: str | None
    unit: str | None
    photo_url: str | None
    variants: list[VariantRead]
    matched: list[UUID]


class ProductsRead(BaseModel):
    """Some products of ``total``; ``corrected`` is the search as it was understood, when not as written."""

    items: list[ProductRead]
    total: int
    corrected: str | None = None


class PhotoRead(BaseModel):
    """A photo, at a public address."""

    id: UUID
    url: str
    width: int
    height: int


class VariantDetail(BaseModel):
    """A variant as its seller sees it; ``price`` is today's."""

    id: UUID
    sku: str
    name: str | None
    attributes: dict[str, str]
    price: MoneyRead
    regular_price: MoneyRead
    sale_price: MoneyRead | None
    sale_from: datetime | None
    sale_until: datetime | None
    stock: int
    is_active: bool
    position: int


class ProductDetail(BaseModel):
    """A product as its seller sees it."""

    id: UUID
    sku: str
    name: str
    description: str | None
    category_id: UUID | None
    category: str | None
    unit: str | None
    is_active: bool
    in_stock: bool
    position: int
    created_at: datetime
    photo_url: str | None
    photos: list[PhotoRead]
    variants: list[VariantDetail]


class ShareLinkRead(BaseModel):
    """A link that opens a chat about the product; ``url`` null where the account lacks its number or name."""

    model_config = ConfigDict(from_attributes=True)

    account_id: UUID
    channel: str
    account: str
    url: str | None


class ShareLinksRead(BaseModel):
    """A product's links, by channel."""

    items: list[ShareLinkRead]
    total: int


class UpsellRead(BaseModel):
    """What is offered beside a product."""

    offered_id: UUID
    name: str
    weight: int


class UpsellsRead(BaseModel):
    """What is offered beside a product, the first choice first."""

    items: list[UpsellRead]
    total: int


class ImportRead(BaseModel):
    """What an import did: variants made and variants changed."""

    imported: int
    updated: int
    errors: list[dict[str, str | int]]
