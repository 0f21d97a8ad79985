"""Text as search compares it, and which misspelt words mean which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from commerce_api.catalogue import spelling, words

LETTERS = st.text(alphabet="abcdefghiklmnoprstuwyz", min_size=3, max_size=14)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1l", "1 L"),
        ("1 litre", "100cl"),
        ("1.5L", "1,5 litres"),
        ("500 g", "0.5kg"),
        ("6 yards", "6yd"),
        ("boxes", "box"),
        ("tomatoes", "tomato"),
        ("berries", "berry"),
        ("dresses", "dress"),
        ("gâteaux", "gateau"),
        ("shoes", "shoe"),
        ("Àdìrẹ", "adire"),
        ("ƙasa", "kasa"),
        ("l'huile", "huile"),
        ("mama's", "mama"),
        ("ＡＮＫＡＲＡ", "ankara"),
        ("cœur", "coeur"),
    ],
)
def test_these_are_the_same_to_search(one: str, other: str) -> None:
    assert [word.stem for word in words.words(one)] == [word.stem for word in words.words(other)]


@pytest.mark.parametrize(("one", "other"), [("1l", "5l"), ("glass", "gas"), ("42", "43"), ("rice", "price")])
def test_these_are_not(one: str, other: str) -> None:
    assert words.words(one)[0].stem != words.words(other)[0].stem


@given(st.text(max_size=300))
def test_any_text_has_words_that_are_never_empty_nor_long(text: str) -> None:
    for word in words.words(text):
        assert 1 <= len(word.stem) <= words.LONGEST_WORD


@given(word=LETTERS, data=st.data())
def test_every_single_slip_meets_its_word_under_some_key(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("aeioukr"))
    slips = {
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    }
    for slip in slips:
        near = OSA.distance(spelling.sound(slip), spelling.sound(word)) <= 2
        if near and slip:
            assert spelling.keys(slip) & spelling.keys(word)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("garry", "garri"),
        ("fone", "phone"),
        ("oli", "oil"),
        ("hollandaise", "hollandais"),
        ("kofee", "coffee"),
    ],
)
def test_slips_of_ear_and_hand_are_near(misspelt: str, meant: str) -> None:
    assert [word for _, word in spelling.rank(misspelt, [meant])] == [meant]


@pytest.mark.parametrize(
    ("written", "other"), [("rice", "dice"), ("oil", "soil"), ("lace", "race"), ("cap", "cup size")]
)
def test_short_words_with_another_beginning_are_not_near(written: str, other: str) -> None:
    assert spelling.rank(written, [other]) == []
