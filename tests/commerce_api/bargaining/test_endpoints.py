"""Bargaining over HTTP: the seller's terms and results, and the bot side's rounds, done once a message."""

from typing import Any

import httpx
import pytest

from commerce_api.tenants.models import Role
from tests.commerce_api.orders.shops import Shop
from tests.conftest import SERVICE, Bearer, MakeMember


async def bargain(api: httpx.AsyncClient, shop: Shop, key: str, **said: Any) -> dict[str, Any]:
    body = {"variant_id": str(shop.variants[0].id), **said}
    headers = {**SERVICE, "Idempotency-Key": key}
    answer = await api.post(f"{shop.bot_url}/bargains", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    heard: dict[str, Any] = answer.json()
    return heard


async def test_a_message_that_comes_twice_is_one_round(api: httpx.AsyncClient, shop: Shop) -> None:
    first = [await bargain(api, shop, "m1:haggle:0") for _ in range(2)]
    second = await bargain(api, shop, "m2:haggle:0")
    assert first[0] == first[1]
    assert (first[0]["said"], second["said"]) == ("pair", "counter")


async def test_the_cart_shows_the_agreed_price_beside_todays(api: httpx.AsyncClient, shop: Shop) -> None:
    heard = await bargain(api, shop, "m1:haggle:0", amount=425_000)
    assert (heard["said"], heard["price"]["amount"], heard["held_minutes"]) == ("agreed", 425_000, 20)
    line = {"variant_id": str(shop.variants[0].id), "quantity": 2}
    cart = (await api.post(f"{shop.bot_url}/cart/lines", json=line, headers=SERVICE)).json()
    shown = cart["lines"][0]
    prices = (shown["unit_price"]["amount"], shown["regular_price"]["amount"], cart["total"]["amount"])
    assert prices == (425_000, 450_000, 850_000)
    assert shown["agreed_until"] == heard["held_until"]


async def test_what_is_over_can_not_be_accepted(api: httpx.AsyncClient, shop: Shop) -> None:
    heard = await bargain(api, shop, "m1:haggle:0")
    there = f"{shop.bot_url}/bargains/{heard['bargain_id']}"
    await api.post(f"{there}/refuse", json={}, headers=SERVICE)
    answer = await api.post(f"{there}/accept", json={}, headers=SERVICE)
    assert (answer.status_code, answer.json()["code"]) == (409, "bargain_over")


async def test_an_owner_lays_terms_down_reads_and_forgets_them(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    owner = bearer(await make_member(shop.tenant))
    url = f"{shop.url}/bargaining/terms"
    product_id = str(shop.variants[0].product_id)
    made = await api.put(url, json={"product_id": product_id, "floor_price": 400_000}, headers=owner)
    assert (made.status_code, made.json()["floor_price"]) == (200, 400_000)
    assert (await api.get(url, headers=owner)).json()["total"] == 2
    gone = await api.delete(f"{url}/{made.json()['id']}", headers=owner)
    assert (gone.status_code, (await api.get(url, headers=owner)).json()["total"]) == (204, 1)


@pytest.mark.parametrize(
    ("role", "reading", "writing"),
    [(Role.AGENT, 200, 403), (Role.VIEWER, 403, 403), (Role.TRAINER, 403, 403)],
)
async def test_floors_are_shown_to_who_keeps_prices_and_set_by_who_keeps_the_shop(
    api: httpx.AsyncClient,
    shop: Shop,
    make_member: MakeMember,
    bearer: Bearer,
    *,
    role: Role,
    reading: int,
    writing: int,
) -> None:
    who = bearer(await make_member(shop.tenant, role))
    url = f"{shop.url}/bargaining/terms"
    answers = await api.get(url, headers=who), await api.put(url, json={}, headers=who)
    assert tuple(answer.status_code for answer in answers) == (reading, writing)


async def test_results_count_what_became_of_bargains(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    await bargain(api, shop, "m1:haggle:0", amount=425_000)
    owner = bearer(await make_member(shop.tenant))
    results = (await api.get(f"{shop.url}/bargaining/results", headers=owner)).json()["items"]
    assert [(one["outcome"], one["count"], one["given_away"]["amount"]) for one in results] == [
        ("agreed", 1, 25_000)
    ]
    listed = (await api.get(f"{shop.url}/bargaining/bargains", headers=owner)).json()
    assert [one["agreed_price"] for one in listed["items"]] == [425_000]
