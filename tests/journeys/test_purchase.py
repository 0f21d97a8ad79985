"""From hello to a paid order on every channel, by webhooks alone; every reply is read at the stand-in."""

import re
from collections.abc import Callable

import httpx
import pytest

from tests.journeys.desk import Desk, Json
from tests.journeys.phones import Phone, Reply, links_of, plain, title_of
from tests.journeys.screens import DialledPhone

BLUE_ANKARA, THREAD = "MN-ANKARA-FABRIC-BLUE", "MN-SEWING-THREAD-BLACK"
CHANNELS = [
    "whatsapp",
    "whatsapp_twilio",
    "instagram",
    "sms_twilio",
    "sms_africastalking",
    "ussd_africastalking",
]
NUMBER = re.compile(r"^\d+\. ", re.MULTILINE)
# Text messages carry no pictures in these countries.
PICTURED = {"whatsapp", "whatsapp_twilio", "instagram"}
# What Instagram tells of a message is that it was seen.
TOLD_WHEN_SEEN = {"instagram"}


@pytest.fixture
def ngozi(desk: Callable[[str], Desk]) -> Desk:
    return desk("ngozi@demo.example")


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_shopper_buys_from_hello_to_where_is_my_order(
    phone: Callable[..., Phone], ngozi: Desk, channel: str
) -> None:
    shopper = phone(channel=channel)
    stock = {sku: ngozi.stock(sku) for sku in (BLUE_ANKARA, THREAD)}

    find_the_cloth(shopper)
    fill_the_cart(shopper)
    number = check_out(shopper)
    pay(shopper, number)

    status = shopper.say("where is my order")
    hears(status, number, "paid")
    assert not status.says("not paid")
    check_the_books(ngozi, shopper, number, stock)


def hears(reply: Reply, *parts: str) -> None:
    """Every part was said, in whatever letters the channel has."""
    missing = [part for part in parts if not reply.says(part)]
    assert not missing, f"{missing} missing in: {reply.text}"


def find_the_cloth(shopper: Phone) -> None:
    welcome = shopper.say("hello")
    hears(welcome, "Mama Ngozi")
    assert welcome.choices, "a greeting without anything to pick"

    found = shopper.say("ankarra fabrik")
    hears(found, "Ankara fabric", "₦2,500")
    assert len(found.choices) >= 2

    details = shopper.say("the second one")
    hears(details, title_of(found.choices[1]).rstrip("…").removesuffix("..."))
    assert details.has_photo is (shopper.channel in PICTURED), "a seller shows the thing"


def fill_the_cart(shopper: Phone) -> None:
    added = shopper.say("add 2 yards of blue ankara fabric")
    hears(added, "2 × Ankara fabric (Blue)", "₦5,000")
    hears(added, "Sewing thread")  # the seller's pair is offered beside it
    hears(shopper.say("make it 3"), "3 × Ankara fabric (Blue)", "₦7,500")
    hears(shopper.say("yes please"), "Sewing thread", "₦7,850")
    cart = shopper.say("view my cart")
    hears(cart, "3 × Ankara fabric (Blue): ₦7,500", "1 × Sewing thread (Black): ₦350", "₦7,850")


def check_out(shopper: Phone) -> str:
    introduce(shopper, shopper.say("checkout"))
    zones = shopper.tap("Delivery")
    assert any("Yaba" in title for title in zones.choices)
    hears(shopper.say("Yaba"), "address")
    hears(shopper.say("12 Herbert Macaulay Way"), "pay")

    midway = shopper.say("how much is palm oil 1 L?")
    hears(midway, "₦1,900")
    assert midway.offers("Pay online"), "the form goes on after a question"

    changed = shopper.say("change the address to 5 Commercial Avenue, Yaba")
    hears(changed, "5 Commercial Avenue")  # a changed answer is said back
    assert changed.offers("Pay online")
    summary = shopper.tap("Pay online")
    hears(summary, "₦7,850", "₦1,500", "₦9,350", "5 Commercial Avenue")
    assert not summary.says("Herbert Macaulay")

    placed = shopper.say("yes, confirm")
    number = re.search(r"MN-[0-9A-Z]{4,8}", placed.text)
    assert number, f"no order number in: {placed.text}"
    return number.group()


def introduce(shopper: Phone, asked: Reply) -> None:
    """Tells what a channel does not tell of its shoppers, until it is asked how the order shall come."""
    for about, answer in (("name", "Adaobi Eze"), ("number", "+2348031112233")):
        if not asked.offers("Delivery") and asked.says(about):
            asked = shopper.say(answer)
    assert asked.offers("Delivery"), f"not asked about the delivery: {asked.text}"


def pay(shopper: Phone, number: str) -> None:
    link = shopper.pay_link()
    page = httpx.get(link)
    assert page.status_code == 200
    assert "9,350" in page.text
    shopper.catch_up()
    answer = httpx.post(link, data={"decision": "approve"}, follow_redirects=True)
    assert answer.status_code == 200
    hears(shopper.wait_for(f"for order {number}"), "₦9,350")


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

    conversation = ngozi.conversation(shopper.conversation_id)
    assert conversation["channel"] == shopper.channel
    assert order["conversation_id"] == conversation["id"]
    assert ngozi.get(f"/conversations/{conversation['id']}/cart")["lines"] == []
    if shopper.channel in TOLD_WHEN_SEEN:
        shopper.look()
    is_dialled = isinstance(shopper, DialledPhone)
    read = ngozi.messages if is_dialled else ngozi.delivered_messages
    check_the_messages(read(conversation["id"]), shopper)


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
    if isinstance(shopper, DialledPhone):
        check_the_screens(outbound, shopper)
    else:
        check_the_parts(outbound, shopper)


def check_the_screens(outbound: list[Json], shopper: DialledPhone) -> None:
    """Every kept text was shown, whole, or came as a text while nobody was on the line.

    A screen puts the lines that can be picked last, and numbers no other.
    """
    shown = [letters(text) for text in (*shopper.shown, *(item["text"] for item in shopper.received()))]
    for item in outbound:
        lines = [letters(NUMBER.sub("", line)) for line in item["text"].splitlines()]
        whole = any(all(line in screen for line in lines) for screen in shown)
        assert whole, f"never shown: {item['text']}"


def check_the_parts(outbound: list[Json], shopper: Phone) -> None:
    """What is kept is what reached the provider."""
    received = {item["id"]: item for item in shopper.received()}
    sent = [part["provider_message_id"] for item in outbound for part in item["parts"]]
    assert sent == list(received), "what is kept is what came, in order, no more and no less"
    for item in outbound:
        parts = [received[part["provider_message_id"]] for part in item["parts"]]
        assert parts, f"kept but never sent: {item['text']}"
        check_the_words(item, parts)


def check_the_words(kept: Json, parts: list[Json]) -> None:
    """The parts say the kept text first, then what can be picked and opened, and leave nothing out.

    Where a number sent back picks a choice, none stands before any other line.
    """
    said = letters(" ".join(NUMBER.sub("", part["text"]) for part in parts))
    text = letters(NUMBER.sub("", kept["text"]))
    assert said.startswith(text), f"{kept['text']!r} came as {said!r}"
    body = kept["body"]
    offered = [*body["choices"], *(choice for card in body["cards"] for choice in card["choices"])]
    # A text may number lines of its own before the choices.
    buttons = [choice for part in parts for choice in part["choices"]][-len(offered) :] if offered else []
    assert len(buttons) == len(offered), f"{offered} came as {buttons}"
    for choice in offered:
        shown = " ".join(
            (said, *(letters(f"{one['title']} {one.get('description', '')}") for one in buttons))
        )
        assert letters(choice["title"]) in shown, f"{choice['title']!r} was never offered"
    links = [link for link in (body["link"], body["pay"]) if link]
    pieces = [text for choice in offered for text in (choice["title"], choice["description"]) if text]
    pieces += [text for link in links for text in (link["url"], link["title"])]
    rest = said.removeprefix(text)
    for piece in sorted([*pieces, body["opener"] or "", "Reply"], key=len, reverse=True):
        rest = rest.replace(letters(piece), "")
    assert not rest or rest.isdigit(), f"more was said than is kept: {rest!r}"
    opened = [link for part in parts for link in links_of(part)]
    assert sorted(opened) == sorted(link["url"] for link in links)


def letters(text: str) -> str:
    """The letters and digits of a text as any channel writes them: what none may lose."""
    return "".join(letter for letter in plain(text) if letter.isalnum())
