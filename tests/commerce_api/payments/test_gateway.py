"""The gateway's wire format, from bytes alone."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from commerce_api.core.http import open_client
from commerce_api.core.money import Money
from commerce_api.payments import calling
from commerce_api.payments.errors import (
    CallbackSignatureWrong,
    CallbackUnreadable,
    CallbackUnsigned,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
)
from commerce_api.payments.gateway import Gateway
from commerce_api.payments.port import CheckoutAsked, NewsStatus

BASE = "http://gateway.test/gateway"
GATEWAY = Gateway(BASE, "demo-gateway-secret")
ASKED = CheckoutAsked(
    "pay-1", Money(250000, "NGN"), "Mama Ngozi MN-7K4Q2", "http://api.test/callback", "http://api.test/return"
)
STATE = {"id": "chk_1", "reference": "pay-1", "amount": 250000, "currency": "NGN", "status": "success"}


def event(**changes: Any) -> dict[str, Any]:
    data = {
        "reference": "pay-1",
        "amount": 250000,
        "currency": "NGN",
        "status": "success",
        "paid_at": "2026-11-20T12:00:00+00:00",
        "checkout_id": "chk_1",
    }
    return {"event": "charge.success", "id": "evt_1", "data": data, **changes}


def signed(body: bytes) -> httpx.Headers:
    return httpx.Headers(
        {"x-gateway-signature": hmac.new(b"demo-gateway-secret", body, hashlib.sha512).hexdigest()}
    )


async def test_a_checkout_is_asked_for_with_a_signature_over_the_very_bytes() -> None:
    with respx.mock:
        route = respx.post(f"{BASE}/checkouts").respond(
            201, json={"id": "chk_1", "url": "https://pay.test/1"}
        )
        async with open_client() as http:
            checkout = await calling.create_checkout(http, GATEWAY, ASKED)
    request = route.calls.last.request
    assert request.headers["x-gateway-signature"] == signed(request.content)["x-gateway-signature"]
    assert json.loads(request.content) == {
        "reference": "pay-1",
        "amount": 250000,
        "currency": "NGN",
        "description": "Mama Ngozi MN-7K4Q2",
        "callback_url": "http://api.test/callback",
        "return_url": "http://api.test/return",
    }
    assert (checkout.id, checkout.url) == ("chk_1", "https://pay.test/1")


async def test_a_state_is_asked_for_with_a_signature_over_the_path() -> None:
    with respx.mock:
        route = respx.get(f"{BASE}/checkouts/pay-1").respond(200, json={**STATE, "paid_at": None})
        async with open_client() as http:
            news = await calling.ask_state(http, GATEWAY, "pay-1")
    assert route.calls.last.request.headers["x-gateway-signature"] == GATEWAY.sign(
        b"/gateway/checkouts/pay-1"
    )
    assert news is not None
    assert (news.status, news.money, news.checkout_id) == (NewsStatus.PAID, Money(250000, "NGN"), "chk_1")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(500), PaymentProviderUnavailable),
        (httpx.Response(429), PaymentProviderUnavailable),
        (httpx.Response(302, headers={"location": "http://elsewhere.test"}), PaymentProviderUnavailable),
        (httpx.Response(201, text="<html>"), PaymentProviderUnavailable),
        (httpx.Response(201, json={"id": "chk_1", "url": "javascript:alert(1)"}), PaymentProviderUnavailable),
        (httpx.Response(422, json={"error": {}}), PaymentProviderRefused),
        (httpx.ConnectError("down"), PaymentProviderUnavailable),
        (httpx.ReadTimeout("slow"), PaymentProviderUnavailable),
    ],
)
async def test_a_gateway_that_fails_or_refuses_is_said_so(
    answer: httpx.Response | Exception, error: type[Exception]
) -> None:
    with respx.mock:
        respx.post(f"{BASE}/checkouts").mock(side_effect=[answer])
        async with open_client() as http:
            with pytest.raises(error):
                await calling.create_checkout(http, GATEWAY, ASKED)


async def test_a_payment_the_gateway_never_heard_of_has_no_state() -> None:
    with respx.mock:
        respx.get(f"{BASE}/checkouts/pay-1").respond(404, json={})
        async with open_client() as http:
            assert await calling.ask_state(http, GATEWAY, "pay-1") is None


def test_a_success_is_read_whole() -> None:
    news = GATEWAY.parse(json.dumps(event()).encode())
    assert (news.event_id, news.reference, news.status) == ("evt_1", "pay-1", NewsStatus.PAID)
    assert news.money == Money(250000, "NGN")
    assert news.paid_at == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_failure_and_an_event_of_another_kind_are_told_apart() -> None:
    assert GATEWAY.parse(json.dumps(event(event="charge.failed")).encode()).status is NewsStatus.FAILED
    assert GATEWAY.parse(json.dumps(event(event="dispute.opened")).encode()).status is NewsStatus.OTHER


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff\xfe",
        b"[" * 5000,
        json.dumps({"event": "charge.success"}).encode(),
        json.dumps(event(id="evt\u00001")).encode(),
        json.dumps(event(data={"reference": "pay-1", "amount": "250000", "currency": "NGN"})).encode(),
        json.dumps(event(data={"reference": "pay-1", "amount": 1e6, "currency": "NGN"})).encode(),
        json.dumps(event(data={"reference": "pay-1", "amount": -1, "currency": "NGN"})).encode(),
        json.dumps(event(data={"reference": "pay-1", "amount": 10**40, "currency": "NGN"})).encode(),
        json.dumps(event(data={"reference": "pay-1", "amount": 1, "currency": "naira"})).encode(),
    ],
)
def test_what_the_gateway_never_sends_is_unreadable(body: bytes) -> None:
    with pytest.raises(CallbackUnreadable):
        GATEWAY.parse(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_unreadable(body: bytes) -> None:
    with pytest.raises(CallbackUnreadable):
        GATEWAY.parse(body)


def test_only_the_true_signature_over_the_very_bytes_passes() -> None:
    body = json.dumps(event()).encode()
    true = signed(body)
    GATEWAY.verify(true, body)
    with pytest.raises(CallbackSignatureWrong):
        GATEWAY.verify(true, json.dumps(event(), indent=1).encode())
    with pytest.raises(CallbackSignatureWrong):
        GATEWAY.verify(httpx.Headers({"x-gateway-signature": true["x-gateway-signature"].upper()}), body)
    with pytest.raises(CallbackSignatureWrong):
        GATEWAY.verify(httpx.Headers({"x-gateway-signature": true["x-gateway-signature"][:-1]}), body)
    with pytest.raises(CallbackSignatureWrong):
        GATEWAY.verify(httpx.Headers([(b"x-gateway-signature", b"\xe9\xff")]), body)
    for headers in (httpx.Headers(), httpx.Headers({"x-gateway-signature": ""})):
        with pytest.raises(CallbackUnsigned):
            GATEWAY.verify(headers, body)
