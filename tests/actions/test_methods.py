"""How it shall come and be paid, as shoppers of six languages say it when asked."""

import pytest

from actions.methods import method_in


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("I will come and pick it up", "pickup"),
        ("i go come carry am", "pickup"),
        ("nitakuja kuchukua mwenyewe", "pickup"),
        ("je passe le chercher", "pickup"),
        ("zan zo in ɗauka da kaina", "pickup"),
        ("màá wá gbé e fúnra mi", "pickup"),
        ("bring am come my house", "delivery"),
        ("niletewe", "delivery"),
        ("livrez moi", "delivery"),
        ("a kawo min gida", "delivery"),
        ("ẹ gbé e wá fún mi", "delivery"),
        ("the blue one", None),
    ],
)
def test_how_it_comes(text: str, method: str | None) -> None:
    assert method_in(text, "delivery_method") == method


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("cash when e reach", "cash_on_delivery"),
        ("nitalipa nikipokea", "cash_on_delivery"),
        ("en espèces", "cash_on_delivery"),
        ("zan biya idan an kawo", "cash_on_delivery"),
        ("màá san owó lọ́wọ́", "cash_on_delivery"),
        ("let me do transfer", "pay_link"),
        ("lipa mtandaoni", "pay_link"),
        ("payer en ligne", "pay_link"),
        ("biya ta intanet", "pay_link"),
        ("san lórí ayélujára", "pay_link"),
        ("yes", None),
    ],
)
def test_how_it_is_paid(text: str, method: str | None) -> None:
    assert method_in(text, "payment_method") == method
