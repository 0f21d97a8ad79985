"""What a conversation remembers from one message to the next: what was shown, and what was changed last."""

from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions.choices import Button
from commerce_client.models import Line

SHOWN, CHANGED, KEPT = "shown", "changed", "acts_kept"


@dataclass
class Memory:
    """What one action showed and changed; ``is_halted``: it waits for an answer before more is done."""

    shown: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    is_halted: bool = False

    def note_shown(self, buttons: list[Button]) -> None:
        """Goods that were offered side by side, in order; fewer than two leave what was shown before."""
        goods = [_remembered(one) for one in buttons if one.price is not None]
        if len(goods) > 1:
            self.shown = goods

    def note_changed(self, line: Line, *, before: int, after: int) -> None:
        """A line's amount, before and after; a line that was not there, or is not any more, has 0."""
        amounts = {"before": before, "after": after}
        self.changed.append({"product_id": line.product_id, "variant_id": line.variant_id, **amounts})

    def events(self) -> list[EventType]:
        """What is to be kept in slots; nothing where nothing new was shown or changed."""
        kept = ((SHOWN, self.shown), (CHANGED, self.changed))
        return [SlotSet(name, value) for name, value in kept if value]


def _remembered(offered: Button) -> dict[str, Any]:
    ids = {name: offered.entities[name] for name in ("product_id", "variant_id") if name in offered.entities}
    return {**ids, "name": offered.title, "price": offered.price, "intent": offered.intent}
