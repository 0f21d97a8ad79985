"""The gateway's client against the stand-in that the demo runs: both sides of the wire, nothing recorded."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.http import open_client
from commerce_api.core.settings import Settings
from commerce_api.orders.models import Order
from commerce_api.payments import linking, polling
from commerce_api.payments.linking import Payer
from commerce_api.payments.models import Payment
from commerce_api.payments.providers import Providers
from simulator.app import create_app
from simulator.settings import load
from tests.commerce_api.orders.shops import Shop
from tests.commerce_api.payments.gateways import payments_of


class Told(httpx.ASGITransport):
    """Carries the stand-in's callbacks to the API, and lets a test wait for each one's answer."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(app)
        self.statuses: asyncio.Queue[int] = asyncio.Queue()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        self.statuses.put_nowait(answer.status_code)
        return answer


@dataclass
class StandIn:
    """The stand-in's gateway with a client of it, our API being what it calls back."""

    database: Database
    settings: Settings
    app: FastAPI
    http: httpx.AsyncClient
    told: Told

    async def link(self, shop: Shop, order: Order) -> Payment:
        payer = Payer(shop.tenant, shop.contact_id)
        providers = Providers(self.settings)
        return await linking.link(self.database, self.http, providers, payer, number=order.number, now=now())

    async def decide(self, payment: Payment, decision: str) -> None:
        answer = await self.http.post(str(payment.url), data={"decision": decision})
        assert answer.status_code == 303


@pytest.fixture
async def stand_in(app: FastAPI, database: Database, settings: Settings) -> AsyncIterator[StandIn]:
    """The stand-in's gateway, running."""
    told = Told(app)
    simulator = create_app(load({}), transport=told)
    async with (
        LifespanManager(simulator),
        open_client(httpx.ASGITransport(simulator)) as http,
    ):
        yield StandIn(database, settings, simulator, http, told)


async def test_a_declined_and_then_approved_payment_is_told_and_pays(stand_in: StandIn, shop: Shop) -> None:
    order = await shop.place([2], payment_method="pay_link")
    first = await stand_in.link(shop, order)
    await stand_in.decide(first, "decline")
    assert await stand_in.told.statuses.get() == 200
    assert not (await shop.order(order.number)).is_paid
    second = await stand_in.link(shop, order)
    assert second.url != first.url
    await stand_in.decide(second, "approve")
    assert await stand_in.told.statuses.get() == 200
    assert (await shop.order(order.number)).is_paid
    assert [event["status"] for event in await shop.events()] == ["failed", "paid"]


async def test_a_payment_nobody_told_of_is_found_by_asking(stand_in: StandIn, shop: Shop) -> None:
    order = await shop.place([2], payment_method="pay_link")
    payment = await stand_in.link(shop, order)
    stand_in.app.state.gateway.is_muted = True
    await stand_in.decide(payment, "approve")
    later = now() + polling.QUIET * 2
    await polling.poll_pending(stand_in.database, stand_in.http, Providers(stand_in.settings), later)
    assert (await shop.order(order.number)).is_paid
    assert len(await payments_of(shop, order)) == 1
