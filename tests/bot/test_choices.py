"""How an answer finds its way to what was offered."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bot.components.choices import ChoiceResolver
from bot.components.line_items import LineItemExtractor

Json = dict[str, Any]
EXTRACTOR, RESOLVER = LineItemExtractor(), ChoiceResolver()


def offer(title: str, intent: str, number: int, **entities: Any) -> Json:
    return {"title": title, "intent": intent, "entities": {**entities, "number": number}, "description": None}


PRODUCTS = [
    offer("Ankara fabric", "ask_product_details", 1, product_id="p1"),
    offer("Plain Ankara", "ask_product_details", 2, product_id="p2"),
    offer("Guinea brocade", "ask_product_details", 3, product_id="p3"),
    offer("See more", "show_more", 4, words="ankara", skip=6),
]
VARIANTS = [
    offer("Blue", "add_to_cart", 1, product_id="p1", variant_id="v1"),
    offer("Royal red", "add_to_cart", 2, product_id="p1", variant_id="v2"),
]
CARD = [
    offer(
        "Add to cart", "add_to_cart", 1, product_id="p1", variant_id="v1", takes_quantity=True, answer="yes"
    ),
    offer("Keep shopping", "browse_catalog", 2, answer="no"),
]
YES_NO = [
    offer("Yes, add it", "accept_upsell", 1, offer_id="o", answer="yes"),
    offer("No, thanks", "decline_upsell", 2, offer_id="o", answer="no"),
    offer("Checkout", "checkout", 3),
]


def heard(text: str, offered: list[Json], intent: str = "nlu_fallback") -> Message:
    message = Message(
        {"text": text, "intent": {"name": intent, "confidence": 0.5}, "metadata": {"offered": offered}}
    )
    return RESOLVER.process(EXTRACTOR.process([message]))[0]


def entity(message: Message, name: str) -> Any:
    values = [found["value"] for found in message.get("entities", []) if found["entity"] == name]
    return values[-1] if values else None


@pytest.mark.parametrize(
    "text",
    [
        "2",
        "2.",
        "number 2",
        "no. 2",
        "#2",
        "second",
        "the second one",
        "the 2nd one please",
        "plain ankara",
        "Plain ankra",
    ],
)
def test_a_list_answers_to_a_number_an_ordinal_and_a_name(text: str) -> None:
    message = heard(text, PRODUCTS)
    assert message.get("intent") == {"name": "ask_product_details", "confidence": 1.0}
    assert entity(message, "product_id") == "p2"


def test_the_last_one_is_the_last_thing_and_not_the_way_to_more() -> None:
    assert entity(heard("the last one", PRODUCTS), "product_id") == "p3"


def test_more_is_the_way_to_more() -> None:
    assert entity(heard("more", PRODUCTS, "show_more"), "skip") == 6


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("how much is the second one", "ask_price"),
        ("add 3 of number 2", "add_to_cart"),
        ("tell me about the second one", "ask_product_details"),
        ("is the second one available", "ask_availability"),
    ],
)
def test_asking_about_a_choice_keeps_what_is_asked(text: str, intent: str) -> None:
    message = heard(text, PRODUCTS, intent)
    assert message.get("intent")["name"] == intent
    assert entity(message, "product_id") == "p2"


def test_an_amount_beside_a_choice_stays_an_amount() -> None:
    message = heard("add 2 blue", VARIANTS, "add_to_cart")
    assert (entity(message, "variant_id"), entity(message, "line_item")["quantity"]) == ("v1", 2)


def test_a_word_of_one_title_alone_picks_it() -> None:
    assert entity(heard("the red one please", VARIANTS), "variant_id") == "v2"


@pytest.mark.parametrize("text", ["2", "just 2 please", "2 yards"])
def test_a_bare_number_is_an_amount_of_what_takes_one(text: str) -> None:
    message = heard(text, CARD)
    assert (entity(message, "variant_id"), entity(message, "line_item")["quantity"]) == ("v1", 2)
    assert message.get("intent")["name"] == "add_to_cart"


@pytest.mark.parametrize("text", ["2 yards", "7", "half dozen"])
def test_an_amount_that_is_no_place_in_the_list_is_not_swallowed_by_it(text: str) -> None:
    message = heard(text, PRODUCTS)
    assert message.get("intent")["name"] == "give_quantity"
    assert entity(message, "product_id") is None


@pytest.mark.parametrize("text", ["5 l", "5l", "5 L please"])
def test_an_amount_that_is_the_size_of_one_choice_picks_it_and_is_no_amount(text: str) -> None:
    sizes = [
        offer("Palm oil 1 L", "add_to_cart", 1, product_id="p1"),
        offer("Palm oil 5 L", "add_to_cart", 2, product_id="p5"),
    ]
    message = heard(text, sizes, "give_quantity")
    assert (entity(message, "product_id"), entity(message, "line_item")) == ("p5", None)


@pytest.mark.parametrize("text", ["5000 rice", "-2 ankara", "1.5 yards of lace", "12 exercise books"])
def test_an_amount_of_something_named_is_something_to_buy(text: str) -> None:
    assert heard(text, [], "give_quantity").get("intent")["name"] == "add_to_cart"


@pytest.mark.parametrize(
    ("text", "intent", "picked"),
    [
        ("yes", "affirm", "accept_upsell"),
        ("oya", "affirm", "accept_upsell"),
        ("no thanks", "deny", "decline_upsell"),
        ("Checkout", "checkout", "checkout"),
    ],
)
def test_yes_and_no_answer_the_question_that_was_asked(text: str, intent: str, picked: str) -> None:
    assert heard(text, YES_NO, intent).get("intent")["name"] == picked


def test_yes_without_a_question_stays_yes() -> None:
    assert heard("yes", PRODUCTS, "affirm").get("intent")["name"] == "affirm"


def test_a_number_means_the_last_of_two_lists() -> None:
    zones = [
        offer("Ikeja", "set_delivery_address", 1, zone_id="z1"),
        offer("Yaba", "set_delivery_address", 2, zone_id="z2"),
    ]
    assert entity(heard("2", [*PRODUCTS, *zones]), "zone_id") == "z2"


@pytest.mark.parametrize(
    ("text", "intent"), [("make it 3", "update_cart"), ("remove number 2", "remove_from_cart")]
)
def test_a_correction_is_not_taken_for_an_answer(text: str, intent: str) -> None:
    after = [
        offer("Checkout", "checkout", 1),
        offer("View cart", "view_cart", 2),
        offer("Keep shopping", "browse_catalog", 3),
    ]
    assert heard(text, after, intent).get("intent")["name"] == intent


@pytest.mark.parametrize(
    "text",
    ["do you have palm oil", "where is my order", "how much is delivery to ajah"],
)
def test_what_names_nothing_offered_is_left_alone(text: str) -> None:
    assert heard(text, PRODUCTS, "search_product").get("intent")["name"] == "search_product"


def test_nothing_offered_means_nothing_picked() -> None:
    assert heard("the second one", []).get("intent")["name"] == "nlu_fallback"


OFFERS = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.text(max_size=24),
            "intent": st.sampled_from(["checkout", "add_to_cart"]),
            "entities": st.sampled_from([{}, {"number": 1}, {"answer": "yes"}, {"takes_quantity": True}]),
        }
    ),
    max_size=4,
)


@given(
    text=st.text(min_size=1, max_size=60),
    offered=OFFERS,
    intent=st.sampled_from(["affirm", "deny", "nlu_fallback"]),
)
def test_any_answer_to_any_offer_gives_an_intent_we_know(text: str, offered: list[Json], intent: str) -> None:
    known = {intent, "give_quantity", "add_to_cart", *(choice["intent"] for choice in offered)}
    assert heard(text, offered, intent).get("intent")["name"] in known
