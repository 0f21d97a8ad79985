"""Meeting the shopper."""

from datetime import datetime
from typing import Any

from actions.choices import button
from actions.money import written
from actions.phrases import phrase
from actions.visit import Events, ShopAction, Visit

NOON, EVENING, NIGHT_ENDS = 12, 17, 4


class ActionGreet(ShopAction):
    """Welcomes by name and time of day; whoever left a cart is reminded of it."""

    called = "action_greet"

    async def act(self, visit: Visit) -> Events:
        """Says whether the shop is closed just now, since an answer by a person may take longer."""
        known = await visit.shop.conversation()
        cart = await visit.shop.cart()
        name = (known.contact_name or "").split(" ")[0]
        menu = [
            button("browse", "browse_catalog"),
            button("cart", "view_cart"),
            button("track", "track_order"),
            button("person", "talk_to_human"),
        ]
        greeting = phrase(f"greeting_{part_of_day(known.local_time)}")
        facts: dict[str, Any] = {
            "greeting": greeting,
            "shop": known.shop_name,
            "name": name,
            "hours": known.hours,
        }
        if cart.lines and not visit.is_in_checkout:
            count = phrase("item") if len(cart.lines) == 1 else phrase("items", count=len(cart.lines))
            go_on = [button("checkout", "checkout", answer="yes"), *menu[:2], menu[3]]
            visit.say("greet_open_cart", count=count, total=written(cart.total), buttons=go_on, **facts)
            return []
        response = "greet_by_name" if known.contact_name else "greet"
        if not known.is_open and known.hours:
            response = "greet_closed"
        if known.contact_name and await visit.shop.orders(1):
            menu[2:2] = [button("reorder", "reorder")]
        visit.say(response, buttons=menu, opener="menu", **facts)
        return []


def part_of_day(local_time: str | None) -> str:
    """``morning``, ``afternoon`` or ``evening`` of a time in ISO 8601; the night belongs to the evening."""
    hour = datetime.fromisoformat(local_time).hour if local_time else NOON - 1
    if NIGHT_ENDS <= hour < NOON:
        return "morning"
    return "afternoon" if NOON <= hour < EVENING else "evening"
