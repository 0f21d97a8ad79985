"""The payment gateway: signed and idempotent both ways, and told once what was paid once."""

import hashlib
import hmac
import json
import re
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import GATEWAY_SECRET, StandIn

ORDER = {
    "reference": "MN-1001-1",
    "amount": 1_250_000,
    "currency": "NGN",
    "description": "Mama Ngozi: order <b>MN-1001</b>",
    "callback_url": "http://product.test/callbacks/gateway",
    "return_url": "http://product.test/back",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def signature(signed: bytes) -> str:
    return hmac.new(GATEWAY_SECRET.encode(), signed, hashlib.sha512).hexdigest()


async def post(stand_in: StandIn, order: dict[str, Any], signed: str | None = "") -> httpx.Response:
    body = json.dumps(order, indent=2).encode()
    value = signature(body) if signed == "" else signed
    headers = {} if value is None else {"X-Gateway-Signature": value}
    return await stand_in.http.post("/gateway/checkouts", content=body, headers=headers)


async def open_checkout(stand_in: StandIn, **changes: Any) -> str:
    """The path of a new pay page."""
    answer = await post(stand_in, {**ORDER, **changes})
    assert answer.status_code == 201, answer.text
    return httpx.URL(answer.json()["url"]).path


async def decide(stand_in: StandIn, path: str, decision: str) -> httpx.Response:
    return await stand_in.http.post(path, data={"decision": decision}, follow_redirects=True)


async def test_the_same_order_gets_the_same_checkout(stand_in: StandIn) -> None:
    first, second = await post(stand_in, ORDER), await post(stand_in, ORDER)
    assert first.status_code == 201
    assert first.json() == second.json()
    assert set(first.json()) == {"id", "url"}


async def test_a_reference_cant_be_used_for_another_amount(stand_in: StandIn) -> None:
    await post(stand_in, ORDER)
    assert (await post(stand_in, {**ORDER, "amount": 1})).status_code == 409


@pytest.mark.parametrize(("signed", "status"), [(None, 401), ("00", 403), ("e9" * 64, 403)])
async def test_an_unsigned_or_wrongly_signed_order_is_refused(
    stand_in: StandIn, signed: str | None, status: int
) -> None:
    assert (await post(stand_in, ORDER, signed)).status_code == status


CANT_BE_CHARGED: tuple[dict[str, Any], ...] = (
    {"amount": 0},
    {"amount": -5},
    {"amount": 12.5},
    {"amount": True},
    {"currency": "EUR"},
    {"reference": ""},
    {"callback_url": "ftp://x"},
)


@pytest.mark.parametrize("change", CANT_BE_CHARGED)
async def test_an_order_that_cant_be_charged_is_refused(stand_in: StandIn, change: dict[str, Any]) -> None:
    assert (await post(stand_in, {**ORDER, **change})).status_code == 422


async def test_the_pay_page_shows_shop_and_amount_and_inserts_text_as_text(stand_in: StandIn) -> None:
    page = (await stand_in.http.get(await open_checkout(stand_in))).text
    assert "₦12,500.00" in page
    assert "&lt;b&gt;MN-1001&lt;/b&gt;" in page
    assert "default-src 'none'" in (await stand_in.http.get("/")).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("currency", "amount", "shown"), [("KES", 235_000, "KSh 2,350.00"), ("XOF", 23_500, "23 500 F CFA")]
)
async def test_each_currency_is_written_with_its_own_minor_units(
    stand_in: StandIn, currency: str, amount: int, shown: str
) -> None:
    page = (await stand_in.http.get(await open_checkout(stand_in, currency=currency, amount=amount))).text
    assert shown in page.replace("\u00a0", " ")


async def test_approving_twice_is_one_payment_told_once(stand_in: StandIn) -> None:
    path = await open_checkout(stand_in)
    for _ in range(2):
        assert "Payment approved" in (await decide(stand_in, path, "approve")).text
    assert "Payment approved" in (await decide(stand_in, path, "decline")).text
    [callback] = await stand_in.product.received(1)
    assert callback["event"] == "charge.success"
    data = callback["data"]
    assert (data["reference"], data["amount"], data["currency"]) == ("MN-1001-1", 1_250_000, "NGN")
    assert (data["status"], data["checkout_id"]) == ("success", path.rsplit("/", 1)[1])
    assert re.match(r"\d{4}-\d\d-\d\dT.*\+00:00$", data["paid_at"])
    assert len(stand_in.product.requests) == 1


async def test_a_callback_is_signed_over_its_bytes_and_retried_until_accepted(stand_in: StandIn) -> None:
    stand_in.product.answers = [500, httpx.ConnectError("down")]
    await decide(stand_in, await open_checkout(stand_in), "approve")
    events = await stand_in.product.received(3)
    assert len({event["id"] for event in events}) == 1
    for request in stand_in.product.requests:
        assert request.headers["x-gateway-signature"] == signature(request.content)
        assert request.url == ORDER["callback_url"]


async def test_a_declined_payment_may_be_tried_again(stand_in: StandIn) -> None:
    path = await open_checkout(stand_in)
    assert "Payment declined" in (await decide(stand_in, path, "decline")).text
    assert "You pay" in (await decide(stand_in, path, "retry")).text
    await decide(stand_in, path, "approve")
    declined, approved = await stand_in.product.received(2)
    assert [declined["event"], approved["event"]] == ["charge.failed", "charge.success"]
    assert declined["id"] != approved["id"]
    assert declined["data"]["paid_at"] is None


async def test_a_shop_that_lost_the_callback_can_ask(stand_in: StandIn) -> None:
    await stand_in.http.post("/control/gateway/mute")
    await open_checkout(stand_in)
    await stand_in.http.post("/control/gateway/MN-1001-1/approve")
    path = "/gateway/checkouts/MN-1001-1"
    assert (await stand_in.http.get(path)).status_code == 401
    answer = await stand_in.http.get(path, headers={"X-Gateway-Signature": signature(path.encode())})
    assert (answer.json()["status"], answer.json()["amount"]) == ("success", 1_250_000)
    assert stand_in.product.requests == []


async def test_callbacks_can_be_doubled_and_falsified(stand_in: StandIn) -> None:
    await stand_in.http.post("/control/gateway/mute")
    await open_checkout(stand_in)
    await stand_in.http.post("/control/gateway/MN-1001-1/approve")
    address = "/control/gateway/MN-1001-1/callbacks"
    assert (await stand_in.http.post(address, json={"copies": 3})).json() == {"answers": [200] * 3}
    await stand_in.http.post(address, json={"amount": 1, "signature": "beef"})
    *copies, false = await stand_in.product.received(4)
    assert len({copy["id"] for copy in copies}) == 1
    assert false["data"]["amount"] == 1
    assert stand_in.product.requests[3].headers["x-gateway-signature"] == "beef"


async def test_an_unknown_pay_link_says_so(stand_in: StandIn) -> None:
    answer = await stand_in.http.get("/gateway/pay/chk_nothing")
    assert answer.status_code == 404
    assert "no longer good" in answer.text
