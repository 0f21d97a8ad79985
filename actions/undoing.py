"""Taking back what was changed last, and picking one of the things shown by how it differs."""

from dataclasses import replace
from typing import Any

from actions.adding import add
from actions.browsing import ask_category, cheaper_than_focus, show_product
from actions.choices import button
from actions.finding import match
from actions.heard import Item
from actions.memory import CHANGED, SHOWN
from actions.money import written
from actions.references import REFERENCE, items_meant
from actions.shelves import after_shopping, priced_lines, products
from actions.visit import Events, ShopAction, Visit, focus
from commerce_client.errors import ApiRefused
from commerce_client.models import Cart, Line


class ActionUndo(ShopAction):
    """Makes the cart what it was before the last change; done twice, the change is back."""

    called = "action_undo"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """Shows the cart as it then is; without a change there is nothing to take back."""
        changes = visit.slot(CHANGED) or []
        if not changes:
            visit.say("undo_nothing", buttons=[button("view_cart", "view_cart")])
            return []
        cart = await take_back(visit, changes)
        buttons = [] if visit.is_in_checkout else after_shopping()
        if cart.lines:
            lines, total = priced_lines(cart.lines), written(cart.total)
            visit.say("undone", lines=lines, total=total, buttons=buttons)
        else:
            visit.say("undone_empty", buttons=[button("keep_shopping", "browse_catalog")])
        last = changes[-1]
        line = _line_of(cart, str(last["variant_id"]))
        return focus(last["product_id"], last["variant_id"], line.id if line else None)


async def take_back(visit: Visit, changes: list[dict[str, Any]]) -> Cart:
    """Gives each line changed the amount it had; the cart after that. What is sold out by now stays out."""
    for change in reversed(changes):
        cart = await visit.shop.cart()
        line, before = _line_of(cart, str(change["variant_id"])), int(change["before"])
        had = line.quantity if line else 0
        try:
            if line:
                await visit.shop.set_quantity(line.id, before)
            elif before:
                cart = await visit.shop.add_line(str(change["variant_id"]), before)
                line = _line_of(cart, str(change["variant_id"]))
        except ApiRefused as refusal:
            if refusal.code != "out_of_stock":
                raise
            continue
        if line:
            visit.memory.note_changed(line, before=had, after=before)
    return await visit.shop.cart()


def _line_of(cart: Cart, variant_id: str) -> Line | None:
    return next((line for line in cart.lines if line.variant_id == variant_id), None)


class ActionPickShown(ShopAction):
    """ "The cheaper one", "both", "not that, the other": shows it, or takes it where it was to be chosen."""

    called = "action_pick_shown"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """Where nothing that was shown is meant, what was shown is offered again."""
        kind, items = visit.heard.value(REFERENCE), items_meant(visit)
        if not items:
            return await _ask_which(visit, str(kind))
        swapped = _just_added(visit) if kind == "other" else None
        if swapped:
            await take_back(visit, [swapped])
            return await add(visit, [_as_many(items[0], swapped)])
        if kind == "both" or any(thing.get("intent") == "add_to_cart" for thing in visit.slot(SHOWN) or []):
            return await add(visit, items)
        found = await match(visit, items[0])
        return show_product(visit, found.product) if found.product else await _ask_which(visit, str(kind))


def _just_added(visit: Visit) -> dict[str, Any] | None:
    """The one thing that was put in the cart last, while it is what is talked about."""
    changes = visit.slot(CHANGED) or []
    if len(changes) != 1 or changes[0]["after"] <= changes[0]["before"] or not visit.slot("line_id"):
        return None
    change: dict[str, Any] = changes[0]
    return change if change["variant_id"] == visit.slot("variant_id") else None


def _as_many(item: Item, change: dict[str, Any]) -> Item:
    added = int(change["after"]) - int(change["before"])
    return replace(item, quantity=item.quantity or added)


async def _ask_which(visit: Visit, kind: str) -> Events:
    if kind == "cheapest":
        _, cheaper = await cheaper_than_focus(visit)
        if cheaper:
            shelf = products(cheaper)
            visit.say("ask_which_product", lines=shelf.lines, buttons=shelf.buttons, opener="products")
            return []
    await ask_category(visit, "ask_what_to_search")
    return []
