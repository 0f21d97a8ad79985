"""Calling a person."""

from rasa_sdk.events import SlotSet

from actions.visit import Events, ShopAction, Visit

_RESPONSES = {
    "complaint": "complaint_handed_off",
    "change_order": "order_change_handed_off",
    "return_or_refund": "return_handed_off",
}


class ActionHandOff(ShopAction):
    """Asks the seller to take the conversation over, and says so honestly."""

    called = "action_hand_off"

    async def act(self, visit: Visit) -> Events:
        """When the shop is closed, says when an answer can be expected."""
        known = await visit.shop.conversation()
        await visit.shop.hand_off(visit.heard.intent)
        response = _RESPONSES.get(visit.heard.intent, "handed_off")
        if response == "handed_off" and not known.is_open and known.hours:
            response = "handed_off_closed"
        visit.say(response, shop=known.shop_name, hours=known.hours)
        return [SlotSet("order_confirmed", None)]
