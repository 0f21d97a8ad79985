"""What the assistant is measured by was never taught to it."""

from bot.scoreboard import copies, utterances
from bot.scoreboard.utterances import Utterance


def test_no_utterance_stands_in_the_training_data_or_nearly() -> None:
    taught = copies.found(utterances.load(), copies.training_texts())
    assert taught == []


def test_a_near_copy_is_found_and_another_way_of_saying_it_is_not() -> None:
    asked = [
        Utterance("en", text, "track_order") for text in ("Where is my Order 123?!", "any sign of my things")
    ]
    found = copies.found(asked, ["where is my order 77", "track my parcel"])
    assert [(one.text, example) for one, example in found] == [
        ("Where is my Order 123?!", "where is my order 77")
    ]


def test_every_language_is_asked_enough() -> None:
    counts = dict.fromkeys(utterances.LANGUAGES, 0)
    for utterance in utterances.load():
        counts[utterance.language] += 1
    assert min(counts.values()) >= 150, counts
