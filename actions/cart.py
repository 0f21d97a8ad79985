"""The cart: its amounts, what goes out, how it looks, and the answer to what is offered beside it."""

from typing import Any

from actions.acts import carrying_on, stopped
from actions.adding import MOST, add, items_to_add, offer_buttons, offer_facts, open_offer, said_in_cart
from actions.browsing import ask_category
from actions.choices import Button, button, choice
from actions.finding import lines_meant
from actions.heard import Item
from actions.money import written
from actions.phrases import phrase
from actions.references import REFERENCE, chosen_line
from actions.shelves import after_shopping, counted, line_named, priced_lines
from actions.visit import Events, ShopAction, Visit, focus
from commerce_client.errors import ApiRefused
from commerce_client.models import Cart, Line


class ActionSetQuantity(ShopAction):
    """Makes a line's amount what was said; a bare number after looking at a product adds that one."""

    called = "action_set_quantity"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """The line picked, named, in focus, or the only one; else asks which."""
        item = visit.heard.items[0] if visit.heard.items else Item(quantity=visit.heard.quantity)
        cart = await visit.shop.cart()
        meant = _lines(visit, cart, item)
        is_new = bool(item.words and not cart.lines) or bool(visit.slot("product_id") and not item.words)
        if not meant and is_new:
            return await add(visit, items_to_add(visit))
        if not cart.lines:
            await ask_category(visit, "ask_what_to_add")
            return []
        if len(meant) != 1:
            return _ask_which(visit, cart, meant, item, intent="update_cart")
        line, quantity = meant[0], item.quantity or visit.heard.quantity
        if quantity is None:
            _ask_amount(visit, line, item)
            return [*stopped(visit), *focus(line.product_id, line.variant_id, line.id)]
        return await _set(visit, line, quantity)


class ActionRemoveFromCart(ShopAction):
    """Takes a line out, or some of it when an amount was said."""

    called = "action_remove_from_cart"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """The line picked, named, in focus, or the only one; else asks which."""
        item = visit.heard.items[0] if visit.heard.items else Item()
        cart = await visit.shop.cart()
        if not cart.lines:
            _say_empty(visit)
            return []
        if visit.heard.value(REFERENCE) == "both" and len(cart.lines) == 2:
            return await _empty(visit)
        meant = _lines(visit, cart, item)
        if len(meant) != 1:
            return _ask_which(visit, cart, meant, item, intent="remove_from_cart")
        line = meant[0]
        if item.quantity and item.quantity < line.quantity:
            return await _set(visit, line, line.quantity - item.quantity)
        after = await visit.shop.set_quantity(line.id, 0)
        visit.memory.note_changed(line, before=line.quantity, after=0)
        if after.lines:
            buttons = [] if visit.is_going_on else after_shopping()
            visit.say("removed", name=line_named(line), total=written(after.total), buttons=buttons)
        else:
            buttons = [] if visit.is_going_on else [button("keep_shopping", "browse_catalog")]
            visit.say("removed_last", name=line_named(line), buttons=buttons)
        return focus(line.product_id, line.variant_id)


class ActionViewCart(ShopAction):
    """The cart with its total."""

    called = "action_view_cart"

    async def act(self, visit: Visit) -> Events:
        """An empty cart leads back to the shop."""
        cart = await visit.shop.cart()
        if not cart.lines:
            _say_empty(visit)
            return []
        buttons = [
            button("checkout", "checkout"),
            button("keep_shopping", "browse_catalog"),
            button("empty_cart", "clear_cart"),
        ]
        shown = [] if visit.is_in_checkout else buttons
        visit.say("cart", lines=priced_lines(cart.lines), total=written(cart.total), buttons=shown)
        return []


class ActionClearCart(ShopAction):
    """Asks before everything goes."""

    called = "action_clear_cart"

    async def act(self, visit: Visit) -> Events:
        """There is nothing to ask about an empty cart."""
        cart = await visit.shop.cart()
        if not cart.lines:
            _say_empty(visit)
            return []
        count = phrase("item") if len(cart.lines) == 1 else phrase("items", count=len(cart.lines))
        answers = [
            button("yes_empty", "confirm_clear_cart", answer="yes"),
            button("keep", "deny", answer="no"),
        ]
        visit.say("ask_clear_cart", count=count, total=written(cart.total), buttons=answers)
        return []


class ActionEmptyCart(ShopAction):
    """Empties the cart, having asked."""

    called = "action_empty_cart"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """What was in focus goes with it."""
        return await _empty(visit)


async def _empty(visit: Visit) -> Events:
    for line in (await visit.shop.cart()).lines:
        visit.memory.note_changed(line, before=line.quantity, after=0)
    await visit.shop.clear_cart()
    visit.say("cart_cleared", buttons=[button("browse", "browse_catalog")])
    return focus()


class ActionAcceptUpsell(ShopAction):
    """Takes what was offered beside the cart."""

    called = "action_accept_upsell"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """Without an offer there is nothing to take."""
        offer_id = offer_in_question(visit)
        if offer_id is None:
            visit.say("affirm_nothing")
            return []
        line, cart = await accept_offer(visit, offer_id)
        if line is None:
            visit.say("upsell_gone", buttons=after_shopping())
            return []
        visit.say(
            "upsell_accepted", name=line_named(line), total=written(cart.total), buttons=after_shopping()
        )
        return focus(line.product_id, line.variant_id, line.id)


class ActionDeclineUpsell(ShopAction):
    """Leaves what was offered beside the cart."""

    called = "action_decline_upsell"

    async def act(self, visit: Visit) -> Events:
        """The answer is kept, so that it isn't offered again."""
        offer_id = offer_in_question(visit)
        if offer_id:
            await decline_offer(visit, offer_id)
        visit.say("upsell_declined", buttons=after_shopping())
        return []


async def accept_offer(visit: Visit, offer_id: str) -> tuple[Line | None, Cart]:
    """Puts an offer in the cart; the line it became, or None when it can't be had any more."""
    before = {line.id: line.quantity for line in (await visit.shop.cart()).lines}
    try:
        cart = await visit.shop.answer_upsell(offer_id, accepted=True)
    except ApiRefused:
        return None, await visit.shop.cart()
    grown = [line for line in cart.lines if line.quantity != before.get(line.id)]
    for line in grown[-1:]:
        visit.memory.note_changed(line, before=before.get(line.id, 0), after=line.quantity)
    return (grown[-1] if grown else None), cart


async def decline_offer(visit: Visit, offer_id: str) -> None:
    """Records a no; one that can't be recorded any more changes nothing."""
    try:
        await visit.shop.answer_upsell(offer_id, accepted=False)
    except ApiRefused:
        return


def offer_in_question(visit: Visit) -> str | None:
    """The offer picked, or the one the last reply made."""
    picked = visit.heard.value("offer_id")
    offered = ((choice.get("entities") or {}).get("offer_id") for choice in visit.heard.offered)
    found = picked or next((offer for offer in offered if offer), None)
    return str(found) if found else None


def _say_empty(visit: Visit) -> None:
    visit.say("cart_empty", buttons=[button("browse", "browse_catalog"), button("track", "track_order")])


def _lines(visit: Visit, cart: Cart, item: Item) -> tuple[Line, ...]:
    """The lines meant: by id, by place, by name, in focus, or the only one there is."""
    by_id = {line.id: line for line in cart.lines}
    picked = visit.heard.value("line_id")
    if picked:
        return (by_id[picked],) if picked in by_id else ()
    place = visit.heard.value("place")
    if isinstance(place, int) and not item.words:
        return cart.lines[place - 1 :][:1] if place > 0 else cart.lines[-1:]
    if item.words or item.attributes:
        return lines_meant(cart.lines, item)
    pointed = chosen_line(visit, cart.lines)
    if pointed:
        return (pointed,)
    in_focus = by_id.get(visit.slot("line_id") or "")
    if in_focus:
        return (in_focus,)
    return cart.lines if len(cart.lines) == 1 and not visit.slot("product_id") else ()


def _ask_which(visit: Visit, cart: Cart, meant: tuple[Line, ...], item: Item, *, intent: str) -> Events:
    offered = meant or cart.lines
    buttons = [_line_button(line, item, intent) for line in offered[:10]]
    response = "not_in_cart" if item.words and not meant else "ask_which_line"
    visit.say(
        response,
        words=item.query,
        lines=priced_lines(offered),
        buttons=carrying_on(visit, buttons),
        opener="options",
    )
    return stopped(visit)


def _line_button(line: Line, item: Item, intent: str) -> Button:
    return choice(
        line_named(line), intent, description=counted(line), line_id=line.id, quantity=item.quantity
    )


def _ask_amount(visit: Visit, line: Line, item: Item) -> None:
    if item.problem == "too_many":
        visit.say("quantity_too_many", most=MOST)
    elif item.problem:
        visit.say("quantity_fraction" if item.problem == "fraction" else "quantity_invalid")
    else:
        visit.say("ask_line_quantity", name=line_named(line), quantity=line.quantity)


async def _set(visit: Visit, line: Line, quantity: int) -> Events:
    try:
        cart = await visit.shop.set_quantity(line.id, quantity)
    except ApiRefused as refusal:
        if refusal.code not in {"out_of_stock", "quantity_invalid"}:
            raise
        _say_refused(visit, line, refusal)
        return [*stopped(visit), *focus(line.product_id, line.variant_id, line.id)]
    changed = next(now for now in cart.lines if now.id == line.id)
    visit.memory.note_changed(line, before=line.quantity, after=changed.quantity)
    facts: dict[str, Any] = {"line": said_in_cart(changed), "total": written(cart.total)}
    is_alone = not (visit.is_in_checkout or visit.is_going_on)
    offer = await open_offer(visit) if is_alone else None
    if offer:
        visit.say("changed_with_upsell", buttons=offer_buttons(offer), **offer_facts(offer), **facts)
    else:
        visit.say("changed", buttons=after_shopping() if is_alone else [], **facts)
    return focus(line.product_id, line.variant_id, line.id)


def _say_refused(visit: Visit, line: Line, refusal: ApiRefused) -> None:
    available = int(refusal.facts.get("available") or 0)
    if refusal.code == "quantity_invalid":
        visit.say(
            "quantity_too_many",
            most=refusal.facts.get("allowed", MOST),
            buttons=[button("person", "talk_to_human")],
        )
        return
    if available <= line.quantity:
        visit.say(
            "only_left_have_all", available=line.quantity, name=line_named(line), buttons=after_shopping()
        )
        return
    take = button(
        "add_many",
        "update_cart",
        words={"count": available},
        line_id=line.id,
        quantity=available,
        answer="yes",
    )
    answers = [take, button("no_thanks", "deny", answer="no")]
    visit.say("only_left", available=available, name=line_named(line), buttons=answers)
