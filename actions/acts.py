"""Several acts in one message: which comes next, and how they wait while one of them asks something."""

from dataclasses import replace

from rasa_sdk.events import SlotSet

from actions.choices import Button
from actions.heard import SEVERAL, acts_under_way, message_id
from actions.memory import KEPT
from actions.visit import Events, ShopAction, Visit, said_at


class ActionTakeUpAct(ShopAction):
    """Takes up the next act of the message; ``act`` is empty when none is left."""

    called = "action_take_up_act"
    is_buying = True
    goes_on = False

    async def act(self, visit: Visit) -> Events:
        """The rules say what each act does."""
        message = message_id(visit.tracker)
        under_way = acts_under_way(visit.tracker)
        left, done = visit.heard.value("acts") or [], 0
        if under_way:
            left, done = under_way["left"][1:], under_way["done"] + 1
        # A new list of acts, a choice that was picked too, takes the place of what was kept.
        forgotten = [SlotSet(KEPT, None)] if visit.slot(KEPT) and not under_way else []
        if not left:
            return [SlotSet("act", None), SlotSet("acts", None)] if not under_way else _finished(under_way)
        return [
            SlotSet("act", left[0]["intent"]),
            SlotSet("acts", {"message": message, "done": done, "left": left}),
            *forgotten,
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
    acts = rest if offered.intent == "deny" else [first, *rest]
    return replace(offered, intent=SEVERAL, entities={"acts": acts, **answer})


def stopped(visit: Visit) -> Events:
    """The acts behind one that asks wait for its answer, and are taken up once something was done again."""
    visit.memory.is_halted = True
    under_way = acts_under_way(visit.tracker)
    if not under_way or not visit.heard.waiting:
        return []
    kept = {"message": under_way["message"], "at": said_at(visit.tracker), "left": visit.heard.waiting}
    return [SlotSet(KEPT, kept), SlotSet("acts", {**under_way, "left": under_way["left"][:1]})]
