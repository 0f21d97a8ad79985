"""Products, categories and lines as a reply shows them: numbered lines and, in the same order, choices."""

from dataclasses import dataclass

from actions.choices import Button, button, choice, numbered
from actions.money import written
from actions.phrases import phrase
from actions.visit import Visit
from commerce_client.models import Category, Line, Product, Variant

PAGE = 6
FEW = 5


@dataclass(frozen=True)
class Shelf:
    """Numbered lines and the choices that go with them."""

    lines: str
    buttons: list[Button]


def is_single(product: Product) -> bool:
    """Whether there is nothing to choose about it."""
    return len(product.variants) == 1


def price(product: Product, variant: Variant) -> str:
    """Today's price with its unit, and the regular one when it is reduced."""
    amount = written(variant.price)
    text = phrase("per_unit", price=amount, unit=product.unit) if product.unit else amount
    if variant.regular_price and variant.regular_price.amount > variant.price.amount:
        return phrase("was", price=text, regular=written(variant.regular_price))
    return text


def price_range(product: Product) -> str:
    """The price, or where the prices start when variants differ."""
    least = cheapest(product)
    differ = len({variant.price.amount for variant in product.variants}) > 1
    return phrase("from", price=price(product, least)) if differ else price(product, least)


def cheapest(product: Product) -> Variant:
    """The variant that costs least."""
    return min(product.variants, key=lambda variant: variant.price.amount)


def stock(count: int) -> str:
    """Stock in words."""
    if count <= 0:
        return phrase("stock_none")
    return phrase("stock_few", count=count) if count <= FEW else phrase("in_stock")


def named(product: Product, variant: Variant | None) -> str:
    """The product, with its variant when it has several."""
    return f"{product.name} ({variant.name})" if variant and variant.name else product.name


def line_named(line: Line) -> str:
    """A cart's or order's line by name."""
    return f"{line.product_name} ({line.variant})" if line.variant else line.product_name


def counted(line: Line) -> str:
    """How many of what."""
    return f"{line.quantity} × {line_named(line)}"


def priced_lines(lines: tuple[Line, ...]) -> str:
    """A cart's or order's lines with their totals, numbered."""
    return numbered([f"{counted(line)}: {written(line.total)}{_agreed(line)}" for line in lines])


def _agreed(line: Line) -> str:
    return phrase("agreed", price=written(line.unit_price)) if line.is_agreed else ""


def products(items: tuple[Product, ...], *, more: Button | None = None) -> Shelf:
    """Products to look at, with an optional last choice for the next page."""
    buttons = [
        choice(
            item.name,
            "ask_product_details",
            description=_summary(item),
            price=cheapest(item).price,
            product_id=item.id,
        )
        for item in items
    ]
    lines = numbered([f"{item.name}, {_summary(item)}" for item in items])
    return Shelf(lines, [*buttons, *([more] if more else [])])


def _summary(product: Product) -> str:
    total = sum(max(variant.stock, 0) for variant in product.variants)
    return price_range(product) if total else f"{price_range(product)}, {phrase('stock_none')}"


def variants(
    product: Product, offered: tuple[Variant, ...], *, quantity: int | None = None, pending: object = None
) -> Shelf:
    """Variants to put in the cart."""
    buttons = [
        choice(
            variant.name or product.name,
            "add_to_cart",
            description=f"{price(product, variant)}, {stock(variant.stock)}",
            price=variant.price,
            variant_id=variant.id,
            product_id=product.id,
            quantity=quantity,
            pending=pending,
        )
        for variant in offered[:9]
    ]
    lines = [
        f"{variant.name or product.name}: {price(product, variant)}, {stock(variant.stock)}"
        for variant in offered[:9]
    ]
    return Shelf(numbered(lines), buttons)


def categories(items: tuple[Category, ...]) -> Shelf:
    """The top categories, or all when there is no top."""
    top = tuple(item for item in items if item.parent_id is None) or items
    buttons = [
        choice(item.name, "browse_catalog", description=_count(item.product_count), category_id=item.id)
        for item in top[:9]
    ]
    return Shelf(numbered([f"{item.name}, {_count(item.product_count)}" for item in top[:9]]), buttons)


def _count(count: int) -> str:
    return phrase("item") if count == 1 else phrase("items", count=count)


async def doors(visit: Visit) -> Shelf:
    """The shop's categories, when nothing better can be shown."""
    return categories(await visit.shop.categories())


def after_shopping() -> list[Button]:
    """What usually comes next once something is in the cart."""
    return [
        button("checkout", "checkout"),
        button("view_cart", "view_cart"),
        button("keep_shopping", "browse_catalog"),
    ]
