"""Intent and language of one text: what the sentence's vector adds, and when it is left out."""

from pathlib import Path

import numpy as np
import pytest

from bot.components import sentences
from bot.components.sentences import SentenceSpace, encode
from bot.components.understanding import Understanding

EXAMPLES = {
    ("track", "en"): ["where is my order", "track my parcel", "has my package left", "order status"],
    ("price", "en"): ["how much is the rice", "price of oil", "what does it cost", "cost of soap"],
    ("greet", "fr"): ["bonjour", "bonsoir à tous", "salut la boutique", "bonjour madame"],
    ("track", "ha"): ["ina kayana", "odata ta iso", "a ina odata take", "yaushe kayana za su iso"],
    ("price", "ha"): ["nawa ne shinkafa", "nawa farashin mai", "kudin sabulu nawa", "nawa ake sayarwa"],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
INTENTS = [intent for (intent, _), texts in EXAMPLES.items() for _ in texts]
LANGUAGES = [language for (_, language), texts in EXAMPLES.items() for _ in texts]


def trained() -> Understanding:
    return Understanding.train(TEXTS, INTENTS, LANGUAGES)


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return trained()


@pytest.mark.parametrize(
    ("text", "intent"),
    [("when will the courier be here with the goods i bought", "track"), ("is this one expensive", "price")],
)
def test_what_is_said_in_words_never_seen_is_understood_by_its_meaning(
    understanding: Understanding, text: str, intent: str
) -> None:
    assert understanding.read(text).intents[0][0] == intent


@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [("nawa ne mai", "price", "ha"), ("odata fa", "track", "ha"), ("price of rice", "price", "en")],
)
def test_intent_and_language_are_read_together(
    understanding: Understanding, text: str, intent: str, language: str
) -> None:
    intents, languages = understanding.read(text)
    assert (intents[0][0], languages[0][0]) == (intent, language)


def test_a_text_in_a_language_the_encoder_does_not_know_is_not_encoded(
    understanding: Understanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse() -> None:
        asked.append("encoder")

    monkeypatch.setattr("bot.components.understanding.KNOWN", {})
    monkeypatch.setattr(sentences, "_encoder", refuse)
    assert understanding.read("nawa ne shinkafa").intents[0][0] == "price"
    assert asked == []


def test_what_was_kept_reads_the_same(understanding: Understanding, tmp_path: Path) -> None:
    understanding.save(tmp_path)
    assert Understanding.load(tmp_path).read("cost of the oil") == understanding.read("cost of the oil")


def test_training_twice_reads_the_same(understanding: Understanding) -> None:
    assert trained().read("cost of the oil") == understanding.read("cost of the oil")


def test_no_vector_is_longer_than_one_and_nothing_said_has_one_too() -> None:
    space = SentenceSpace.learn(encode(TEXTS))
    vectors = space.place(encode([*TEXTS, "", "?", "😀"]))
    assert vectors.shape == (len(TEXTS) + 3, space.width)
    assert np.isfinite(vectors).all()
    assert (np.linalg.norm(vectors, axis=1) <= 1 + 1e-5).all()
