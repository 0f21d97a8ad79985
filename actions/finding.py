"""Which product, variant or cart line is meant. The API searches; here is decided if its answer is clear."""

import re
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from actions.heard import Item
from actions.references import items_meant, looked_up, product_of_this_kind
from actions.shelves import line_named
from actions.visit import Visit
from commerce_client.models import Line, Page, Product, Variant

CLOSE = 85
UNSURE = 70
SHORTEST = 3
_MEASURES = {
    "litre": ("l", "litre", "liter", "ltr"),
    "kg": ("kg", "kilo"),
    "yard": ("yard", "yd"),
    "metre": ("m", "metre"),
}


@dataclass(frozen=True)
class Match:
    """What a shopper's words came to.

    ``product`` with one of ``variants``: clear. ``product`` with several: the variant must be asked. No
    product and some ``products``: which product must be asked. Nothing at all: unknown. ``item`` may have
    been corrected: in "5 litres palm oil" the five litres can be the bottle's size. ``missed``
    is the colour or size that the product doesn't come in.
    """

    item: Item
    product: Product | None = None
    variants: tuple[Variant, ...] = ()
    products: tuple[Product, ...] = ()
    corrected: str | None = None
    missed: str | None = None

    @property
    def variant(self) -> Variant | None:
        """The one variant meant, when it is clear."""
        return self.variants[0] if self.product and len(self.variants) == 1 else None


async def match(visit: Visit, item: Item, *, may_be_picked: bool = True) -> Match:
    """What ``item`` means: what was picked, else what is in focus, else what a search finds."""
    picked = await _picked(visit, item) if may_be_picked else None
    if picked:
        return picked
    pointed = items_meant(visit) if may_be_picked and not item.words else []
    if item.product_id or len(pointed) == 1:
        return await _by_id(visit, item if item.product_id else pointed[0])
    if item.sku:
        return await _by_sku(visit, item)
    in_focus = await product_in_focus(visit)
    if not item.words:
        return await _unnamed(visit, item, in_focus)
    if in_focus and _names_variant(in_focus, item):
        return _within(visit, item, in_focus)
    return await _by_words(visit, item)


async def _unnamed(visit: Visit, item: Item, in_focus: Product | None) -> Match:
    """ "The red one": of what was shown, else what is in focus."""
    shown = await product_of_this_kind(visit, item, in_focus)
    if shown:
        return narrow(shown, item)
    return _within(visit, item, in_focus) if in_focus else Match(item)


async def product_in_focus(visit: Visit) -> Product | None:
    """The product last talked about, if the shop still has it."""
    product_id = visit.heard.value("product_id") or visit.slot("product_id")
    return await looked_up(visit, product_id) if product_id else None


async def search(visit: Visit, item: Item, *, limit: int = 10) -> Page:
    """Products for the item's words; without its colour or size when those find nothing."""
    page = await visit.shop.products(item.query, limit=limit)
    if not page.items and item.attributes and item.words:
        return await visit.shop.products(item.words, limit=limit)
    return page


async def search_fewer(visit: Visit, item: Item, *, limit: int = 10) -> Page:
    """Products for some of the words, where all of them found none: the catalogue knows which are goods."""
    said = item.words.split()
    tried = [" ".join(said[:-1]), " ".join(said[1:]), said[0], said[-1]] if len(said) > 1 else []
    for words in dict.fromkeys(words for words in tried if len(words) >= SHORTEST):
        page = await visit.shop.products(words, limit=limit)
        if page.items:
            return page
    return Page((), 0)


async def _picked(visit: Visit, item: Item) -> Match | None:
    product_id, variant_id = visit.heard.value("product_id"), visit.heard.value("variant_id")
    if not product_id:
        return None
    product = await product_in_focus(visit)
    if product is None:
        return Match(item)
    if variant_id:
        return Match(
            item, product, tuple(variant for variant in product.variants if variant.id == variant_id)
        )
    return narrow(product, replace(item, words=""))


async def _by_id(visit: Visit, item: Item) -> Match:
    product = await looked_up(visit, str(item.product_id))
    if product is None:
        return Match(item)
    known = tuple(variant for variant in product.variants if variant.id == item.variant_id)
    return Match(item, product, known) if known else narrow(product, item)


async def _by_sku(visit: Visit, item: Item) -> Match:
    page = await visit.shop.products(item.sku, limit=5)
    for product in page.items:
        exact = tuple(variant for variant in product.variants if item.sku in {variant.sku, product.sku})
        if exact:
            return Match(item, product, exact)
    return Match(item)


def _within(visit: Visit, item: Item, product: Product) -> Match:
    """A product in focus, with the variant in focus when nothing says otherwise."""
    variant_id = visit.slot("variant_id")
    if variant_id and not item.attributes and not item.words:
        known = tuple(variant for variant in product.variants if variant.id == variant_id)
        if known:
            return Match(item, product, known)
    return narrow(product, item)


async def _by_words(visit: Visit, item: Item) -> Match:
    page = await search(visit, item)
    if not page.items:
        # Found by some of its words only, nothing is clear unless a whole name was typed.
        others = (await search_fewer(visit, item)).items
        named = _said_whole(others, item)
        return narrow(named[0], item) if named else Match(item, products=others)
    likely = _likely(page, item)
    if len(likely) != 1:
        return Match(item, products=likely, corrected=page.corrected)
    found = narrow(likely[0], item, matched=likely[0].matched)
    return replace(found, corrected=page.corrected)


def _likely(page: Page, item: Item) -> tuple[Product, ...]:
    """The products that are most likely meant: one when it is clear, all when none stands out."""
    wanted = plain(page.corrected or item.words)
    exact = tuple(product for product in page.items if plain(product.name) in {wanted, plain(item.query)})
    exact = exact or _said_whole(page.items, item)
    if exact:
        return exact[:1]
    left = page.items
    for test in (_is_named, _is_sold_by, _has_size):
        left = tuple(product for product in left if test(product, item, wanted)) or left
    return left


def _said_whole(found: tuple[Product, ...], item: Item) -> tuple[Product, ...]:
    """The product whose whole name was typed, the longest first: "kipande" counts nothing where "sabuni ya
    kipande" is what the shop calls it. One word alone may be what it is counted in."""
    typed = f" {plain(item.text)} "
    said = [product for product in found if " " in product.name and f" {plain(product.name)} " in typed]
    return tuple(sorted(said, key=lambda product: -len(product.name)))


def _is_named(product: Product, item: Item, wanted: str) -> bool:
    """Whether every word asked for is in the name, or in it and its variants' names."""
    own = " ".join([product.name, *(variant.name or "" for variant in product.variants)])
    return set(wanted.split()) <= set(plain(own).split())


def _is_sold_by(product: Product, item: Item, wanted: str = "") -> bool:
    """Whether the unit asked for is the one it is sold by."""
    return bool(product.unit and item.unit and plain(product.unit) == plain(item.unit))


def _has_size(product: Product, item: Item, wanted: str) -> bool:
    """Whether "5 litre" is in its name."""
    return _is_size(item, product.name)


def narrow(product: Product, item: Item, matched: tuple[str, ...] = ()) -> Match:
    """The variants the item's colour, size and words leave; all of them when they leave none."""
    if len(product.variants) == 1:
        return Match(_without_size(product, product.variants[0], item), product, product.variants)
    sized = tuple(variant for variant in product.variants if _is_size(item, variant.name or ""))
    fitting = tuple(variant for variant in sized or product.variants if _has_all(product, variant, item))
    left = fitting or sized or product.variants
    if left == product.variants and matched:
        left = tuple(variant for variant in product.variants if variant.id in matched) or left
    missed = None if fitting or sized else " ".join(item.attributes.values()) or None
    return Match(
        _without_size(product, left[0], item) if len(left) == 1 else item, product, left, missed=missed
    )


def _has_all(product: Product, variant: Variant, item: Item) -> bool:
    """Whether the variant says every attribute and every word that isn't the product's own."""
    said = set(plain(" ".join([variant.name or "", *variant.attributes.values()])).split())
    own = set(plain(f"{product.name} {product.unit or ''}").split())
    wanted = {word for word in plain(item.query).split() if word not in own}
    return bool(wanted) and all(any(_alike(word, other) for other in said) for word in wanted)


def _names_variant(product: Product, item: Item) -> bool:
    """Whether the item's words are a variant's of this product, not another product's name."""
    return len(product.variants) > 1 and any(_has_all(product, variant, item) for variant in product.variants)


def _is_size(item: Item, name: str) -> bool:
    """Whether "5 litre" is what the name says the thing holds."""
    if item.quantity is None or item.unit not in _MEASURES:
        return False
    tight = re.sub(r"\s+", "", name.lower())
    return any(re.search(rf"(?<!\d){item.quantity}{unit}", tight) for unit in _MEASURES[item.unit])


def _without_size(product: Product, variant: Variant, item: Item) -> Item:
    """One bottle, when the number was the bottle's size and not how many."""
    names = f"{product.name} {variant.name or ''}"
    if _is_size(item, names) and not _is_sold_by(product, item):
        return replace(item, quantity=1, unit=None)
    return item


def lines_meant(lines: tuple[Line, ...], item: Item) -> tuple[Line, ...]:
    """The cart lines the words fit best; none when they fit nothing."""
    wanted = plain(item.query)
    scored = [(fuzz.token_set_ratio(wanted, plain(line_named(line))), line) for line in lines]
    best = max((score for score, _ in scored), default=0)
    return tuple(line for score, line in scored if score >= UNSURE and score >= best - 5)


def plain(text: str) -> str:
    """Lower case, words only, plurals cut."""
    words = re.findall(r"[^\W_]+", text.lower())
    return " ".join(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in words
    )


def _alike(one: str, other: str) -> bool:
    return one == other or (len(one) > 3 and fuzz.ratio(one, other) >= CLOSE)
