"""What a trained model makes of the utterances: right, wrong, and how long it took."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from rasa.core.agent import Agent
from sklearn.metrics import accuracy_score, f1_score

from bot.scoreboard.utterances import Item, Utterance

OUT_OF_SCOPE = "out_of_scope"
NOT_UNDERSTOOD = ("nlu_fallback", None)
WARM = 30


@dataclass(frozen=True)
class Reading:
    """What a model read in one utterance. ``items`` is None from a model that draws none out."""

    utterance: Utterance
    intent: str
    items: Optional[Tuple[Item, ...]]
    milliseconds: float

    @property
    def is_right(self) -> bool:
        """Whether the intent is the one meant."""
        return self.intent == self.utterance.intent

    @property
    def has_its_items(self) -> bool:
        """Whether exactly the things named were drawn out, in order."""
        return self.items == self.utterance.items


@dataclass(frozen=True)
class Figures:
    """A language's line of the board; shares from 0 to 1, None where nothing of the kind was asked."""

    language: str
    utterances: int
    accuracy: float
    macro_f1: float
    out_of_scope_recall: Optional[float]
    items: Optional[float]
    milliseconds: float


async def read(model: str, utterances: Sequence[Utterance], *, draws_items: bool) -> List[Reading]:
    """Has the model at the path ``model`` read each utterance, once it is warm."""
    agent = Agent.load(model)
    await answers(agent, utterances[:WARM], draws_items=draws_items)
    return await answers(agent, utterances, draws_items=draws_items)


async def answers(agent: Agent, utterances: Sequence[Utterance], *, draws_items: bool) -> List[Reading]:
    """What a loaded model reads in each utterance."""
    readings = []
    for utterance in utterances:
        began = time.perf_counter()
        parsed = await agent.parse_message(utterance.text)
        milliseconds = (time.perf_counter() - began) * 1000
        items = _items(parsed) if draws_items else None
        readings.append(Reading(utterance, _intent(parsed), items, milliseconds))
    return readings


def figures(language: str, readings: Sequence[Reading]) -> Figures:
    """The figures of one language's readings."""
    meant = [reading.utterance.intent for reading in readings]
    understood = [reading.intent for reading in readings]
    foreign = [reading for reading in readings if reading.utterance.intent == OUT_OF_SCOPE]
    asked = [reading for reading in readings if reading.utterance.items is not None]
    return Figures(
        language=language,
        utterances=len(readings),
        accuracy=float(accuracy_score(meant, understood)),
        macro_f1=float(f1_score(meant, understood, labels=sorted(set(meant)), average="macro")),
        out_of_scope_recall=_share(foreign, [reading.is_right for reading in foreign]),
        items=_share(asked, [reading.has_its_items for reading in asked]),
        milliseconds=sorted(reading.milliseconds for reading in readings)[len(readings) // 2],
    )


def _intent(parsed: Dict[str, Any]) -> str:
    """Not understanding at all counts as seeing that it is none of ours."""
    name = parsed["intent"].get("name")
    return OUT_OF_SCOPE if name in NOT_UNDERSTOOD else str(name)


def _items(parsed: Dict[str, Any]) -> Tuple[Item, ...]:
    return tuple(Item.read(one["value"]) for one in parsed["entities"] if one["entity"] == "line_item")


def _share(of: Sequence[Reading], right: Sequence[bool]) -> Optional[float]:
    return sum(right) / len(of) if of else None
