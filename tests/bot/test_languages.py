"""Messages in six languages: which one it is, and what is to be bought."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.utils.io import read_yaml_file

from bot.components.line_items import LineItemExtractor

DOMAIN: dict[str, Any] = read_yaml_file(str(Path(__file__).parents[2] / "bot" / "domain.yml"))
OTHERS = ("pcm", "sw", "fr", "ha", "yo")
EXTRACTOR = LineItemExtractor()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "could you tell me what you have in the shop please"),
        ("pcm", "abeg wetin una dey sell for there"),
        ("sw", "naomba kujua bei ya sukari tafadhali"),
        ("fr", "bonjour je voudrais savoir si vous livrez à domicile"),
        ("ha", "ina so in san nawa ne farashin shinkafa"),
        ("yo", "ẹ jọ̀ọ́ mo fẹ́ mọ iye owó ìrẹsì"),
        ("yo", "ejo mo fe mo iye owo iresi"),
    ],
)
async def test_a_message_says_its_language(agent: Agent, language: str, text: str) -> None:
    assert agent.processor
    parsed = await agent.processor.parse_message(UserMessage(text))
    assert [one["value"] for one in parsed["entities"] if one["entity"] == "language"] == [language]


@pytest.mark.parametrize("text", ["3", "ok", "Ngozi", "👍", "12 Allen Avenue"])
async def test_a_message_that_could_be_any_says_none(agent: Agent, text: str) -> None:
    assert agent.processor
    parsed = await agent.processor.parse_message(UserMessage(text))
    assert not [one for one in parsed["entities"] if one["entity"] == "language"]


@pytest.mark.parametrize(
    ("language", "text", "items"),
    [
        ("pcm", "abeg give me 2 derica rice, half dozen eggs and one big palm oil",
         [(2, "derica", "rice"), (6, None, "eggs"), (1, None, "palm oil")]),
        ("sw", "nipe sukari kilo mbili na unga", [(2, "kg", "sukari"), (None, None, "unga")]),
        ("sw", "ongeza viazi ishirini na tano", [(25, None, "viazi")]),
        ("fr", "une demi-douzaine d'oeufs et un beurre de karité",
         [(6, None, "oeufs"), (1, None, "beurre de karité")]),
        ("ha", "bani mudu biyu na shinkafa da manja daya", [(2, "mudu", "shinkafa"), (1, None, "manja")]),
        ("yo", "ẹ fún mi ní epo pupa méjì àti ìrẹsì kan", [(2, None, "epo pupa"), (1, None, "ìrẹsì")]),
    ],
)  # fmt: skip
def test_what_is_to_be_bought_is_drawn_out(
    language: str, text: str, items: list[tuple[int | None, str | None, str]]
) -> None:
    found = [one["value"] for one in EXTRACTOR.extract(text, language) if one["entity"] == "line_item"]
    assert [(item["quantity"], item["unit"], item["words"]) for item in found] == items


@pytest.mark.parametrize(
    ("language", "text", "limit"),
    [
        ("sw", "viatu chini ya elfu mbili", 2000),
        ("fr", "un sac à moins de 5000", 5000),
        ("ha", "yadi kasa da 3000", 3000),
    ],
)
def test_a_price_limit_is_heard_in_each_language(language: str, text: str, limit: int) -> None:
    found = EXTRACTOR.extract(text, language)
    assert [one["value"] for one in found if one["entity"] == "price_limit"] == [limit]


@pytest.mark.parametrize("name", sorted(DOMAIN["responses"]))
def test_every_response_is_said_in_every_language(name: str) -> None:
    """Per channel too: a channel's own words in English would else be said to everybody there."""
    variations = DOMAIN["responses"][name]
    for channel in {one.get("channel") for one in variations}:
        spoken = {
            condition["value"]
            for one in variations
            if one.get("channel") == channel
            for condition in one.get("condition", [])
        }
        assert spoken == set(OTHERS), (name, channel)
