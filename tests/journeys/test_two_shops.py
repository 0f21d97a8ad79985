"""One shopper, two sellers: nothing of one is ever seen at the other."""

import re
from collections.abc import Callable

from tests.journeys.desk import Desk
from tests.journeys.phones import DUKA_AMINA, MAMA_NGOZI, Phone, Reply


def test_one_number_writing_to_two_sellers_has_two_carts_and_two_currencies(
    phone: Callable[..., Phone], desk: Callable[[str], Desk]
) -> None:
    lagos = phone(MAMA_NGOZI)
    nairobi = phone(DUKA_AMINA, lagos.number)
    heard: dict[str, list[Reply]] = {MAMA_NGOZI: [], DUKA_AMINA: []}
    for words in (
        "hello",
        "how much is palm oil 1 L?",
        "add 2 palm oil 1 L",
        "no thanks",
        "show my cart",
        "what do you have?",
    ):
        for shopper in (lagos, nairobi):
            heard[shopper.seller].append(shopper.say(words))

    ngozi, amina = desk("ngozi@demo.example"), desk("amina@demo.example")
    carts = []
    for seller in (ngozi, amina):
        conversation = seller.conversation_of(lagos.number)
        carts.append(seller.get(f"/conversations/{conversation['id']}/cart"))
    assert [cart["currency"] for cart in carts] == ["NGN", "KES"]
    assert [[line["quantity"] for line in cart["lines"]] for cart in carts] == [[2], [2]]
    assert carts[0]["total"]["amount"] == 2 * 190_000
    assert carts[1]["total"]["amount"] == 2 * 48_000

    said_in_lagos = "\n".join(reply.everything for reply in heard[MAMA_NGOZI])
    said_in_nairobi = "\n".join(reply.everything for reply in heard[DUKA_AMINA])
    assert "1,900" in said_in_lagos
    assert "480" in said_in_nairobi
    assert not re.search(r"KSh|KES|\b480\b|\b960\b|Amina", said_in_lagos)
    assert not re.search(r"₦|NGN|1,900|3,800|Ngozi", said_in_nairobi)
