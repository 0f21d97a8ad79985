"""The words of consent, as shoppers spell them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce_api.conversations import consent, consent_words

EVERY = [
    (kind, language, word)
    for kind in ("STOP", "STOP_BY_SMS", "START", "HELP")
    for language, words in getattr(consent_words, kind).items()
    for word in words
]
LANGUAGES = {"en", "pcm", "sw", "fr", "ha", "yo"}


@pytest.mark.parametrize("kind", ["STOP", "START", "HELP", "STOPPED", "STARTED", "HELPED", "SLOWED"])
def test_every_language_has_its_words(kind: str) -> None:
    assert getattr(consent_words, kind).keys() == LANGUAGES


@given(
    word=st.sampled_from([word for _, _, word in EVERY]),
    form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]),
    change=st.sampled_from([str.lower, str.upper, str.title, str.swapcase]),
    around=st.sampled_from(["{}", " {} ", "{}!!", "«{}»", "{}.", "*{}*", "\n{}\t", "{} 🙏", "\u200e{}"]),
)
def test_a_word_is_known_in_any_spelling_with_or_without_its_marks(
    word: str, form: str, change: object, around: str
) -> None:
    assert callable(change)
    written = unicodedata.normalize(form, around.format(change(word)))  # type: ignore[arg-type]
    bare = "".join(one for one in unicodedata.normalize("NFD", written) if not unicodedata.combining(one))
    assert consent.normalised(written) == consent.normalised(bare) == consent.normalised(word) != ""


@given(st.text(max_size=200))
def test_normalising_never_fails_and_changes_nothing_twice(text: str) -> None:
    once = consent.normalised(text)
    assert consent.normalised(once) == once
    assert len(once) <= consent.LONGEST


def test_no_word_means_two_things() -> None:
    stops = consent.STOPS.keys() | consent.STOPS_BY_SMS.keys()
    starts = consent.STARTS.keys() | consent_words.TWILIO_STARTS
    assert not stops & starts
    assert not (stops | starts) & consent.HELPS.keys()
    assert consent.STOPS_BY_SMS.keys() >= consent_words.TWILIO_STOPS
    assert not consent.STOPS.keys() & consent.STOPS_BY_SMS.keys()


@pytest.mark.parametrize("text", ["stop by tomorrow", "don't stop", "help me find rice", "one stop shop", ""])
def test_a_word_within_a_message_is_no_word_of_consent(text: str) -> None:
    said = consent.normalised(text)
    assert all(said not in words for words in (consent.STOPS, consent.STARTS, consent.HELPS))


@pytest.mark.parametrize("words", [consent_words.STOPPED, consent_words.STARTED, consent_words.HELPED])
def test_every_confirmation_names_the_shop_and_the_way_back(words: dict[str, str]) -> None:
    for language in LANGUAGES:
        said = consent_words.say(words, "Mama Ngozi", language)
        assert "Mama Ngozi" in said
        assert ("START" in said) != ("STOP" in said)
