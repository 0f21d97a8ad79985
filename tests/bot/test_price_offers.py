"""What shoppers would pay, as they write it in six languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bot.components.price_offers import PriceOfferExtractor, read

ASKED = [{"title": "Deal", "intent": "accept_bargain", "entities": {"answer": "yes", "number": 1}}]


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("i'll give you 4k", {"amount": 4000}),
        ("can i pay 3,500?", {"amount": 3500}),
        ("₦4000 last", {"amount": 4000}),
        ("3.5k", {"amount": 3500}),
        ("make am 2k", {"amount": 2000}),
        ("reduce am to 4k", {"amount": 4000}),
        ("comot 500", {"amount_off": 500}),
        ("remove 500 for body", {"amount_off": 500}),
        ("500 off", {"amount_off": 500}),
        ("half price", {"percent_off": 50}),
        ("10 percent off", {"percent_off": 10}),
        ("give me 15% discount", {"percent_off": 15}),
        ("2 for 5k", {"amount": 5000, "quantity": 2}),
        ("if i buy 10 will you reduce it", {"quantity": 10}),
        ("what is your last price", {}),
        ("discount", {}),
        ("nitalipa elfu mbili", {"amount": 2000}),
        ("nitakupa elfu mbili na mia tano", {"amount": 2500}),
        ("punguza 100", {"amount_off": 100}),
        ("nusu ya bei", {"percent_off": 50}),
        ("je donne 2 000 francs", {"amount": 2000}),
        ("deux mille", {"amount": 2000}),
        ("enlevez 500", {"amount_off": 500}),
        ("à moitié prix", {"percent_off": 50}),
        ("zan ba ka dubu biyu", {"amount": 2000}),
        ("ẹgbẹ̀rún méjì ni mo ní", {"amount": 2000}),
        ("ksh 300 basi", {"amount": 300}),
        ("50 bob", {"amount": 50}),
    ],
)
def test_an_offer_is_read(text: str, offer: dict[str, Any]) -> None:
    assert read(text) == offer


@given(st.text(max_size=300))
def test_any_text_is_read_and_no_amount_is_negative(text: str) -> None:
    said = read(text)
    assert all(value >= 0 for value in said.values())
    assert 1 <= said.get("percent_off", 1) <= 100


def understood(text: str, intent: str, offered: list[dict[str, Any]]) -> Message:
    items = [
        {"entity": "line_item", "value": {"words": "", "attributes": {}}, "extractor": "LineItemExtractor"}
    ]
    message = Message(
        data={
            "text": text,
            "intent": {"name": intent, "confidence": 0.8},
            "intent_ranking": [],
            "entities": items,
            "metadata": {"offered": offered},
        }
    )
    return PriceOfferExtractor().process([message])[0]


@pytest.mark.parametrize(("text", "intent"), [("3500", "give_quantity"), ("ok 4k", "accept_bargain")])
def test_a_sum_after_a_price_was_named_is_an_offer(text: str, intent: str) -> None:
    message = understood(text, intent, ASKED)
    assert message.get("intent")["name"] == "haggle"
    assert [found["entity"] for found in message.get("entities")] == ["price_offer"]


@pytest.mark.parametrize(
    ("text", "intent", "offered"),
    [("3500", "give_quantity", []), ("1", "accept_bargain", ASKED), ("add 2 rice", "add_to_cart", ASKED)],
)
def test_other_numbers_are_no_offer(text: str, intent: str, offered: list[dict[str, Any]]) -> None:
    assert understood(text, intent, offered).get("intent")["name"] == intent
