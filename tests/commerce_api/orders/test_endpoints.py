"""Orders and delivery zones as people reach them."""

from typing import Any

import httpx

from commerce_api.orders.placing import Delivery
from commerce_api.orders.states import DeliveryMethod
from commerce_api.tenants.models import Role
from tests.commerce_api.orders.shops import MakeShop, Shop
from tests.conftest import Bearer, MakeMember

MONEY = {"currency": "NGN"}


async def test_a_member_reads_an_order_whole(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    viewer = bearer(await make_member(shop.tenant, Role.VIEWER))
    order = await shop.place([2], delivery=Delivery(DeliveryMethod.DELIVERY, shop.zone_id, "12 Way"))
    found = await api.get(f"{shop.url}/orders/{order.number.lower()}", headers=viewer)
    assert found.status_code == 200
    body = found.json()
    assert body["number"] == order.number
    assert body["total"] == {"amount": 3500, **MONEY}
    assert (body["zone"], body["eta"], body["address"]) == ("Yaba", "same day", "12 Way")
    (line,) = body["lines"]
    assert line["product"] == {"id": str(shop.variants[0].product_id), "name": "Palm oil", "sku": "P-1"}
    assert (line["variant"], line["quantity"], line["unit_price"]) == ("1 L", 2, {"amount": 1500, **MONEY})
    assert body["allowed_moves"] == ["confirmed", "cancelled"]
    assert [move["to_state"] for move in body["moves"]] == ["placed"]


async def test_a_list_is_narrowed_sorted_and_counted(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    headers = bearer(await make_member(shop.tenant))
    cheap, dear = await shop.place([1]), await shop.place([0, 1])
    await api.post(f"{shop.url}/orders/{cheap.number}/cancel", json={"reason": "x"}, headers=headers)

    async def numbers(**query: Any) -> list[str]:
        found = await api.get(f"{shop.url}/orders", params=query, headers=headers)
        assert found.status_code == 200, found.text
        assert found.json()["total"] >= len(found.json()["items"])
        return [item["number"] for item in found.json()["items"]]

    assert await numbers(sort="-total") == [dear.number, cheap.number]
    assert await numbers(state="cancelled") == [cheap.number]
    assert set(await numbers(state=["cancelled", "placed"])) == {cheap.number, dear.number}
    assert await numbers(q=dear.number[:5].lower()) == [dear.number]
    assert await numbers(q="%") == []
    assert await numbers(contact_id=str(shop.zone_id)) == []
    assert len(await numbers(contact_id=str(shop.contact_id), is_paid=False, limit=1)) == 1
    wrong = await api.get(f"{shop.url}/orders", params={"sort": "price"}, headers=headers)
    assert wrong.json()["code"] == "sort_unknown"


async def test_moving_needs_the_right_and_a_legal_move(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    order = await shop.place()
    url = f"{shop.url}/orders/{order.number}/moves"
    viewer = bearer(await make_member(shop.tenant, Role.VIEWER))
    agent = bearer(await make_member(shop.tenant, Role.AGENT))
    assert (await api.post(url, json={"to": "confirmed"}, headers=viewer)).status_code == 403
    moved = await api.post(url, json={"to": "confirmed"}, headers=agent)
    assert (moved.status_code, moved.json()["state"]) == (200, "confirmed")
    illegal = await api.post(url, json={"to": "returned"}, headers=agent)
    assert (illegal.status_code, illegal.json()["code"]) == (409, "order_move_illegal")
    assert illegal.json()["allowed"] == ["packed", "cancelled"]
    assert (await api.post(url, json={"to": "lost"}, headers=agent)).status_code == 422


async def test_another_shops_order_is_not_there(
    api: httpx.AsyncClient, shop: Shop, make_shop: MakeShop, make_member: MakeMember, bearer: Bearer
) -> None:
    order = await (await make_shop()).place()
    headers = bearer(await make_member(shop.tenant))
    for number in (order.number, "SH-22222", "nonsense"):
        found = await api.get(f"{shop.url}/orders/{number}", headers=headers)
        assert (found.status_code, found.json()["code"]) == (404, "not_found")
    cancelled = await api.post(f"{shop.url}/orders/{order.number}/cancel", json={}, headers=headers)
    assert (cancelled.status_code, cancelled.json()["code"]) == (404, "not_found")


async def test_delivery_zones_are_made_changed_and_forgotten(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    owner = bearer(await make_member(shop.tenant))
    url = f"{shop.url}/delivery-zones"
    made = await api.post(url, json={"name": "Ikeja", "fee": 900, "aliases": ["GRA"]}, headers=owner)
    assert (made.status_code, made.json()["fee"]) == (201, {"amount": 900, **MONEY})
    zone_url = f"{url}/{made.json()['id']}"
    taken = await api.post(url, json={"name": "Ikeja", "fee": 1}, headers=owner)
    assert (taken.status_code, taken.json()["code"]) == (409, "zone_name_taken")
    clash = await api.put(zone_url, json={"name": "Yaba", "fee": 1}, headers=owner)
    assert clash.json()["code"] == "zone_name_taken"
    changed = await api.put(zone_url, json={"name": "Ikeja", "fee": 950, "is_active": False}, headers=owner)
    assert changed.json()["fee"]["amount"] == 950
    assert (await api.get(zone_url, headers=owner)).json()["is_active"] is False
    listed = (await api.get(url, params={"sort": "name"}, headers=owner)).json()
    assert ([zone["name"] for zone in listed["items"]], listed["total"]) == (["Ikeja", "Yaba"], 2)
    assert (await api.delete(zone_url, headers=owner)).status_code == 204
    assert (await api.get(zone_url, headers=owner)).status_code == 404
    for fee in (-1, 10**30, 1.5):
        refused = await api.post(url, json={"name": "Far", "fee": fee}, headers=owner)
        assert refused.status_code == 422


async def test_a_zone_that_is_forgotten_stays_on_its_orders(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    owner = bearer(await make_member(shop.tenant))
    order = await shop.place(delivery=Delivery(DeliveryMethod.DELIVERY, shop.zone_id, "12 Way"))
    assert (await api.delete(f"{shop.url}/delivery-zones/{shop.zone_id}", headers=owner)).status_code == 204
    kept = await shop.order(order.number)
    assert (kept.zone_id, kept.zone_name, kept.delivery_fee) == (None, "Yaba", 500)


async def test_an_agent_may_not_set_fees(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    agent = bearer(await make_member(shop.tenant, Role.AGENT))
    refused = await api.post(f"{shop.url}/delivery-zones", json={"name": "Free", "fee": 0}, headers=agent)
    assert refused.status_code == 403
