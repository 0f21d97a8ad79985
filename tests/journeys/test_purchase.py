"""From hello to a paid order, by signed webhooks alone, with every reply read at the stand-in Graph API."""

import re
from collections.abc import Callable

import httpx
import pytest

from tests.journeys.desk import Desk, Json
from tests.journeys.phones import Phone

BLUE_ANKARA, THREAD = "MN-ANKARA-FABRIC-BLUE", "MN-SEWING-THREAD-BLACK"
POINTER = "👇"


@pytest.fixture
def ngozi(desk: Callable[[str], Desk]) -> Desk:
    return desk("ngozi@demo.example")


def test_a_shopper_buys_from_hello_to_where_is_my_order(phone: Callable[..., Phone], ngozi: Desk) -> None:
    shopper = phone()
    stock = {sku: ngozi.stock(sku) for sku in (BLUE_ANKARA, THREAD)}

    find_the_cloth(shopper)
    fill_the_cart(shopper)
    number = check_out(shopper)
    pay(shopper, number)

    status = shopper.say("where is my order")
    assert number in status.text
    assert "paid" in status.text.lower()
    assert "not paid" not in status.text.lower()
    check_the_books(ngozi, shopper, number, stock)


def find_the_cloth(shopper: Phone) -> None:
    welcome = shopper.say("hello")
    assert "Mama Ngozi" in welcome.text
    assert welcome.choices, "a greeting without anything to tap"

    found = shopper.say("ankarra fabrik")
    assert "Ankara fabric" in found.text
    assert "₦2,500" in found.text
    assert len(found.choices) >= 2

    second = found.choices[1]
    details = shopper.say("the second one")
    assert second.rstrip("…") in details.text
    assert details.has_photo, "a seller shows the thing"


def fill_the_cart(shopper: Phone) -> None:
    added = shopper.say("add 2 yards of blue ankara fabric")
    assert "2 × Ankara fabric (Blue)" in added.text
    assert "₦5,000" in added.text
    assert "Sewing thread" in added.text, "the seller's pair is offered beside it"

    more = shopper.say("make it 3")
    assert "3 × Ankara fabric (Blue)" in more.text
    assert "₦7,500" in more.text

    taken = shopper.say("yes please")
    assert "Sewing thread" in taken.text
    assert "₦7,850" in taken.text

    cart = shopper.say("view my cart")
    assert "3 × Ankara fabric (Blue): ₦7,500" in cart.text
    assert "1 × Sewing thread (Black): ₦350" in cart.text
    assert "₦7,850" in cart.text


def check_out(shopper: Phone) -> str:
    assert "Delivery" in shopper.say("checkout").choices
    zones = shopper.tap("Delivery")
    assert any("Yaba" in title for title in zones.choices)
    assert "address" in shopper.say("Yaba").text.lower()
    assert "pay" in shopper.say("12 Herbert Macaulay Way").text.lower()

    midway = shopper.say("how much is palm oil 1 L?")
    assert "₦1,900" in midway.text
    assert "Pay online" in midway.choices, "the form goes on after a question"

    changed = shopper.say("change the address to 5 Commercial Avenue, Yaba")
    assert "5 Commercial Avenue" in changed.text, "a changed answer is said back"
    assert "Pay online" in changed.choices
    summary = shopper.say("pay online")
    for part in ("₦7,850", "₦1,500", "₦9,350", "5 Commercial Avenue"):
        assert part in summary.text
    assert "Herbert Macaulay" not in summary.text

    placed = shopper.say("yes, confirm")
    number = re.search(r"MN-[0-9A-Z]{4,8}", placed.text)
    assert number, f"no order number in: {placed.text}"
    assert placed.link, "no pay link"
    return number.group()


def pay(shopper: Phone, number: str) -> None:
    page = httpx.get(pay_link(shopper))
    assert page.status_code == 200
    assert "9,350" in page.text
    shopper.catch_up()
    answer = httpx.post(pay_link(shopper), data={"decision": "approve"}, follow_redirects=True)
    assert answer.status_code == 200
    receipt = shopper.wait_for(f"for order {number}")
    assert "₦9,350" in receipt.text


def pay_link(shopper: Phone) -> str:
    """Where the shopper's last link button leads."""
    links = [item["link"]["url"] for item in shopper.received() if item["link"]]
    return str(links[-1])


def check_the_books(ngozi: Desk, shopper: Phone, number: str, stock: dict[str, int]) -> None:
    order = ngozi.get(f"/orders/{number}")
    lines = [(line["variant_sku"], line["quantity"], line["total"]["amount"]) for line in order["lines"]]
    assert sorted(lines) == [(BLUE_ANKARA, 3, 750_000), (THREAD, 1, 35_000)]
    assert order["total"] == {"amount": 935_000, "currency": "NGN"}
    assert order["delivery_fee"]["amount"] == 150_000
    assert (order["state"], order["is_paid"]) == ("paid", True)
    assert order["address"] == "5 Commercial Avenue, Yaba"
    check_the_payment(ngozi.get(f"/orders/{number}/payments"))

    assert ngozi.stock(BLUE_ANKARA) == stock[BLUE_ANKARA] - 3
    assert ngozi.stock(THREAD) == stock[THREAD] - 1

    conversation = ngozi.conversation_of(shopper.number)
    assert ngozi.get(f"/conversations/{conversation['id']}/cart")["lines"] == []
    check_the_messages(ngozi.delivered_messages(conversation["id"]), shopper)


def check_the_payment(payments: Json) -> None:
    assert payments["total"] == len(payments["items"]) == 1, "one order is paid once"
    (payment,) = payments["items"]
    assert payment["amount"] == {"amount": 935_000, "currency": "NGN"}
    assert (payment["state"], payment["is_refund_due"]) == ("paid", False)
    assert payment["paid_at"]


def check_the_messages(messages: list[Json], shopper: Phone) -> None:
    inbound = [
        item["text"] for item in messages if item["direction"] == "inbound" and item["kind"] != "event"
    ]
    assert inbound == shopper.said, "every word the shopper said is kept, once and in order"
    outbound = [item for item in messages if item["direction"] == "outbound"]
    assert {item["author"] for item in outbound} == {"assistant"}

    received = {item["id"]: item for item in shopper.received()}
    sent = [part["provider_message_id"] for item in outbound for part in item["parts"]]
    assert sent == list(received), "what is kept is what came, in order, no more and no less"
    for item in outbound:
        parts = [received[part["provider_message_id"]] for part in item["parts"]]
        assert parts, f"kept but never sent: {item['text']}"
        check_the_words(item, parts)


def check_the_words(kept: Json, parts: list[Json]) -> None:
    """The parts say the kept text, then nothing but what could be tapped."""
    said = " ".join(" ".join(part["text"] for part in parts).split())
    text = " ".join(kept["text"].split())
    assert said.startswith(text), f"{kept['text']!r} came as {said!r}"
    body = kept["body"]
    offered = [(choice["title"], choice["description"]) for choice in body["choices"]]
    legend = [f"{place}. " + " – ".join(filter(None, words)) for place, words in enumerate(offered, start=1)]
    known = {"", " ".join(legend), POINTER, (body["link"] or {}).get("title")}
    assert said.removeprefix(text).strip() in known, f"more was said than is kept: {said!r}"
    assert any(part["link"] for part in parts) == bool(body["link"])
    assert sum(len(part["choices"]) for part in parts) == len(offered)
