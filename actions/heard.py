"""What the shopper just said, as the assistant understood it."""

from dataclasses import dataclass, field
from typing import Any, Self

from rasa_sdk import Tracker

FORM = "checkout_form"
SEVERAL = "several_acts"
_OURS = frozenset({"offer", "ChoiceResolver"})


@dataclass(frozen=True)
class Item:
    """One thing named. ``words`` and ``attributes`` are empty when what is in focus is meant.

    ``problem`` (``zero``, ``negative``, ``fraction``, ``too_many``) says why there is no quantity. ``text``
    is the stretch of the message it was drawn from, as it was typed. The ids are those of something shown.
    """

    quantity: int | None = None
    unit: str | None = None
    words: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    sku: str | None = None
    text: str = ""
    product_id: str | None = None
    variant_id: str | None = None

    @classmethod
    def read(cls, value: dict[str, Any]) -> Self:
        """From the value of a ``line_item`` entity."""
        quantity = value.get("quantity")
        return cls(
            quantity=quantity if isinstance(quantity, int) and quantity > 0 else None,
            unit=value.get("unit"),
            words=value.get("words") or "",
            attributes=dict(value.get("attributes") or {}),
            problem=value.get("problem"),
            sku=value.get("sku"),
            text=value.get("text") or "",
        )

    @property
    def query(self) -> str:
        """What to search the catalogue for."""
        return " ".join([*self.attributes.values(), self.words]).strip()

    def to_json(self) -> dict[str, Any]:
        """What ``read`` takes."""
        facts = {
            "quantity": self.quantity,
            "unit": self.unit,
            "words": self.words,
            "attributes": self.attributes,
        }
        return {name: value for name, value in {**facts, "sku": self.sku, "text": self.text}.items() if value}


@dataclass(frozen=True)
class Heard:
    """One message: its intent and entities, and what came with it.

    Ids are taken only from what we offered or made ourselves, never from what was typed.
    """

    intent: str
    confidence: float
    text: str
    entities: tuple[dict[str, Any], ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    """The acts of the same message that come after this one."""

    @classmethod
    def read(cls, tracker: Tracker) -> Self:
        """From the tracker an action is given; of a message with several acts, the one under way."""
        message = tracker.latest_message
        intent = message.get("intent") or {}
        under_way = acts_under_way(tracker)
        if under_way and under_way["left"] and tracker.get_slot("act"):
            act, *waiting = under_way["left"]
            return cls(
                intent=str(act["intent"]),
                confidence=1.0,
                text=str(message.get("text") or "").strip(),
                entities=_entities_of(act["entities"]),
                metadata=dict(message.get("metadata") or {}),
                waiting=waiting,
            )
        return cls(
            intent=str(intent.get("name") or ""),
            confidence=float(intent.get("confidence") or 0.0),
            text=str(message.get("text") or "").strip(),
            entities=tuple(message.get("entities") or ()),
            metadata=dict(message.get("metadata") or {}),
        )

    def value(self, entity: str) -> Any:
        """An entity's value, the one from what was offered first; None when there is none."""
        found = [heard for heard in self.entities if heard.get("entity") == entity]
        ours = [heard for heard in found if heard.get("extractor") in _OURS]
        return (ours or found)[0].get("value") if found else None

    @property
    def items(self) -> tuple[Item, ...]:
        """The things named, in order. Values may be single or, when a request is repeated, a list."""
        values: list[Any] = []
        for heard in self.entities:
            if heard.get("entity") == "line_item":
                value = heard.get("value")
                values += value if isinstance(value, list) else [value]
        return tuple(Item.read(value) for value in values if isinstance(value, dict))

    @property
    def quantity(self) -> int | None:
        """How many, typed beside a choice or carried by it."""
        typed = next((item.quantity for item in self.items if item.quantity), None)
        carried = self.value("quantity")
        return typed or (carried if isinstance(carried, int) and carried > 0 else None)

    @property
    def is_picked(self) -> bool:
        """Whether something we offered was picked."""
        return (
            any(heard.get("extractor") in _OURS for heard in self.entities)
            or self.metadata.get("kind") == "choice"
        )

    @property
    def is_late(self) -> bool:
        """Whether the message is so old that what it asks for should be confirmed."""
        return bool(self.metadata.get("late"))

    @property
    def offered(self) -> list[dict[str, Any]]:
        """What the last reply offered."""
        return list(self.metadata.get("offered") or [])

    def repeated(self) -> dict[str, Any]:
        """The entities that say the same again, as a choice carries them."""
        again = {
            str(heard["entity"]): heard.get("value")
            for heard in self.entities
            if heard.get("entity") != "line_item"
        }
        items = [item.to_json() for item in self.items]
        return {**again, "line_item": items} if items else again


def message_id(tracker: Tracker) -> str:
    """The id of the message being answered."""
    message = tracker.latest_message
    return str((message.get("metadata") or {}).get("message_id") or message.get("message_id") or "")


def acts_under_way(tracker: Tracker) -> dict[str, Any] | None:
    """How far the acts of this very message are done: ``done``, and those ``left``, the present one first."""
    under_way = tracker.get_slot("acts")
    if isinstance(under_way, dict) and under_way.get("message") == message_id(tracker):
        return under_way
    return None


def _entities_of(said: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """An act's entities as those of a message of its own."""
    return tuple(
        {
            "entity": name,
            "value": value,
            "extractor": "LineItemExtractor" if name in {"line_item", "place"} else "ChoiceResolver",
        }
        for name, value in said.items()
    )
