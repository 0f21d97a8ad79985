"""The linear model: what it learns, keeps and says of its own sureness."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.features import Vocabulary
from bot.components.letters import fold, plain
from bot.components.linear import LinearModel

EXAMPLES = {
    "track": [
        "where is my order",
        "where are my things",
        "track my parcel",
        "has my order left",
        "order status",
    ],
    "price": ["how much is rice", "price of oil", "what does it cost", "how much for two", "cost of soap"],
    "greet": ["hello there", "good morning", "hi shop", "good evening to you", "hello again"],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]


VOCABULARY = Vocabulary.learn(TEXTS)


def trained() -> LinearModel:
    return LinearModel.train([VOCABULARY.read(text) for text in TEXTS], len(VOCABULARY.places), LABELS)


@pytest.fixture(scope="module")
def model() -> LinearModel:
    return trained()


@pytest.mark.parametrize(
    ("text", "label"), [("wheres my oder", "track"), ("how much be the yam", "price"), ("helo", "greet")]
)
def test_what_is_misspelt_is_still_understood(model: LinearModel, text: str, label: str) -> None:
    assert model.rank(VOCABULARY.read(text))[0][0] == label


@given(text=st.text(max_size=60))
def test_confidences_are_shares_of_one(model: LinearModel, text: str) -> None:
    ranking = model.rank(VOCABULARY.read(text))
    assert {label for label, _ in ranking} == set(EXAMPLES)
    assert sum(share for _, share in ranking) == pytest.approx(1)
    assert all(earlier >= later for (_, earlier), (_, later) in pairwise(ranking))


def test_a_model_that_was_kept_says_the_same(model: LinearModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    VOCABULARY.save(tmp_path)
    asked = Vocabulary.load(tmp_path).read("where is it")
    assert LinearModel.load(tmp_path).rank(asked) == model.rank(VOCABULARY.read("where is it"))


def test_training_twice_gives_the_same_model(model: LinearModel) -> None:
    asked = VOCABULARY.read("how much")
    assert trained().rank(asked) == model.rank(asked)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Ẹ káàárọ̀", "e kaaro"),
        ("ɗaya da ƙari", "daya da kari"),
        ("TRÈS bien", "tres bien"),
        ("sooooo", "soo"),
    ],
)
def test_accents_hooks_and_drawn_out_letters_make_no_difference(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(text=st.text(max_size=60))
def test_plain_letters_know_where_they_stood(text: str) -> None:
    letters, places = plain(text)
    assert len(places) == len(letters) + 1
    assert places == sorted(places)
    assert places[-1] == len(text)
