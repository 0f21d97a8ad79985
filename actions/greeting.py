"""Meeting the shopper."""

from actions.choices import button
from actions.visit import Events, ShopAction, Visit


class ActionGreet(ShopAction):
    """Welcomes by name, with what can be done here."""

    called = "action_greet"

    async def act(self, visit: Visit) -> Events:
        """Says whether the shop is closed just now, since an answer by a person may take longer."""
        known = await visit.shop.conversation()
        menu = [
            button("browse", "browse_catalog"),
            button("cart", "view_cart"),
            button("track", "track_order"),
            button("person", "talk_to_human"),
        ]
        response = "greet_by_name" if known.contact_name else "greet"
        if not known.is_open and known.hours:
            response = "greet_closed"
        name = (known.contact_name or "").split(" ")[0]
        visit.say(response, shop=known.shop_name, name=name, hours=known.hours, buttons=menu, opener="menu")
        return []
