"""No language is understood worse than the scoreboard's floors say."""

import pytest
from rasa.core.agent import Agent

from bot.scoreboard import board, understanding, utterances
from bot.scoreboard.understanding import Figures, Reading
from bot.scoreboard.utterances import LANGUAGES, Utterance


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_language_is_below_its_floors(agent: Agent, language: str) -> None:
    asked = [utterance for utterance in utterances.load() if utterance.language == language]
    line = understanding.figures(language, await understanding.answers(agent, asked, draws_items=True))
    assert board.below([line], board.floors()) == []


def test_a_figure_below_its_floor_is_named() -> None:
    readings = [
        Reading(Utterance("en", "hello", "greet"), understood, None, 1.0)
        for understood in ("greet", "greet", "goodbye", "greet")
    ]
    line: Figures = understanding.figures("en", readings)
    assert board.below([line], {"en": {"accuracy": 0.8}}) == ["English: accuracy 75.0 %, floor 80.0 %"]
    assert board.below([line], {"en": {"accuracy": 0.75, "out_of_scope_recall": 0.75}}) == []
