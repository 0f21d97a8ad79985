"""Asking for a better price. The API decides the answer; here it is said, and what is meant is found."""

from typing import Any

from actions.browsing import ask_category, asked_item, cheaper_than_focus
from actions.choices import Button, button, choice
from actions.finding import match, plain, product_in_focus
from actions.money import minor, written
from actions.shelves import after_shopping, line_named, named, priced_lines, products, variants
from actions.visit import Events, ShopAction, Visit, focus
from commerce_client.errors import ApiRefused
from commerce_client.models import Bargain, Cart, Product, Variant

_FAR = 0.5
"""An offer below this part of the price is called too low."""


class ActionHaggle(ShopAction):
    """One round of bargaining over what is named, in focus, or alone in the cart."""

    called = "action_haggle"

    async def act(self, visit: Visit) -> Events:
        """Asks which one is meant when that isn't clear."""
        product, variant = await _meant(visit)
        if product is None or variant is None:
            return await _ask_which(visit, product)
        offer = visit.heard.value("price_offer") or {}
        said = _minor(offer, variant.price.currency)
        answer = await visit.shop.bargain(variant.id, **said)
        if answer.said == "fixed":
            await _say_fixed(visit)
        else:
            await _say(visit, answer, product, variant, said.get("amount"))
        return focus(product.id, variant.id)


class ActionAcceptBargain(ShopAction):
    """Agrees on the price the shop named, and puts what it is for into the cart."""

    called = "action_accept_bargain"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """A price that is offered no more is said to be, and may be asked for again."""
        bargain_id, product_id, variant_id = _in_question(visit)
        if bargain_id is None or product_id is None:
            visit.say("affirm_nothing")
            return []
        try:
            agreed = await visit.shop.accept_bargain(bargain_id, is_pair=bool(visit.heard.value("is_pair")))
        except ApiRefused as refusal:
            if refusal.code not in {"bargain_over", "not_found"}:
                raise
            again = button("try_again", "haggle", product_id=product_id, variant_id=variant_id, answer="yes")
            visit.say("bargain_over", buttons=[again, button("no_thanks", "deny", answer="no")])
            return []
        return await _take(visit, agreed, product_id, str(variant_id))


class ActionDeclineBargain(ShopAction):
    """Leaves it; the door stays open."""

    called = "action_decline_bargain"

    async def act(self, visit: Visit) -> Events:
        """The no is kept, so that the next time begins where this one ended."""
        bargain_id, product_id, _ = _in_question(visit)
        if bargain_id is None or product_id is None:
            visit.say("fine")
            return []
        left = await visit.shop.refuse_bargain(bargain_id)
        product = await visit.shop.product(product_id)
        visit.say(
            "bargain_left",
            name=product.name,
            price=written(left.regular_price),
            buttons=[button("keep_shopping", "browse_catalog"), button("cart", "view_cart")],
        )
        return []


def _in_question(visit: Visit) -> tuple[str | None, str | None, str | None]:
    """The bargain picked, or the one the last reply was about, with its product and variant."""
    picked = {name: visit.heard.value(name) for name in ("bargain_id", "product_id", "variant_id")}
    if not picked["bargain_id"]:
        offered = [known.get("entities") or {} for known in visit.heard.offered]
        picked = next((known for known in offered if known.get("bargain_id")), {})
    return picked.get("bargain_id"), picked.get("product_id"), picked.get("variant_id")


async def _meant(visit: Visit) -> tuple[Product | None, Variant | None]:
    """What the price is about, when it is clear."""
    item = asked_item(visit)
    if item.words and not visit.heard.value("product_id"):
        found = await match(visit, item)
        # "The last one is how much": words of bargaining are no name of goods.
        if found.product and set(plain(item.words).split()) <= set(plain(found.product.name).split()):
            return found.product, found.variant
    product = await product_in_focus(visit)
    if product is None:
        return await _only_one_in(visit, await visit.shop.cart())
    known = visit.heard.value("variant_id") or visit.slot("variant_id")
    left = [one for one in product.variants if one.id == known] or list(product.variants)
    return product, left[0] if len(left) == 1 else None


async def _only_one_in(visit: Visit, cart: Cart) -> tuple[Product | None, Variant | None]:
    if len(cart.lines) != 1:
        return None, None
    line = cart.lines[0]
    product = await visit.shop.product(line.product_id)
    return product, next((one for one in product.variants if one.id == line.variant_id), None)


async def _ask_which(visit: Visit, product: Product | None) -> Events:
    """The answer brings the offer along."""
    kept = {"price_offer": visit.heard.value("price_offer")}
    if product is not None and not await visit.shop.is_bargained(product.id):
        await _say_fixed(visit)
        return focus(product.id)
    if product is not None:
        shelf = variants(product, product.variants)
        picks = [
            choice(one.name or product.name, "haggle", product_id=product.id, variant_id=one.id, **kept)
            for one in product.variants[:9]
        ]
        visit.say("bargain_which", lines=shelf.lines, buttons=picks, opener="options")
        return focus(product.id)
    lines = (await visit.shop.cart()).lines[:9]
    if not lines:
        await ask_category(visit, "bargain_what")
        return []
    picks = [
        choice(line_named(line), "haggle", product_id=line.product_id, variant_id=line.variant_id, **kept)
        for line in lines
    ]
    visit.say("bargain_which", lines=priced_lines(lines), buttons=picks, opener="options")
    return []


def _minor(offer: dict[str, Any], currency: str) -> dict[str, int]:
    """The offer in minor units of the shop's money."""
    known = {name: minor(offer[name], currency) for name in ("amount", "amount_off") if offer.get(name)}
    for name in ("percent_off", "quantity"):
        if offer.get(name):
            known[name] = int(offer[name])
    return known


async def _say_fixed(visit: Visit) -> None:
    """This price isn't bargained about: what costs less is shown."""
    product, cheaper = await cheaper_than_focus(visit)
    if product is None or not cheaper:
        visit.say(
            "price_fixed", buttons=[button("browse", "browse_catalog"), button("person", "talk_to_human")]
        )
        return
    shelf = products(cheaper)
    visit.say("price_fixed_cheaper", name=product.name, lines=shelf.lines, buttons=shelf.buttons)


async def _say(
    visit: Visit, answer: Bargain, product: Product, variant: Variant, offered: int | None
) -> None:
    cart = await visit.shop.cart()
    line = next((one for one in cart.lines if one.variant_id == variant.id), None)
    response = f"bargain_{answer.said}"
    if answer.said == "agreed" and line and line.is_agreed:
        response = "bargain_done"
    elif answer.said == "counter" and offered and offered < answer.regular_price.amount * _FAR:
        response = "bargain_too_low"
    visit.say(
        response,
        name=named(product, variant),
        price=written(answer.price),
        regular=written(answer.regular_price),
        quantity=answer.quantity,
        minutes=answer.held_minutes,
        added=f"{line.quantity} × {named(product, variant)}" if line else "",
        total=written(cart.total),
        buttons=_buttons(answer, product, variant, is_in_cart=line is not None),
    )


def _buttons(answer: Bargain, product: Product, variant: Variant, *, is_in_cart: bool) -> list[Button]:
    what: dict[str, Any] = {"product_id": product.id, "variant_id": variant.id}
    about: dict[str, Any] = {**what, "bargain_id": answer.bargain_id}
    no = button("no_thanks", "decline_bargain", answer="no", **about)
    if answer.said == "pair":
        several = button(
            "deal_pair",
            "accept_bargain",
            words={"count": answer.quantity},
            is_pair=True,
            answer="yes",
            **about,
        )
        return [several, button("just_one", "haggle", **what), no]
    if answer.said in {"counter", "last"}:
        return [button("deal", "accept_bargain", answer="yes", **about), no]
    if is_in_cart:
        return after_shopping()
    add = button("add", "add_to_cart", takes_quantity=True, answer="yes", **what)
    return [add, button("keep_shopping", "browse_catalog", answer="no"), button("cart", "view_cart")]


async def _take(visit: Visit, agreed: Bargain, product_id: str, variant_id: str) -> Events:
    """Puts as many into the cart as the price is for, unless they are there."""
    cart = await visit.shop.cart()
    line = next((one for one in cart.lines if one.variant_id == variant_id), None)
    missing = agreed.quantity - (line.quantity if line else 0)
    if missing > 0:
        try:
            cart = await visit.shop.add_line(variant_id, missing)
        except ApiRefused as refusal:
            if refusal.code not in {"out_of_stock", "cart_full", "quantity_invalid"}:
                raise
            visit.say("bargain_over", buttons=after_shopping())
            return focus(product_id, variant_id)
    line = next(one for one in cart.lines if one.variant_id == variant_id)
    visit.say(
        "bargain_done",
        added=f"{line.quantity} × {line_named(line)}",
        price=written(line.unit_price),
        total=written(cart.total),
        minutes=agreed.held_minutes,
        buttons=[] if visit.is_in_checkout else after_shopping(),
    )
    return focus(product_id, variant_id, line.id)
