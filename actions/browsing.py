"""Looking around: categories, searches, one product, its price and whether it is there."""

from typing import Any

from actions.acts import carrying_on
from actions.choices import Button, button
from actions.finding import Match, match, product_in_focus, search, search_fewer
from actions.heard import Item
from actions.money import minor, written
from actions.phrases import phrase
from actions.shelves import PAGE, doors, is_single, named, price, price_range, products, stock, variants
from actions.visit import Events, ShopAction, Visit, focus
from commerce_client.models import Money, Product, Variant

MANY = 50


class ActionBrowse(ShopAction):
    """Shows the categories, or what one of them holds; goods that were named are looked for."""

    called = "action_browse"

    async def act(self, visit: Visit) -> Events:
        """A category comes with the choice that was picked."""
        category_id = visit.heard.value("category_id")
        if category_id:
            return await show_category(visit, category_id, skip=0)
        item = asked_item(visit)
        if item.query and (await visit.shop.products(item.query, limit=1)).items:
            return await show_search(visit, item)
        await ask_category(visit, "categories")
        return []


class ActionSearch(ShopAction):
    """Searches for what was named, within a price limit if one was."""

    called = "action_search"

    async def act(self, visit: Visit) -> Events:
        """Without words there is nothing to search: asks."""
        item = asked_item(visit)
        if not item.query:
            await ask_category(visit, "ask_what_to_search")
            return []
        return await show_search(visit, item)


class ActionShowMore(ShopAction):
    """The next page of what was last shown."""

    called = "action_show_more"

    async def act(self, visit: Visit) -> Events:
        """What to go on with travels in the choice."""
        words, category_id = visit.heard.value("words"), visit.heard.value("category_id")
        skip = int(visit.heard.value("skip") or 0)
        if category_id:
            return await show_category(visit, category_id, skip=skip)
        if not words:
            await ask_category(visit, "no_more")
            return []
        page = await visit.shop.products(words, limit=PAGE, skip=skip)
        if not page.items:
            await ask_category(visit, "no_more")
            return []
        shelf = products(page.items, more=_more(page.total, skip, words=words))
        visit.say(
            "search_results",
            words=words,
            lines=shelf.lines,
            hint=hint(visit),
            buttons=shelf.buttons,
            opener="products",
        )
        return []


class ActionShowProduct(ShopAction):
    """One product, with its photo, price, stock and variants."""

    called = "action_show_product"

    async def act(self, visit: Visit) -> Events:
        """The product picked, named or in focus."""
        found = await meant(visit)
        if found.product:
            return show_product(visit, found.product)
        return await show_several(visit, found)


class ActionTellPrice(ShopAction):
    """The price of what is picked, named or in focus."""

    called = "action_tell_price"

    async def act(self, visit: Visit) -> Events:
        """For an amount, the sum is told too."""
        found = await meant(visit)
        product = found.product
        if product is None:
            return await show_several(visit, found, response="price_many")
        if found.variant is None:
            shelf = variants(product, found.variants, quantity=found.item.quantity)
            visit.say(
                "price_variants",
                name=product.name,
                lines=shelf.lines,
                buttons=shelf.buttons,
                opener="options",
            )
            return focus(product.id)
        _tell_one_price(visit, product, found.variant, found.item.quantity)
        return focus(product.id, found.variant.id)


class ActionTellAvailability(ShopAction):
    """Whether what is picked, named or in focus can be had."""

    called = "action_tell_availability"

    async def act(self, visit: Visit) -> Events:
        """For an amount, whether there is enough."""
        found = await meant(visit)
        product = found.product
        if product is None:
            return await show_several(visit, found)
        if found.missed:
            shelf = variants(product, product.variants)
            facts: dict[str, Any] = {"name": product.name, "missed": found.missed, "lines": shelf.lines}
            visit.say("no_such_variant", buttons=shelf.buttons, opener="options", **facts)
            return focus(product.id)
        if found.variant is None:
            return show_product(visit, product)
        _tell_stock(visit, product, found.variant, found.item.quantity)
        return focus(product.id, found.variant.id)


def asked_item(visit: Visit) -> Item:
    """All that was named, as one thing to look for."""
    items = visit.heard.items
    first = items[0] if items else Item()
    attributes = {name: value for item in items for name, value in item.attributes.items()}
    words = " ".join(item.words for item in items if item.words)
    return Item(quantity=first.quantity, unit=first.unit, words=words, attributes=attributes)


async def meant(visit: Visit) -> Match:
    """What a question is about."""
    return await match(visit, asked_item(visit))


async def ask_category(visit: Visit, response: str, **facts: Any) -> None:
    """Offers the categories."""
    shelf = await doors(visit)
    visit.say(response, lines=shelf.lines, buttons=shelf.buttons, opener="categories", **facts)


async def show_category(visit: Visit, category_id: str, *, skip: int) -> Events:
    """A page of a category."""
    known = {category.id: category for category in await visit.shop.categories()}
    page = await visit.shop.products(category_id=category_id, limit=PAGE, skip=skip)
    if category_id not in known or not page.items:
        await ask_category(visit, "no_more")
        return []
    shelf = products(page.items, more=_more(page.total, skip, category_id=category_id))
    category = known[category_id].name
    visit.say(
        "category_products",
        category=category,
        count=page.total,
        lines=shelf.lines,
        hint=hint(visit),
        buttons=shelf.buttons,
        opener="products",
    )
    return []


async def show_search(visit: Visit, item: Item) -> Events:
    """What a search finds: one product whole, several as a list."""
    limit = visit.heard.value("price_limit")
    page = await search(visit, item, limit=MANY if limit else PAGE)
    if not page.items:
        page = await search_fewer(visit, item, limit=PAGE)
    if not page.items:
        await ask_category(visit, "search_none", words=item.query)
        return []
    if limit:
        return _show_within(visit, item, page.items, float(limit))
    if len(page.items) == 1 and page.total == 1:
        return show_product(visit, page.items[0])
    words = page.corrected or item.query
    shelf = products(page.items, more=_more(page.total, 0, words=words))
    response = "search_corrected" if page.corrected else "search_results"
    visit.say(
        response,
        words=item.query,
        corrected=page.corrected,
        lines=shelf.lines,
        hint=hint(visit),
        buttons=shelf.buttons,
        opener="products",
    )
    return []


def _show_within(visit: Visit, item: Item, found: tuple[Product, ...], limit: float) -> Events:
    currency = found[0].variants[0].price.currency
    most = minor(limit, currency)
    fitting = tuple(product for product in found if _cheapest(product) <= most)
    if len(fitting) == 1:
        return show_product(visit, fitting[0])
    shown = fitting or tuple(sorted(found, key=_cheapest))
    shelf = products(shown[:PAGE])
    response = "search_results" if fitting else "search_none_within"
    visit.say(
        response,
        words=item.query,
        limit=written(Money(most, currency)),
        lines=shelf.lines,
        hint=hint(visit),
        buttons=shelf.buttons,
        opener="products",
    )
    return []


def _cheapest(product: Product) -> int:
    return min(variant.price.amount for variant in product.variants)


async def show_several(visit: Visit, found: Match, response: str = "search_results") -> Events:
    """A list when it isn't clear what was meant; the categories when nothing was found."""
    if not found.products:
        named_nothing = not found.item.query
        await ask_category(
            visit, "ask_what_to_search" if named_nothing else "search_none", words=found.item.query
        )
        return []
    shelf = products(found.products[:PAGE])
    if found.corrected and response == "search_results":
        response = "search_corrected"
    visit.say(
        response,
        words=found.item.query,
        corrected=found.corrected,
        lines=shelf.lines,
        hint=hint(visit),
        buttons=shelf.buttons,
        opener="products",
    )
    return []


def hint(visit: Visit) -> str:
    """How to pick from a list; nothing during checkout, where a number answers the question that follows."""
    return "" if visit.is_in_checkout else phrase("hint")


def show_product(visit: Visit, product: Product) -> Events:
    """One product, and the way to buy it."""
    facts: dict[str, Any] = {
        "name": product.name,
        "description": product.description or "",
        "image": product.photo_url,
    }
    if not any(variant.stock > 0 for variant in product.variants):
        similar = (
            button("similar", "search_product", line_item={"words": product.category})
            if product.category
            else None
        )
        rest = [button("keep_shopping", "browse_catalog"), button("person", "talk_to_human")]
        visit.say(
            "product_sold_out",
            price=price_range(product),
            buttons=[*([similar] if similar else []), *rest],
            **facts,
        )
        return focus(product.id)
    if is_single(product):
        only = product.variants[0]
        visit.say(
            "product",
            price=price(product, only),
            stock=stock(only.stock),
            buttons=_card_buttons(product, only),
            **facts,
        )
        return focus(product.id, only.id)
    shelf = variants(product, product.variants)
    visit.say("product_variants", lines=shelf.lines, buttons=shelf.buttons, opener="options", **facts)
    return focus(product.id)


def _card_buttons(product: Product, variant: Variant) -> list[Button]:
    add = button(
        "add", "add_to_cart", product_id=product.id, variant_id=variant.id, takes_quantity=True, answer="yes"
    )
    return [add, button("keep_shopping", "browse_catalog", answer="no"), button("cart", "view_cart")]


def _tell_one_price(visit: Visit, product: Product, variant: Variant, quantity: int | None) -> None:
    facts: dict[str, Any] = {
        "name": named(product, variant),
        "price": price(product, variant),
        "buttons": _card_buttons(product, variant),
    }
    if quantity and quantity > 1:
        total = Money(variant.price.amount * quantity, variant.price.currency)
        visit.say("price_quantity", quantity=quantity, total=written(total), **facts)
        return
    visit.say("price", stock=_sentence(stock(variant.stock)), **facts)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _tell_stock(visit: Visit, product: Product, variant: Variant, quantity: int | None) -> None:
    name = named(product, variant)
    if variant.stock <= 0:
        similar = button(
            "similar", "search_product", line_item={"words": product.category or product.name}, answer="yes"
        )
        visit.say("sold_out", name=name, buttons=[similar, button("no_thanks", "deny", answer="no")])
        return
    if quantity and quantity > variant.stock:
        offer_rest(visit, "not_enough", product, variant, quantity=quantity)
        return
    card = _card_buttons(product, variant)
    visit.say("available", name=name, stock=stock(variant.stock), price=price(product, variant), buttons=card)


def offer_rest(
    visit: Visit, response: str, product: Product, variant: Variant, *, quantity: int, left: int | None = None
) -> None:
    """Says how many there are and offers those."""
    available = variant.stock if left is None else left
    take = button(
        "add_many",
        "add_to_cart",
        words={"count": available},
        product_id=product.id,
        variant_id=variant.id,
        quantity=available,
        answer="yes",
    )
    answers = [take, button("no_thanks", "deny", answer="no")]
    visit.say(
        response,
        name=named(product, variant),
        available=available,
        quantity=quantity,
        buttons=carrying_on(visit, answers),
    )


def _more(total: int, skip: int, **entities: Any) -> Button | None:
    following = skip + PAGE
    return button("more", "show_more", skip=following, **entities) if total > following else None


async def cheaper_than_focus(visit: Visit) -> tuple[Product | None, tuple[Product, ...]]:
    """The product in focus, and up to three of its kind that cost less."""
    product = await product_in_focus(visit)
    if product is None or not product.category:
        return product, ()
    page = await visit.shop.products(product.category, limit=MANY)
    less = [
        item
        for item in page.items
        if _cheapest(item) < _cheapest(product) and any(v.stock > 0 for v in item.variants)
    ]
    return product, tuple(sorted(less, key=_cheapest, reverse=True)[:3])
