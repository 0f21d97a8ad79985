"""What is said beside the trade, and what was not understood."""

from actions.browsing import show_search
from actions.choices import Button, button
from actions.heard import Item
from actions.visit import Events, ShopAction, Visit

ASKED_AGAIN = "utter_ask_rephrase"
OFFERED_PERSON = "utter_offer_person"
_ENOUGH_LETTERS = 3


class ActionReview(ShopAction):
    """Thanks for a review; the seller reads it in the conversation."""

    called = "action_review"

    async def act(self, visit: Visit) -> Events:
        """The words are kept as every message is."""
        known = await visit.shop.conversation()
        visit.say("review_thanks", shop=known.shop_name)
        return []


class ActionFallback(ShopAction):
    """Not understood. What names goods is searched for; then a better question; then a person is offered."""

    called = "action_fallback"

    async def act(self, visit: Visit) -> Events:
        """Never the same sentence twice in a row."""
        item = _named(visit)
        if item and not visit.is_in_checkout and (await visit.shop.products(item.query, limit=1)).items:
            return await show_search(visit, item)
        last = _last_response(visit)
        if last == OFFERED_PERSON:
            known = await visit.shop.conversation()
            await visit.shop.hand_off("not_understood")
            visit.say(
                "handed_off" if known.is_open else "handed_off_closed",
                shop=known.shop_name,
                hours=known.hours,
            )
        elif last == ASKED_AGAIN:
            known = await visit.shop.conversation()
            call = button("call_person", "talk_to_human", answer="yes")
            visit.say(
                "offer_person", shop=known.shop_name, buttons=[call, button("leave_it", "deny", answer="no")]
            )
        else:
            visit.say("ask_rephrase", buttons=_guesses())
        return []


class ActionDefaultFallback(ActionFallback):
    """The engine's own way of not knowing what to do is answered the same."""

    called = "action_default_fallback"


def _named(visit: Visit) -> Item | None:
    item = next((item for item in visit.heard.items if item.query), None)
    return item if item and len(item.query) >= _ENOUGH_LETTERS else None


def _guesses() -> list[Button]:
    return [
        button("browse", "browse_catalog"),
        button("cart", "view_cart"),
        button("track", "track_order"),
        button("person", "talk_to_human"),
    ]


def _last_response(visit: Visit) -> str | None:
    """The response the assistant last used, before this message."""
    for event in reversed(visit.tracker.events):
        if event.get("event") == "bot":
            return str((event.get("metadata") or {}).get("utter_action") or "")
    return None
