"""The gateway as it appears to us: its callbacks, signed, and its checkouts."""

import json
from typing import Any

import httpx
import respx

from commerce_api.orders.models import Order
from commerce_api.payments import queries
from commerce_api.payments.gateway import SIGNATURE, Gateway
from commerce_api.payments.models import Payment
from tests.commerce_api.orders.shops import Shop
from tests.conftest import SERVICE

GATEWAY = Gateway("http://127.0.0.1:8010/gateway", "demo-gateway-secret")
CHECKOUTS = "http://127.0.0.1:8010/gateway/checkouts"
CALLBACKS = "/api/v1/payments/callbacks/gateway"


def open_checkout(request: httpx.Request) -> httpx.Response:
    """The gateway's answer to a checkout: the same reference, the same page."""
    reference = json.loads(request.content)["reference"]
    return httpx.Response(201, json={"id": f"chk_{reference}", "url": f"https://pay.test/{reference}"})


def working(router: respx.Router) -> respx.Route:
    """The gateway opens checkouts."""
    return router.post(CHECKOUTS).mock(side_effect=open_checkout)


async def ask_link(api: httpx.AsyncClient, shop: Shop, order: Order) -> httpx.Response:
    """The bot side asks for an order's pay link."""
    url = f"{shop.bot_url}/orders/{order.number}/payment-link"
    return await api.post(url, json={}, headers=SERVICE)


def told(payment: Payment, event: str = "charge.success", event_id: str = "evt_1", **changes: Any) -> bytes:
    """A callback's body about a payment."""
    data = {
        "reference": payment.reference,
        "amount": payment.amount,
        "currency": payment.currency,
        "status": event.partition(".")[2],
        "paid_at": "2026-11-20T12:05:00+00:00",
        "checkout_id": f"chk_{payment.reference}",
        **changes,
    }
    return json.dumps({"event": event, "id": f"{event_id}-{data['reference']}", "data": data}).encode()


async def call_back(api: httpx.AsyncClient, body: bytes) -> str:
    """Posts a signed callback; what it did."""
    answer = await api.post(CALLBACKS, content=body, headers={SIGNATURE: GATEWAY.sign(body)})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["outcome"])


async def payments_of(shop: Shop, order: Order) -> list[Payment]:
    """The order's payments as they are in the database now, oldest first."""
    async with shop.session() as session:
        return list(await queries.payments_of(session, order.id))
