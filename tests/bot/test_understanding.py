"""What the trained assistant makes of messages it was not taught."""

import json
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.utils.io import read_yaml_file

PHRASES: dict[str, list[str]] = read_yaml_file(str(Path(__file__).parent / "phrases.yml"))
ENOUGH = 0.93


async def intent_of(agent: Agent, text: str) -> str:
    assert agent.processor
    return str((await agent.processor.parse_message(UserMessage(text)))["intent"]["name"])


async def test_phrases_it_was_not_taught_are_understood(agent: Agent) -> None:
    heard = [
        (wanted, text, await intent_of(agent, text)) for wanted, texts in PHRASES.items() for text in texts
    ]
    missed = [(text, wanted, got) for wanted, text, got in heard if got != wanted]
    assert len(missed) <= (1 - ENOUGH) * len(heard), json.dumps(missed, ensure_ascii=False, indent=1)


@pytest.mark.parametrize(
    "goods", ["stilettos", "agbada", "cassava flakes", "a mattress", "generator oil", "kpomo"]
)
@pytest.mark.parametrize(
    ("phrase", "intent"),
    [
        ("how much is {}", "ask_price"),
        ("do you still have {}", "ask_availability"),
        ("tell me about the {}", "ask_product_details"),
        ("please remove the {}", "remove_from_cart"),
        ("add 3 {}", "add_to_cart"),
    ],
)
async def test_goods_never_decide_what_is_wanted(agent: Agent, goods: str, phrase: str, intent: str) -> None:
    assert await intent_of(agent, phrase.format(goods)) == intent
