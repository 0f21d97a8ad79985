"""Several things asked in one message, by webhook: all are done, in order."""

from collections.abc import Callable

from tests.journeys.phones import Phone


def test_taking_out_adding_and_paying_in_one_message(phone: Callable[..., Phone]) -> None:
    shopper = phone()
    shopper.say("hello")
    shopper.say("add 3 sewing thread black")
    shopper.say("no thanks")

    said = shopper.say("remove the sewing thread and add 2 palm oil 1 L then show my cart")
    order = [said.text.find(words) for words in ("Sewing thread", "2 × Palm oil", "₦3,800")]
    assert -1 not in order, said.text
    assert order == sorted(order)
