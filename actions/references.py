"""What "the cheaper one", "both", "the other" and "that red one" mean: things shown last, or in the cart."""

import re
from dataclasses import replace
from typing import Any

from actions.heard import Item
from actions.memory import SHOWN
from actions.visit import Visit
from commerce_client.errors import ApiRefused
from commerce_client.models import Line, Product

REFERENCE = "reference"
MOST_LOOKED_AT = 6
"""Of so many things shown it is looked up whether they come in a colour."""


def items_meant(visit: Visit) -> list[Item]:
    """The things a message points at with such words, each with its ids and the amount that was said; none
    when it points at nothing that was shown."""
    kind, shown = visit.heard.value(REFERENCE), visit.slot(SHOWN) or []
    if not kind:
        return []
    typed = visit.heard.items[0] if visit.heard.items else Item()
    asked = replace(typed, quantity=typed.quantity or visit.heard.quantity, words="")
    return [_item(asked, thing) for thing in _chosen(str(kind), _of_a_kind(shown), visit)]


def _of_a_kind(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that share a word with the first, when several do: the cheaper of two oils is no flour that a
    search found beside them."""
    named = [set(re.findall(r"[^\W\d_]{3,}", str(thing["name"]).lower())) for thing in shown]
    kin = [thing for thing, said in zip(shown, named, strict=True) if said & named[0]]
    return kin if len(kin) > 1 else shown


def _chosen(kind: str, shown: list[dict[str, Any]], visit: Visit) -> list[dict[str, Any]]:
    if not shown:
        return []
    if kind in {"cheapest", "dearest"}:
        return [sorted(shown, key=lambda thing: int(thing["price"]))[0 if kind == "cheapest" else -1]]
    if kind == "both":
        return shown if len(shown) == 2 else []
    left = [thing for thing in shown if not _is_in_focus(thing, visit)]
    return left if kind == "other" and len(left) == 1 else []


def chosen_line(visit: Visit, lines: tuple[Line, ...]) -> Line | None:
    """The cart's line that "the cheaper one" or "the other" means; None when it means none of them."""
    kind = visit.heard.value(REFERENCE)
    if len(lines) < 2 or kind not in {"cheapest", "dearest", "other"}:
        return None
    if kind == "other":
        left = [line for line in lines if line.id != visit.slot("line_id")]
        return left[0] if len(left) == 1 else None
    return sorted(lines, key=lambda line: line.unit_price.amount)[0 if kind == "cheapest" else -1]


def _is_in_focus(thing: dict[str, Any], visit: Visit) -> bool:
    if thing.get("variant_id"):
        return bool(thing["variant_id"] == visit.slot("variant_id"))
    return bool(thing.get("product_id") == visit.slot("product_id"))


def _item(asked: Item, thing: dict[str, Any]) -> Item:
    return replace(asked, product_id=thing.get("product_id"), variant_id=thing.get("variant_id"))


async def product_of_this_kind(visit: Visit, item: Item, in_focus: Product | None) -> Product | None:
    """The one thing shown that "the red one" can mean; None when none or several come in it, and while one
    of those shown is in focus."""
    wanted = [value.lower() for value in item.attributes.values()]
    shown = list(dict.fromkeys(str(thing.get("product_id")) for thing in visit.slot(SHOWN) or []))
    if not wanted or (in_focus and in_focus.id in shown):
        return None
    looked_at = [await looked_up(visit, product_id) for product_id in shown[:MOST_LOOKED_AT]]
    found = [product for product in looked_at if product and _comes_in(product, wanted)]
    return found[0] if len(found) == 1 else None


async def looked_up(visit: Visit, product_id: str) -> Product | None:
    """The product of this id, if the shop still has it."""
    try:
        return await visit.shop.product(product_id)
    except ApiRefused:
        return None


def _comes_in(product: Product, wanted: list[str]) -> bool:
    """Whether its name, or that of one of its variants, says all of it."""
    names = [product.name, *(f"{product.name} {variant.name or ''}" for variant in product.variants)]
    return any(all(word in name.lower() for word in wanted) for name in names)
