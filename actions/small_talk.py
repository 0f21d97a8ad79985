"""What is said beside the trade, and what was not understood."""

from contextlib import suppress
from typing import ClassVar

from actions.browsing import show_search
from actions.choices import Button, button
from actions.handoff import hand_off
from actions.heard import Item
from actions.visit import Events, ShopAction, Visit
from commerce_client.errors import ApiRefused, ApiUnavailable

ASKED_AGAIN = "utter_ask_rephrase"
OFFERED_PERSON = "utter_offer_person"
BEYOND = "utter_out_of_scope"
_ENOUGH_LETTERS = 3
GUESSES = 2
# What a message may have meant, as a choice that asks for it.
_MEANT = {
    "ask_price": "ask_price",
    "search_product": "browse",
    "ask_delivery": "ask_delivery",
    "ask_payment_methods": "ask_payment",
    "track_order": "track",
    "reorder": "reorder",
    "checkout": "checkout",
    "view_cart": "cart",
    "cancel_order": "cancel_order",
}


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
    may_be_goods: ClassVar[bool] = True

    def _ask_better(self, visit: Visit) -> None:
        visit.say("ask_rephrase", buttons=[] if visit.is_in_checkout else _guesses(visit))

    async def act(self, visit: Visit) -> Events:
        """Never the same sentence twice in a row."""
        item = _named(visit) if self.may_be_goods else None
        if item and not visit.is_in_checkout and (await visit.shop.products(item.query, limit=1)).items:
            return await show_search(visit, item)
        # What is only counted costs nobody an answer; in the developers' shell no message is kept.
        with suppress(ApiRefused, ApiUnavailable):
            await visit.shop.not_understood(*_likeliest(visit))
        asked = _asked_before(visit)
        if asked == OFFERED_PERSON:
            known = await hand_off(visit, "not_understood")
            visit.say(
                "handed_off" if known.is_open else "handed_off_closed",
                shop=known.shop_name,
                hours=known.hours,
            )
        elif asked in {ASKED_AGAIN, BEYOND}:
            known = await visit.shop.conversation()
            call = button("call_person", "talk_to_human", answer="yes")
            visit.say(
                "offer_person", shop=known.shop_name, buttons=[call, button("leave_it", "deny", answer="no")]
            )
        else:
            self._ask_better(visit)
        return []


class ActionOutOfScope(ActionFallback):
    """Something no shop can help with is said to be; who goes on about it is offered a person."""

    called = "action_out_of_scope"
    may_be_goods = False

    def _ask_better(self, visit: Visit) -> None:
        visit.say("out_of_scope")


class ActionDefaultFallback(ActionFallback):
    """The engine's own way of not knowing what to do is answered the same."""

    called = "action_default_fallback"


def _named(visit: Visit) -> Item | None:
    item = next((item for item in visit.heard.items if item.query), None)
    return item if item and len(item.query) >= _ENOUGH_LETTERS else None


def _likeliest(visit: Visit) -> tuple[str, float]:
    """The intent that came closest, and how surely."""
    ranking = visit.tracker.latest_message.get("intent_ranking") or []
    likely = [one for one in ranking if one.get("name") != "nlu_fallback"]
    first = likely[0] if likely else {}
    return str(first.get("name") or visit.heard.intent), float(first.get("confidence") or 0.0)


def _guesses(visit: Visit) -> list[Button]:
    """What it may have meant, the likeliest first, then what always helps."""
    ranking = visit.tracker.latest_message.get("intent_ranking") or []
    likely = [str(one.get("name")) for one in ranking]
    wanted = [name for name in likely if name in _MEANT][:GUESSES]
    usual = [name for name in ("search_product", "view_cart", "track_order") if name not in wanted]
    meant = [*wanted, *usual][: GUESSES + 1]
    intents = {"search_product": "browse_catalog"}
    return [
        *(button(_MEANT[name], intents.get(name, name)) for name in meant),
        button("person", "talk_to_human"),
    ]


def _asked_before(visit: Visit) -> str | None:
    """What the assistant said to the message before this one, when it had not understood that either."""
    turns = 0
    for event in reversed(visit.tracker.events):
        turns += event.get("event") == "user"
        if turns > 1:
            return None
        said = str((event.get("metadata") or {}).get("utter_action") or "")
        if turns == 1 and event.get("event") == "bot" and said in {ASKED_AGAIN, OFFERED_PERSON, BEYOND}:
            return said
    return None
