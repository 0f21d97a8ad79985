"""Asking for a better price. Prices are fixed for now; something cheaper is offered instead."""

from actions.browsing import cheaper_than_focus
from actions.choices import button
from actions.shelves import products
from actions.visit import Events, ShopAction, Visit


class ActionHaggle(ShopAction):
    """Declines warmly, and shows what costs less."""

    called = "action_haggle"

    async def act(self, visit: Visit) -> Events:
        """Without a product in focus there is nothing to compare with."""
        product, cheaper = await cheaper_than_focus(visit)
        if product is None or not cheaper:
            visit.say(
                "price_fixed", buttons=[button("browse", "browse_catalog"), button("person", "talk_to_human")]
            )
            return []
        shelf = products(cheaper)
        visit.say("price_fixed_cheaper", name=product.name, lines=shelf.lines, buttons=shelf.buttons)
        return []
