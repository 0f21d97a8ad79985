"""What is drawn out of a message: how many, of what, in which colour and size."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.components import numbers
from bot.components.grammar import Grammar
from bot.components.lexicon import LANGUAGES, together
from bot.components.line_items import LineItemExtractor
from bot.scoreboard.utterances import Item
from tests.bot.items import shopping

EXTRACTOR = LineItemExtractor()


def items(text: str) -> list[dict[str, Any]]:
    return [found["value"] for found in EXTRACTOR.extract(text) if found["entity"] == "line_item"]


def only(text: str) -> dict[str, Any]:
    (item,) = items(text)
    return item


@pytest.mark.parametrize(
    ("text", "quantity", "unit", "words"),
    [
        ("2", 2, None, ""),
        ("make it 3", 3, None, ""),
        ("no, 2", 2, None, ""),
        ("two yards of blue ankara", 2, "yard", "ankara"),
        ("half dozen eggs", 6, None, "eggs"),
        ("half a dozen eggs", 6, None, "eggs"),
        ("a dozen crates of eggs", 12, "crate", "eggs"),
        ("two dozen eggs", 24, None, "eggs"),
        ("2kg rice", 2, "kg", "rice"),
        ("x3 body cream", 3, None, "body cream"),
        ("3x palm oil", 3, None, "palm oil"),
        ("indomie x2", 2, None, "indomie"),
        ("abeg put 2 derica of rice", 2, "derica", "rice"),
        ("give me a bag of rice", 1, "bag", "rice"),
        ("one hundred bags of cement", 100, "bag", "cement"),
        ("twenty-five yards of lace", 25, "yard", "lace"),
        ("- 2 palm oil", 2, None, "palm oil"),
        ("palm oil 5 litres", 5, "litre", "palm oil"),
    ],
)
def test_an_amount_is_read_however_it_is_typed(text: str, quantity: int, unit: str, words: str) -> None:
    item = only(text)
    assert (item["quantity"], item["unit"], item["words"]) == (quantity, unit, words)


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("3 of the blue one", {"colour": "blue"}),
        ("sneakers size 42", {"size": "42"}),
        ("I want 3 pieces XL polo shirt red", {"size": "xl", "colour": "red"}),
        ("black and white ankara", {"colour": "black white"}),
        ("deux robes rouges taille M", {"colour": "red", "size": "m"}),
        ("shati jeupe kubwa", {"colour": "white", "size": "large"}),
        ("farar riga babba", {"colour": "white", "size": "large"}),
        ("mo fẹ́ àpò dúdú", {"colour": "black"}),
    ],
)
def test_colours_and_sizes_are_kept_apart_from_the_words(text: str, attributes: dict[str, str]) -> None:
    assert only(text)["attributes"] == attributes


@pytest.mark.parametrize(
    ("text", "quantity", "words"),
    [
        ("2 bags of 5kg rice", 2, "5kg rice"),
        ("2 indomie 70g", 2, "indomie 70g"),
        ("omo 900g", None, "omo 900g"),
        ("3 coke 50cl", 3, "coke 50cl"),
        ("four 7up", 4, "7up"),
        ("two 5 alive", 2, "5 alive"),
        ("a 3 burner cooker", None, "3 burner cooker"),
        ("iphone 13", None, "iphone 13"),
        ("2 iphone 13 cases", 2, "iphone 13 cases"),
    ],
)
def test_what_one_of_it_holds_is_part_of_its_name(text: str, quantity: int | None, words: str) -> None:
    item = only(text)
    assert (item["quantity"], item["words"]) == (quantity, words)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("elfu mbili mia tano", 2500),
        ("quatre-vingt-dix-neuf", 99),
        ("soixante et onze", 71),
        ("deux mille", 2000),
        ("goma sha biyu", 12),
        ("dubu biyu", 2000),
        ("ashirin da biyar", 25),
        ("ishirini na tano", 25),
        ("ẹgbẹ̀rún méjì", 2000),
        ("méjìlá", 12),
        ("one hundred and twenty", 120),
        ("two dozen", 24),
        ("une demi-douzaine", 6),
        ("a couple", 2),
    ],
)
def test_number_words_come_to_what_they_say(text: str, quantity: int) -> None:
    lexicon = together(tuple(LANGUAGES))
    said = [token.lower_ for token in Grammar().read(text).doc]
    read = numbers.read(said, 0, lexicon)
    assert read is not None
    assert (read.value, read.end) == (quantity, len(said))


ENOUGH = {"en": 0.95, "pcm": 0.95, "sw": 0.95, "fr": 0.95, "ha": 0.95, "yo": 0.9, "mixed": 0.9}


@pytest.mark.parametrize("language", ENOUGH)
def test_what_people_write_is_drawn_out_exactly(language: str) -> None:
    sentences = shopping.read(language)
    missed = [
        (sentence.text, sentence.items, got)
        for sentence in sentences
        if (got := _drawn(sentence)) != sentence.items
    ]
    assert len(missed) <= (1 - ENOUGH[language]) * len(sentences), missed


def _drawn(sentence: shopping.Sentence) -> tuple[Item, ...]:
    language = sentence.language if sentence.language in LANGUAGES else None
    found = EXTRACTOR.extract(sentence.text, language, sentence.intent)
    return tuple(Item.read(one["value"]) for one in found if one["entity"] == "line_item")


@pytest.mark.parametrize(
    "text",
    [
        "2 bags of rice and eggs",
        "nipe sukari kilo mbili na unga",
        "trois savons noirs",
        "ẹyin mẹ́fà",
        "man ja",
    ],
)
def test_the_same_text_is_always_read_the_same(text: str) -> None:
    assert EXTRACTOR.extract(text) == LineItemExtractor().extract(text)


@pytest.mark.parametrize(
    ("text", "quantity", "words"),
    [
        ("make the sugar 3 not 5", 3, "sugar"),
        ("mchele mbili badala ya tatu", 2, "mchele"),
        ("mets 4 oeufs au lieu de 6", 4, "oeufs"),
        ("reduce the eggs from 12 to 6", 6, "eggs"),
    ],
)
def test_an_amount_that_is_taken_back_is_not_meant(text: str, quantity: int, words: str) -> None:
    item = only(text)
    assert (item["quantity"], item["words"]) == (quantity, words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add 3 and one palm oil", [(3, ""), (1, "palm oil")]),
        ("2 yards ankara,3 oil", [(2, "ankara"), (3, "oil")]),
        ("2 ankara\n3 rice", [(2, "ankara"), (3, "rice")]),
        ("2 ankara plus 1 soap & 4 eggs", [(2, "ankara"), (1, "soap"), (4, "eggs")]),
    ],
)
def test_several_things_in_one_message_are_several_items(text: str, expected: list[Any]) -> None:
    assert [(item["quantity"], item["words"]) for item in items(text)] == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("-2 ankara", "negative"),
        ("minus 3", "negative"),
        ("0 rice", "zero"),
        ("zero eggs", "zero"),
        ("1.5 yards of lace", "fraction"),
        ("half yard lace", "fraction"),
        ("two and a half yards", "fraction"),
        ("1/2 bag of rice", "fraction"),
        ("5000 rice", "too_many"),
        ("1,000,000 yards", "too_many"),
    ],
)
def test_an_amount_that_cannot_be_sold_is_no_quantity_and_says_why(text: str, problem: str) -> None:
    item = only(text)
    assert (item["quantity"], item["problem"]) == (None, problem)


@pytest.mark.parametrize(
    ("text", "place"), [("number 2", 2), ("the second one", 2), ("the last one", -1), ("#3", 3), ("no. 4", 4)]
)
def test_pointing_at_a_place_is_no_amount(text: str, place: int) -> None:
    found = EXTRACTOR.extract(text)
    assert [entity["value"] for entity in found if entity["entity"] == "place"] == [place]
    assert not items(text)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("sneakers under 5k", 5000),
        ("less than ₦15,000", 15000),
        ("below 2500 naira", 2500),
        ("lace 1.5k max", 1500),
        ("viatu chini ya elfu mbili", 2000),
        ("robe moins de 10 000 francs", 10000),
        ("riga kasa da dubu biyar", 5000),
        ("bàtà tí kò ju 3000", 3000),
        ("shoe wey no pass 7k", 7000),
    ],
)
def test_a_price_limit_is_no_amount(text: str, limit: int) -> None:
    found = EXTRACTOR.extract(text)
    assert [entity["value"] for entity in found if entity["entity"] == "price_limit"] == [limit]
    assert all(item["quantity"] is None for item in items(text))


@pytest.mark.parametrize("text", ["hello", "how much?", "thank you", "add it to my cart", "show me", "👍"])
def test_talk_without_goods_gives_no_item(text: str) -> None:
    assert items(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("how much is the ankara fabric per yard?", "ankara fabric"),
        ("do you have red sneakers", "sneakers"),
        ("please I'm looking for palm oil", "palm oil"),
        ("remove the palm oil", "palm oil"),
    ],
)
def test_the_words_that_carry_a_request_are_not_searched_for(text: str, words: str) -> None:
    assert only(text)["words"] == words


AMOUNTS = st.one_of(
    st.integers(-10_000, 10_000).map(str),
    st.floats(-1000, 1000, allow_nan=False).map(str),
    st.sampled_from(["half", "zero", "a dozen", "½", "1/3", "-0", "1,000", "٣", "²", "1e9", "x0", "0x"]),
)


@given(amount=AMOUNTS, word=st.sampled_from(["rice", "yards of lace", "kg beans", "", "x"]))
@example(amount="-0", word="rice")
def test_no_amount_ever_gives_a_quantity_below_one_or_not_whole(amount: str, word: str) -> None:
    for item in items(f"add {amount} {word}"):
        assert item["quantity"] is None or (
            isinstance(item["quantity"], int) and 1 <= item["quantity"] <= 999
        )


@given(number=st.one_of(st.integers(-10_000, 0), st.integers(1000, 10**30)))
def test_negative_zero_and_absurd_numbers_are_never_a_quantity(number: int) -> None:
    assert all(item["quantity"] is None for item in items(f"add {number} rice"))


@given(st.text(max_size=300))
def test_any_text_gives_well_formed_entities(text: str) -> None:
    _assert_well_formed(text)


_SAID = sorted(
    {word for one in LANGUAGES.values() for word in [*one.numbers, *one.units, *one.joints, *one.halves]}
)
_PIECES = st.one_of(
    st.sampled_from(_SAID), st.sampled_from(["rice", "-3", "½", "1.5k", "x2", ",", "under", "\n"])
)


@given(st.lists(_PIECES, max_size=12).map(" ".join), st.sampled_from([None, *LANGUAGES]))
def test_any_row_of_amounts_gives_only_amounts_that_can_be_sold(text: str, language: str | None) -> None:
    _assert_well_formed(text, language)


def _assert_well_formed(text: str, language: str | None = None) -> None:
    for entity in EXTRACTOR.extract(text, language):
        assert 0 <= entity["start"] <= entity["end"] <= len(text)
        assert entity["entity"] in {"line_item", "price_limit", "place"}
        if entity["entity"] == "line_item":
            quantity = entity["value"]["quantity"]
            assert quantity is None or (isinstance(quantity, int) and 1 <= quantity <= 999)
            _assert_from(text[entity["start"] : entity["end"]], entity["value"]["words"])


def _assert_from(text: str, words: str) -> None:
    """Every word is the text's own, in its order."""
    place = 0
    for word in words.split():
        place = text.lower().find(word, place)
        assert place >= 0


@pytest.mark.parametrize(
    ("language", "intent", "text", "quantity", "words"),
    [
        ("en", "haggle", "can you do 8k for the kettle", None, "kettle"),
        ("en", "ask_availability", "would you by any chance happen to have the mirrors", None, "mirrors"),
        ("en", "ask_price", "i already called about the fridge", None, "fridge"),
        ("en", "add_to_cart", "i was hoping to get 2 lamps", 2, "lamps"),
        ("pcm", "ask_price", "six yards of that velvet go be how much", 6, "velvet"),
        ("sw", "search_product", "mnauza masufuria ya watu kama ishirini", None, "masufuria"),
        ("sw", "change_order", "oda 733 muweke maharage", None, "maharage"),
    ],
)
def test_what_only_carries_a_request_is_no_goods(
    language: str, intent: str, text: str, quantity: int | None, words: str
) -> None:
    found = [
        one["value"] for one in EXTRACTOR.extract(text, language, intent) if one["entity"] == "line_item"
    ]
    assert [(one["quantity"], one["words"]) for one in found] == [(quantity, words)]
