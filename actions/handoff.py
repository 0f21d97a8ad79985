"""Calling a person, and telling them what it is about."""

from rasa_sdk.events import SlotSet

from actions.choices import button
from actions.money import written
from actions.orders import order_state
from actions.phrases import has_phrase, phrase, speaking
from actions.shelves import counted
from actions.visit import Events, ShopAction, Visit
from commerce_client.models import Conversation

_RESPONSES = {
    "complaint": "complaint_handed_off",
    "change_order": "order_change_handed_off",
    "return_or_refund": "return_handed_off",
}
LAST_WORDS = 3


class ActionHandOff(ShopAction):
    """Asks the seller to take the conversation over, and says so honestly."""

    called = "action_hand_off"

    async def act(self, visit: Visit) -> Events:
        """When the shop is closed, says when an answer can be expected."""
        known = await hand_off(visit, visit.heard.intent)
        response = _RESPONSES.get(visit.heard.intent, "handed_off")
        if response == "handed_off" and not known.is_open and known.hours:
            response = "handed_off_closed"
        visit.say(response, shop=known.shop_name, hours=known.hours)
        return [SlotSet("order_confirmed", None)]


class ActionTellReturns(ActionHandOff):
    """The shop's word on returns; a person is offered, or called where the shop has said nothing."""

    called = "action_tell_returns"

    async def act(self, visit: Visit) -> Events:
        """The policy is the seller's own text."""
        known = await visit.shop.conversation()
        if not known.returns_policy:
            return await super().act(visit)
        answers = [
            button("call_person", "talk_to_human", answer="yes"),
            button("leave_it", "deny", answer="no"),
        ]
        visit.say(
            "returns_policy", policy=known.returns_policy, buttons=[] if visit.is_in_checkout else answers
        )
        return []


async def hand_off(visit: Visit, reason: str) -> Conversation:
    """Calls a person with a summary in the shop's own language."""
    known = await visit.shop.conversation()
    with speaking(known.languages[0] if known.languages else None):
        summary = await _summary(visit, known, reason)
    await visit.shop.hand_off(reason, summary)
    return known


async def _summary(visit: Visit, known: Conversation, reason: str) -> str:
    """One paragraph: who wants what, what is in the cart, the last order, the last words."""
    cart, orders = await visit.shop.cart(), await visit.shop.orders(1)
    wants = f"wants_{reason}"
    lines = ", ".join(counted(line) for line in cart.lines)
    order = f"{orders[0].number} ({order_state(orders[0])})" if orders else phrase("nothing")
    said = [str(event.get("text") or "") for event in visit.tracker.events if event.get("event") == "user"]
    words = [text for text in said if text][-LAST_WORDS:]
    return phrase(
        "summary",
        name=known.contact_name or phrase("a_shopper"),
        reason=phrase(wants if has_phrase(wants) else "wants_talk_to_human"),
        cart=f"{lines} ({written(cart.total)})" if lines else phrase("nothing"),
        order=order,
        said=" / ".join(f"“{text[:200]}”" for text in words) or phrase("nothing"),
    )
