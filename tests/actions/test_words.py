"""Money, names and addresses as people write them; and every response an action names is in the domain."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from actions.address import address_in, is_question, looks_like_address
from actions.money import minor, written
from actions.names import name_in
from commerce_client.models import Money

ROOT = Path(__file__).resolve().parent.parent.parent
DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "bot" / "domain.yml").read_text(encoding="utf-8"))
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "actions").glob("*.py")))


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (450000, "NGN", "₦4,500"),
        (450050, "NGN", "₦4,500.50"),
        (35000, "KES", "KSh 350"),
        (2500, "XOF", "2 500 F CFA"),
        (0, "NGN", "₦0"),
    ],
)
def test_money_is_written_as_its_market_writes_it(amount: int, currency: str, expected: str) -> None:
    assert written(Money(amount, currency)) == expected


@given(st.integers(0, 10**12))
def test_whole_units_survive_the_way_to_minor_units(units: int) -> None:
    assert (minor(float(units), "NGN"), minor(float(units), "XOF")) == (units * 100, units)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my name is bola ade", "Bola Ade"),
        ("use Kwame Mensah", "Kwame Mensah"),
        ("Adaeze O'Brien-Eze", "Adaeze O'Brien-Eze"),
        ("how much is rice", None),
        ("12 Allen Avenue", None),
        ("use another name", None),
    ],
)
def test_a_name_is_taken_out_of_its_sentence(text: str, name: str | None) -> None:
    assert name_in(text) == name


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("my address is 12 Allen Avenue, Ikeja", "12 Allen Avenue, Ikeja"),
        ("deliver to 5 Broad Street", "5 Broad Street"),
        ("sorry, change my address to flat 3, block B", "flat 3, block B"),
        ("opposite the central mosque", "opposite the central mosque"),
    ],
)
def test_an_address_is_taken_out_of_its_sentence(text: str, address: str) -> None:
    assert looks_like_address(text)
    assert address_in(text) == address


@pytest.mark.parametrize("text", ["how much is 2 yards of lace", "what's the price?", "is the market open"])
def test_a_question_is_no_address(text: str) -> None:
    assert is_question(text)
    assert not looks_like_address(text)


@given(st.text(max_size=400))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert len(address_in(text)) <= 300
    assert name_in(text) is None or len(name_in(text) or "") <= 60


def test_every_response_the_actions_name_is_in_the_domain() -> None:
    said = set(
        re.findall(r"(?:\.say|\.ask|ask_category|offer_rest|say_link)\(\s*(?:visit, )?\"([a-z_]+)\"", SOURCES)
    )
    assert len(said) > 50
    assert {f"utter_{name}" for name in said} <= set(DOMAIN["responses"])


def test_every_phrase_the_actions_name_is_in_the_domain() -> None:
    said = set(re.findall(r"\bphrase\(\"([a-z_]+)\"", SOURCES)) | {
        f"button_{name}" for name in re.findall(r"\bbutton\(\s*\"([a-z_]+)\"", SOURCES)
    }
    assert len(said) > 40
    assert {f"phrase_{name}" for name in said} <= set(DOMAIN["responses"])


def test_every_action_of_the_domain_is_there_to_run() -> None:
    called = set(re.findall(r"called = \"([a-z_]+)\"", SOURCES))
    assert called == set(DOMAIN["actions"])


def test_what_is_said_to_shoppers_has_at_least_two_wordings() -> None:
    alone = [
        name for name, words in DOMAIN["responses"].items() if name.startswith("utter_") and len(words) < 2
    ]
    assert alone == []


def test_titles_of_choices_fit_every_channel() -> None:
    titles = {
        name: words[0]["text"]
        for name, words in DOMAIN["responses"].items()
        if name.startswith("phrase_button_")
    }
    assert [title for title in titles.values() if len(title) > 20] == []
