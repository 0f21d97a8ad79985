"""What a reply offers: buttons whose payload says what picking them means to the assistant."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from actions.phrases import phrase
from commerce_client.models import Money

# Providers cut titles and descriptions to what they can show; these lengths only keep replies readable.
TITLE_LENGTH = 80
DESCRIPTION_LENGTH = 120


@dataclass(frozen=True)
class Button:
    """Something to pick: what it is called, and what picking it means to the assistant. ``price`` is that of
    goods, in minor units: it is remembered with them, and is no part of the choice."""

    title: str
    intent: str
    entities: Mapping[str, Any] = field(default_factory=dict)
    description: str | None = None
    price: int | None = None

    def render(self, number: int) -> dict[str, Any]:
        """Rasa's form of it. ``number`` is its place in the reply, for shoppers who answer with a number."""
        entities = {**self.entities, "number": number}
        button = {"title": self.title, "payload": f"/{self.intent}{json.dumps(entities, ensure_ascii=False)}"}
        return {**button, "description": self.description} if self.description else button


def choice(
    title: str,
    intent: str,
    /,
    *,
    description: str | None = None,
    price: Money | None = None,
    **entities: Any,
) -> Button:
    """A choice of this title; entities that are None are left out."""
    known = {name: value for name, value in entities.items() if value is not None}
    told = cut(description, DESCRIPTION_LENGTH) if description else None
    return Button(cut(title, TITLE_LENGTH), intent, known, told, price.amount if price else None)


def button(
    name: str, intent: str, /, *, words: Mapping[str, object] | None = None, **entities: Any
) -> Button:
    """A choice with the title ``phrase_button_<name>`` of the domain; ``words`` are put into the title."""
    return choice(phrase(f"button_{name}", **(words or {})), intent, **entities)


def cut(text: str, length: int) -> str:
    """The text, shortened at the end when it is longer than ``length``."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def numbered(lines: list[str]) -> str:
    """The lines with their numbers, in the order of the choices."""
    return "\n".join(f"{place}. {line}" for place, line in enumerate(lines, start=1))


def unique(buttons: list[Button]) -> list[Button]:
    """The same choices with titles that differ, since a provider refuses two equal ones."""
    seen: Counter[str] = Counter()
    different = []
    for offered in buttons:
        seen[offered.title] += 1
        mark = f" ({seen[offered.title]})" if seen[offered.title] > 1 else ""
        different.append(replace(offered, title=cut(offered.title, TITLE_LENGTH - len(mark)) + mark))
    return different
