"""Several acts in one message: which comes next, and how they wait while one of them asks something."""

from dataclasses import replace

from rasa_sdk.events import SlotSet

from actions.choices import Button
from actions.heard import SEVERAL, acts_under_way, message_id
from actions.visit import Events, ShopAction, Visit


class ActionTakeUpAct(ShopAction):
    """Takes up the next act of the message; ``act`` is empty when none is left."""

    called = "action_take_up_act"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """The rules say what each act does."""
        message = message_id(visit.tracker)
        under_way = acts_under_way(visit.tracker)
        left, done = visit.heard.value("acts") or [], 0
        if under_way:
            left, done = under_way["left"][1:], under_way["done"] + 1
        if not left:
            return [SlotSet("act", None), SlotSet("acts", None)] if not under_way else _finished(under_way)
        return [
            SlotSet("act", left[0]["intent"]),
            SlotSet("acts", {"message": message, "done": done, "left": left}),
        ]


def _finished(under_way: dict[str, object]) -> Events:
    """Nothing is left; the message stays known, so that its acts are not begun again."""
    return [SlotSet("act", None), SlotSet("acts", {**under_way, "left": []})]


def carrying_on(visit: Visit, buttons: list[Button]) -> list[Button]:
    """Choices that answer what an act asks; picking one does that act and then those that wait behind it."""
    rest = visit.heard.waiting
    if not rest:
        return buttons
    return [_with_rest(offered, rest) for offered in buttons]


def _with_rest(offered: Button, rest: list[dict[str, object]]) -> Button:
    first = {"intent": offered.intent, "entities": dict(offered.entities)}
    answer = {name: value for name, value in offered.entities.items() if name == "answer"}
    return replace(offered, intent=SEVERAL, entities={"acts": [first, *rest], **answer})


def stopped(visit: Visit) -> Events:
    """The acts behind one that asks wait for its answer."""
    under_way = acts_under_way(visit.tracker)
    if not under_way or not visit.heard.waiting:
        return []
    return [SlotSet("acts", {**under_way, "left": under_way["left"][:1]})]
