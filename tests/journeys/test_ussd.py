"""From dialling a code to an order, by digits and typed words alone, over a dropped line."""

import itertools
import re
from collections.abc import Callable

import httpx
import pytest

from stack.beside import RunningSystem
from tests.journeys.desk import Desk
from tests.journeys.dialling import FeaturePhone

NUMBERS = itertools.count(2348070000001)
BLUE_ANKARA = "MN-ANKARA-FABRIC-BLUE"


@pytest.fixture
def dialler(system: RunningSystem) -> FeaturePhone:
    """A feature phone of someone new."""
    return FeaturePhone(system, str(next(NUMBERS)))


def test_a_shopper_with_a_feature_phone_buys_over_a_dropped_line(
    dialler: FeaturePhone, desk: Callable[[str], Desk]
) -> None:
    ngozi = desk("ngozi@demo.example")
    stock = ngozi.stock(BLUE_ANKARA)
    fill_the_cart(dialler)
    number = check_out(dialler)

    order = ngozi.get(f"/orders/{number}")
    assert [(line["variant_sku"], line["quantity"]) for line in order["lines"]] == [(BLUE_ANKARA, 2)]
    assert order["total"] == {"amount": 650_000, "currency": "NGN"}
    assert order["payment_method"] == "cash_on_delivery"
    assert order["address"] == "12 Herbert Macaulay Way, Yaba"
    assert ngozi.stock(BLUE_ANKARA) == stock - 2

    assert "Mama Ngozi" in dialler.dial()
    status = dialler.pick("Track my order")
    assert number in status
    check_the_messages(ngozi, dialler)


def fill_the_cart(dialler: FeaturePhone) -> None:
    welcome = dialler.dial()
    assert "Mama Ngozi" in welcome
    assert "1. Browse" in welcome
    dialler.pick("Browse")
    dialler.pick("Fabrics")
    dialler.pick("Ankara fabric")
    details = dialler.leaf()
    assert "N2,500" in details
    added = dialler.pick("Blue") if "Blue" in details else dialler.type("2")
    if "2 x" not in added:
        added = dialler.type("make it 2")
    assert "2 x Ankara fabric (Blue)" in dialler.leaf()
    assert "N5,000" in "".join(dialler.seen)


def check_out(dialler: FeaturePhone) -> str:
    dialler.type("checkout")
    if "goes well" in dialler.screen or "One thing first" in dialler.screen:
        dialler.pick("No")
    asked = dialler.screen
    dialler.drop()
    assert (
        dialler.dial()
        == "Welcome back to Mama Ngozi Fabrics & Foods.\n1. Go on where you were\n2. Start anew"
    )
    assert dialler.type("1") == asked

    if "name" in asked:
        dialler.type("Adaobi Eze")
    dialler.pick("Delivery")
    dialler.pick("Yaba")
    assert "address" in dialler.screen.lower()
    dialler.type("12 Herbert Macaulay Way, Yaba")
    dialler.pick("Cash on delivery")
    summary = dialler.leaf()
    for part in ("N5,000", "N1,500", "Total: N6,500", "Herbert Macaulay"):
        assert part in summary
    placed = dialler.pick("Confirm order")
    number = re.search(r"MN-[0-9A-Z]{4,8}", placed)
    assert number, placed
    assert not dialler.session["is_open"], "an order placed is the end of the dialogue"
    return number.group()


def check_the_messages(ngozi: Desk, dialler: FeaturePhone) -> None:
    conversation = ngozi.conversation_of(dialler.number)
    messages = ngozi.messages(conversation["id"])
    outbound = [item for item in messages if item["direction"] == "outbound"]
    assert {item["status"] for item in outbound} == {"delivered"}
    for shown in outbound:
        first = shown["text"].split()[0]
        assert any(first in screen for screen in dialler.seen)


def test_a_pay_link_reaches_the_same_phone_by_sms(dialler: FeaturePhone, system: RunningSystem) -> None:
    dialler.dial()
    dialler.type("add 1 blue ankara fabric")
    dialler.type("checkout")
    if "goes well" in dialler.screen or "One thing first" in dialler.screen:
        dialler.pick("No")
    if "name" in dialler.screen:
        dialler.type("Bisi")
    dialler.pick("Pickup")
    dialler.pick("Pay online")
    placed = dialler.pick("Confirm order")
    assert "by SMS" in placed
    assert not dialler.session["is_open"]
    query: dict[str, str | int] = {"channel": "sms_africastalking", "timeout": 20}
    url = f"{system.simulator}/control/phones/{dialler.number}/next"
    (text,) = httpx.get(url, params=query, timeout=30).json()["items"]
    assert "/gateway/pay/" in text["text"]
    assert text["status"] in ("sent", "delivered")


def test_a_step_posted_five_times_at_once_is_one_step(dialler: FeaturePhone, system: RunningSystem) -> None:
    dialler.dial()
    url = f"{system.simulator}/control/phones/{dialler.number}/ussd/type"
    body = {"seller": dialler.code, "text": "add 3 blue ankara fabric", "copies": 5}
    session = httpx.post(url, json=body, timeout=60).json()
    assert session["answers"] == [200] * 5
    assert len(set(session["copies"])) == 1
    assert "3 x Ankara fabric (Blue)" in session["copies"][0]
    cart = dialler.type("my cart")
    assert "3 x Ankara fabric (Blue)" in cart


def test_without_the_key_nobody_dials_in(dialler: FeaturePhone, system: RunningSystem) -> None:
    url = f"{system.simulator}/control/phones/{dialler.number}/ussd/dial"
    for key, status in (("guess", 403), ("", 401)):
        session = httpx.post(url, json={"seller": dialler.code, "key": key}, timeout=30).json()
        assert (session["answers"], session["is_open"]) == ([status], False)
