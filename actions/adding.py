"""Putting things in the cart: one or several a message, with what is unclear asked for."""

from dataclasses import dataclass, field, replace
from typing import Any

from actions.acts import carrying_on, stopped
from actions.browsing import ask_category, offer_rest
from actions.choices import Button, button, choice
from actions.finding import Match, match
from actions.heard import Item
from actions.money import written
from actions.references import items_meant
from actions.shelves import after_shopping, cheapest, counted, named, price, products, variants
from actions.visit import Events, ShopAction, Visit, focus
from commerce_client.errors import ApiRefused
from commerce_client.models import Cart, Line, Product, UpsellOffer, Variant

MOST = 999


@dataclass
class Basket:
    """What came of the things named: what is in, what must still be asked, what can't be had."""

    cart: Cart | None = None
    added: list[str] = field(default_factory=list)
    last: Line | None = None
    unclear: list[Match] = field(default_factory=list)
    problems: list[Match] = field(default_factory=list)
    short: list[tuple[Product, Variant, int, int]] = field(default_factory=list)
    refused: str | None = None

    @property
    def is_finished(self) -> bool:
        """Whether everything named is in."""
        return not (self.unclear or self.problems or self.short or self.refused)


class ActionAddToCart(ShopAction):
    """Adds what was picked or named; "it" is the product in focus."""

    called = "action_add_to_cart"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """Adds what is clear, then asks about the first thing that isn't; the rest waits in its choices."""
        return await add(visit, items_to_add(visit))


def items_to_add(visit: Visit) -> list[Item]:
    """What was named, and what was left waiting when a choice was offered."""
    waiting = [Item.read(value) for value in visit.heard.value("pending") or []]
    pointed = items_meant(visit)
    if len(pointed) > 1:
        return [*pointed, *waiting]
    typed = list(visit.heard.items)
    if visit.heard.value("product_id"):
        first = typed[0] if typed else Item()
        asked = replace(first, quantity=first.quantity or visit.heard.quantity, words="")
        return [asked, *typed[1:], *waiting]
    return [*(typed or [Item(quantity=visit.heard.quantity)]), *waiting]


async def add(visit: Visit, items: list[Item]) -> Events:
    """Adds the items and answers."""
    basket = Basket()
    for place, item in enumerate(items):
        await _add_one(visit, basket, item, may_be_picked=place == 0)
    await _answer(visit, basket)
    halted = [] if basket.is_finished else stopped(visit)
    return [*halted, *_in_focus(basket)]


def _in_focus(basket: Basket) -> Events:
    if basket.last:
        return focus(basket.last.product_id, basket.last.variant_id, basket.last.id)
    asked = next((found for found in [*basket.problems, *basket.unclear] if found.product), None)
    if asked is None or asked.product is None:
        return []
    return focus(asked.product.id, asked.variant.id if asked.variant else None)


async def _add_one(visit: Visit, basket: Basket, item: Item, *, may_be_picked: bool) -> None:
    found = await match(visit, item, may_be_picked=may_be_picked)
    if item.problem:
        basket.problems.append(found)
        return
    if found.product is None or found.variant is None:
        basket.unclear.append(found)
        return
    quantity = found.item.quantity or 1
    try:
        basket.cart = await visit.shop.add_line(found.variant.id, quantity)
    except ApiRefused as refusal:
        _note_refusal(basket, refusal, found.product, found.variant, quantity=quantity)
        return
    basket.last = next((line for line in basket.cart.lines if line.variant_id == found.variant.id), None)
    if basket.last:
        now = basket.last.quantity
        visit.memory.note_changed(basket.last, before=max(now - quantity, 0), after=now)
    basket.added.append(f"{quantity} × {named(found.product, found.variant)}")


def _note_refusal(
    basket: Basket, refusal: ApiRefused, product: Product, variant: Variant, *, quantity: int
) -> None:
    if refusal.code == "out_of_stock":
        available = int(refusal.facts.get("available") or 0)
        basket.short.append((product, variant, quantity, available))
    elif refusal.code in {"quantity_invalid", "cart_full"}:
        basket.refused = refusal.code
    else:
        raise refusal


async def _answer(visit: Visit, basket: Basket) -> None:
    if basket.cart and basket.added:
        await _say_added(visit, basket.cart, basket.added, is_finished=basket.is_finished)
    if basket.refused:
        _say_refused(visit, basket.refused)
    for found in basket.problems[:1]:
        _say_problem(visit, found.item.problem or "")
    for product, variant, quantity, available in basket.short:
        await _say_short(visit, product, variant, quantity=quantity, available=available)
    if basket.unclear:
        first, *others = sorted(basket.unclear, key=lambda found: not (found.product or found.products))
        await _ask(visit, first, [found.item.to_json() for found in others if found.item.query])


async def _say_added(visit: Visit, cart: Cart, added: list[str], *, is_finished: bool) -> None:
    facts: dict[str, Any] = {"added": ", ".join(added), "total": written(cart.total)}
    if not is_finished or visit.is_in_checkout or visit.is_going_on:
        visit.say("added", **facts)
        return
    offer = await visit.shop.offer_upsell()
    if offer is None:
        visit.say("added", buttons=after_shopping(), **facts)
        return
    visit.say("added_with_upsell", buttons=offer_buttons(offer), **offer_facts(offer), **facts)


def offer_buttons(offer: UpsellOffer) -> list[Button]:
    """Yes, no, or straight on. The yes carries what it is about, so that the offer can be made again."""
    ids: dict[str, Any] = {"product_id": offer.product.id, "variant_id": offer.variant.id}
    return [
        button("yes_add", "accept_upsell", offer_id=offer.id, answer="yes", **ids),
        button("no_thanks", "decline_upsell", offer_id=offer.id, answer="no"),
        button("checkout", "checkout"),
    ]


async def open_offer(visit: Visit) -> UpsellOffer | None:
    """The offer the last reply made, while it waits for an answer; else a new one, once a cart."""
    waiting = [known for known in visit.heard.offered if known.get("intent") == "accept_upsell"]
    if not waiting:
        return await visit.shop.offer_upsell()
    said = waiting[0].get("entities") or {}
    product = await visit.shop.product(str(said.get("product_id")))
    variant = next((variant for variant in product.variants if variant.id == said.get("variant_id")), None)
    return UpsellOffer(str(said.get("offer_id")), product, variant, "") if variant else None


def offer_facts(offer: UpsellOffer) -> dict[str, Any]:
    """What is said of something offered beside the cart."""
    return {
        "offer": named(offer.product, offer.variant),
        "offer_price": price(offer.product, offer.variant),
        "beside": offer.beside,
    }


def _say_refused(visit: Visit, code: str) -> None:
    if code == "cart_full":
        visit.say("cart_full", buttons=after_shopping()[:2])
    else:
        _say_problem(visit, "too_many")


def _say_problem(visit: Visit, problem: str) -> None:
    """Why the amount won't do; the product stays in focus, so that a number is enough for an answer."""
    if problem == "too_many":
        visit.say("quantity_too_many", most=MOST, buttons=[button("person", "talk_to_human")])
    else:
        visit.say("quantity_fraction" if problem == "fraction" else "quantity_invalid")


async def _say_short(
    visit: Visit, product: Product, variant: Variant, *, quantity: int, available: int
) -> None:
    cart = await visit.shop.cart()
    held = next((line.quantity for line in cart.lines if line.variant_id == variant.id), 0)
    left = available - held
    if left > 0:
        offer_rest(visit, "only_left", product, variant, quantity=quantity, left=left)
    elif held:
        visit.say(
            "only_left_have_all", available=held, name=named(product, variant), buttons=after_shopping()
        )
    else:
        words = {"words": product.category or product.name}
        similar = button("similar", "search_product", line_item=words, answer="yes")
        visit.say(
            "sold_out",
            name=named(product, variant),
            buttons=[similar, button("no_thanks", "deny", answer="no")],
        )


async def _ask(visit: Visit, found: Match, waiting: list[dict[str, object]]) -> None:
    """Asks which variant or product is meant; the answer brings the amount and what waits with it."""
    pending, quantity = waiting or None, found.item.quantity
    if found.product:
        shelf = variants(found.product, found.variants, quantity=quantity, pending=pending)
        visit.say(
            "no_such_variant" if found.missed else "ask_variant",
            name=found.product.name,
            missed=found.missed,
            lines=shelf.lines,
            buttons=carrying_on(visit, shelf.buttons),
            opener="options",
        )
        return
    if found.products:
        shown = found.products[:9]
        buttons = [
            choice(
                item.name,
                "add_to_cart",
                price=cheapest(item).price,
                product_id=item.id,
                quantity=quantity,
                pending=pending,
            )
            for item in shown
        ]
        visit.say(
            "ask_which_product",
            lines=products(shown).lines,
            buttons=carrying_on(visit, buttons),
            opener="products",
        )
        return
    words = found.item.query
    await ask_category(visit, "cannot_add_unknown" if words else "ask_what_to_add", words=words)


def said_in_cart(line: Line) -> str:
    """A line as a sentence holds it."""
    return f"{counted(line)} ({written(line.total)})"
