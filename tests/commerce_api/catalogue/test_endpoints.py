"""The catalogue over HTTP, for members and in public."""

import io
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from commerce_api.tenants.models import Role
from tests.conftest import Bearer, MakeMember, Member

KETTLE: dict[str, Any] = {
    "sku": "KT-1",
    "name": "Kettle",
    "unit": "piece",
    "variants": [
        {"sku": "KT-1-S", "name": "Small", "attributes": {"size": "S"}, "regular_price": 150_000, "stock": 3},
        {"sku": "KT-1-L", "name": "Large", "regular_price": 250_000, "sale_price": 200_000, "stock": 50},
    ],
}


class Desk:
    """A member at work in their shop."""

    def __init__(self, api: httpx.AsyncClient, member: Member, headers: dict[str, str]) -> None:
        self.api, self.member, self.headers = api, member, headers
        self.url = f"/api/v1/tenants/{member.tenant.id}"

    async def ask(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """The answer's JSON, having checked its status."""
        answer = await self.api.request(method, self.url + path, headers=self.headers, **options)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
async def desk(api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer) -> Desk:
    member = await make_member()
    return Desk(api, member, bearer(member))


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (50, 50), "green").save(out, "JPEG")
    return out.getvalue()


async def test_a_product_is_made_read_changed_and_archived(desk: Desk) -> None:
    made = await desk.ask("POST", "/products", 201, json=KETTLE)
    path = f"/products/{made['id']}"
    assert await desk.ask("GET", path) == made
    assert [v["price"]["amount"] for v in made["variants"]] == [150_000, 200_000]
    assert made["variants"][1]["regular_price"] == {"amount": 250_000, "currency": "NGN"}
    changed = await desk.ask("PATCH", path, json={"name": "Tea kettle", "unit": None})
    assert (changed["name"], changed["unit"], changed["sku"]) == ("Tea kettle", None, "KT-1")
    archived = await desk.ask("POST", f"{path}/archive")
    assert archived["is_active"] is False
    assert (await desk.ask("GET", "/products?is_active=true"))["total"] == 0
    assert (await desk.ask("GET", "/products"))["total"] == 1


async def test_variants_are_added_changed_and_counted(desk: Desk) -> None:
    made = await desk.ask("POST", "/products", 201, json=KETTLE)
    body = {"sku": "KT-1-M", "name": "Medium", "regular_price": 200_000, "position": 9}
    three = await desk.ask("POST", f"/products/{made['id']}/variants", 201, json=body)
    assert [variant["name"] for variant in three["variants"]] == ["Small", "Large", "Medium"]
    medium = f"/variants/{three['variants'][2]['id']}"
    assert (await desk.ask("PATCH", medium, json={"name": None}, status=409))[
        "code"
    ] == "variant_name_missing"
    assert (await desk.ask("PATCH", medium, json={"name": "SMALL"}, status=409))[
        "code"
    ] == "variant_name_missing"
    assert (await desk.ask("PATCH", medium, json={"sku": "KT-1-S"}, status=409))["code"] == "sku_taken"
    assert (await desk.ask("PATCH", medium, json={"sale_price": 200_000}, status=409))[
        "code"
    ] == "price_invalid"
    counted = await desk.ask("POST", f"{medium}/stock", json={"to": 4})
    assert counted["variants"][2]["stock"] == 4
    assert (await desk.ask("POST", f"{medium}/stock", json={"by": -5}, status=409))["available"] == 4
    assert (await desk.ask("POST", f"{medium}/stock", json={"by": 1, "to": 2}, status=422))[
        "code"
    ] == "malformed_request"
    withdrawn = await desk.ask("PATCH", medium, json={"is_active": False})
    assert [variant["is_active"] for variant in withdrawn["variants"]] == [True, True, False]


async def test_a_list_is_filtered_searched_and_sorted(desk: Desk) -> None:
    food = await desk.ask("POST", "/categories", 201, json={"name": "Food"})
    oils = await desk.ask("POST", "/categories", 201, json={"name": "Oils", "parent_id": food["id"]})
    await desk.ask("POST", "/products", 201, json=KETTLE)
    oil = {
        "sku": "OIL",
        "name": "Palm oil",
        "category_id": oils["id"],
        "variants": [{"sku": "O", "regular_price": 1, "stock": 99}],
    }
    await desk.ask("POST", "/products", 201, json=oil)

    async def names(query: str) -> list[str]:
        return [item["name"] for item in (await desk.ask("GET", f"/products?{query}"))["items"]]

    assert await names("sort=-name") == ["Palm oil", "Kettle"]
    assert await names("sort=sku&limit=1&skip=1") == ["Palm oil"]
    assert await names(f"category_id={food['id']}") == ["Palm oil"]
    assert await names("low_stock=true") == ["Kettle"]
    assert await names("low_stock=false") == ["Palm oil"]
    assert await names("q=plam+oyl") == ["Palm oil"]
    assert await names("q=ketle&is_active=false") == []
    await desk.ask("GET", "/products?sort=colour", 400)
    await desk.ask("GET", f"/products?category_id={uuid4()}", 404)


async def test_categories_make_a_tree_that_never_bites_its_tail(desk: Desk) -> None:
    made: list[dict[str, Any]] = []
    for depth in range(6):
        body = {"name": f"Level {depth}", "parent_id": made[-1]["id"] if made else None}
        made.append(await desk.ask("POST", "/categories", 201, json=body))
    assert made[2]["path"] == "Level 0 > Level 1 > Level 2"
    top, last = f"/categories/{made[0]['id']}", made[-1]["id"]
    for parent in (made[0]["id"], made[3]["id"]):
        assert (await desk.ask("PATCH", top, json={"parent_id": parent}, status=409))[
            "code"
        ] == "category_cycle"
    deeper = {"name": "Deeper", "parent_id": last}
    assert (await desk.ask("POST", "/categories", json=deeper, status=409))["code"] == "category_cycle"
    assert (await desk.ask("POST", "/categories", json={"name": "LEVEL 0"}, status=409))[
        "code"
    ] == "category_name_taken"
    orphan = {"name": "Orphan", "parent_id": str(uuid4())}
    assert (await desk.ask("POST", "/categories", json=orphan, status=409))["code"] == "category_unknown"
    assert (await desk.ask("DELETE", top, 409))["code"] == "category_in_use"
    moved = await desk.ask("PATCH", f"/categories/{last}", json={"parent_id": None, "name": "Free"})
    assert (moved["path"], moved["slug"]) == ("Free", "level-5")
    await desk.ask("DELETE", f"/categories/{last}", 204)
    assert [item["name"] for item in (await desk.ask("GET", "/categories"))["items"]] == [
        f"Level {n}" for n in range(5)
    ]


async def test_a_category_with_products_stays(desk: Desk) -> None:
    home = await desk.ask("POST", "/categories", 201, json={"name": "Home"})
    await desk.ask("POST", "/products", 201, json={**KETTLE, "category_id": home["id"]})
    assert (await desk.ask("DELETE", f"/categories/{home['id']}", 409))["code"] == "category_in_use"
    assert (await desk.ask("GET", f"/categories/{home['id']}"))["product_count"] == 1


async def test_a_photo_is_served_in_public_until_it_is_deleted(desk: Desk, api: httpx.AsyncClient) -> None:
    made = await desk.ask("POST", "/products", 201, json=KETTLE)
    files = {"file": ("kettle.jpg", jpeg(), "image/jpeg")}
    photo = await desk.ask("POST", f"/products/{made['id']}/photos", 201, files=files)
    assert (await desk.ask("GET", f"/products/{made['id']}"))["photo_url"] == photo["url"]
    path = httpx.URL(photo["url"]).path
    served = await api.get(path)
    assert (served.status_code, served.headers["content-type"]) == (200, "image/jpeg")
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in served.headers["cache-control"]
    with Image.open(io.BytesIO(served.content)) as image:
        assert image.size == (50, 50)
    bad = {"file": ("kettle.svg", b"<svg/>", "image/svg+xml")}
    assert (await desk.ask("POST", f"/products/{made['id']}/photos", 415, files=bad))[
        "code"
    ] == "photo_unreadable"
    await desk.ask("DELETE", f"/products/{made['id']}/photos/{photo['id']}", 204)
    assert (await api.get(path)).status_code == 404
    assert (await api.get("/media/nothing.jpg")).status_code == 404


async def test_upsells_are_paired_weighed_and_unpaired(desk: Desk) -> None:
    kettle = (await desk.ask("POST", "/products", 201, json=KETTLE))["id"]
    cup, tea = [
        (
            await desk.ask(
                "POST",
                "/products",
                201,
                json={"sku": n, "name": n, "variants": [{"sku": n, "regular_price": 1}]},
            )
        )["id"]
        for n in ("Cup", "Tea")
    ]
    path = f"/products/{kettle}/upsells"
    for offered, weight in ((cup, 1), (tea, 1), (tea, 5)):
        await desk.ask("POST", path, 204, json={"offered_id": offered, "weight": weight})
    assert [(item["name"], item["weight"]) for item in (await desk.ask("GET", path))["items"]] == [
        ("Tea", 5),
        ("Cup", 1),
    ]
    assert (await desk.ask("POST", path, 409, json={"offered_id": kettle}))["code"] == "upsell_invalid"
    await desk.ask("DELETE", f"{path}/{tea}", 204)
    await desk.ask("DELETE", f"{path}/{tea}", 404)


async def test_csv_goes_in_and_out_and_bad_rows_are_named(desk: Desk) -> None:
    def upload(written: str) -> dict[str, Any]:
        return {"file": ("products.csv", written.encode(), "text/csv")}

    head = "product_sku,name,price,stock\n"
    done = await desk.ask("POST", "/products/import", files=upload(head + "P1,=cmd(),1500,2\nP2,Pot,20,1\n"))
    assert done == {"imported": 2, "updated": 0, "errors": []}
    refused = await desk.ask(
        "POST", "/products/import", 422, files=upload(head + "P1,Kettle,dear,2\nP3,Pan,1,x\n")
    )
    assert refused["code"] == "csv_invalid"
    assert [(e["row"], e["column"]) for e in refused["errors"]] == [(2, "price"), (3, "stock")]
    answer = await desk.api.get(f"{desk.url}/products/export", headers=desk.headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "'=cmd()" in answer.content.decode("utf-8-sig")
    again = await desk.ask("POST", "/products/import", files={"file": ("p.csv", answer.content, "text/csv")})
    assert (again["imported"], again["updated"]) == (0, 2)


async def test_a_viewer_looks_and_a_stranger_does_not(
    desk: Desk, api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer
) -> None:
    made = await desk.ask("POST", "/products", 201, json=KETTLE)
    viewer = await make_member(tenant=desk.member.tenant, role=Role.VIEWER)
    reading = Desk(api, viewer, bearer(viewer))
    await reading.ask("GET", f"/products/{made['id']}")
    assert (await reading.ask("POST", f"/products/{made['id']}/archive", 403))["code"] == "forbidden"
    assert (await reading.ask("POST", "/products", 403, json=KETTLE))["code"] == "forbidden"
    other = await make_member()
    elsewhere = Desk(api, other, bearer(other))
    for path in (f"/products/{made['id']}", f"/products/{uuid4()}"):
        assert (await elsewhere.ask("GET", path, 404))["code"] == "not_found"
    variant = made["variants"][0]["id"]
    await elsewhere.ask("PATCH", f"/variants/{variant}", 404, json={"name": "Mine"})
    await elsewhere.ask("POST", f"/variants/{variant}/stock", 404, json={"to": 0})


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"sku": "two  spaces"},
        {"variants": []},
        {"variants": [{"sku": "x", "regular_price": -1}]},
        {"variants": [{"sku": "x", "regular_price": 10**12}]},
        {"variants": [{"sku": "x", "regular_price": 1, "stock": 10**9}]},
        {"variants": [{"sku": "x", "regular_price": 1, "sale_from": "2026-01-01T00:00:00"}]},
        {"variants": [{"sku": "x", "regular_price": 1, "attributes": {"a=b": "c"}}]},
        {"colour": "red"},
    ],
)
async def test_a_malformed_product_is_refused(desk: Desk, change: dict[str, Any]) -> None:
    assert (await desk.ask("POST", "/products", 422, json={**KETTLE, **change}))[
        "code"
    ] == "malformed_request"


async def test_two_products_cannot_have_one_sku(desk: Desk) -> None:
    await desk.ask("POST", "/products", 201, json=KETTLE)
    refused = await desk.ask("POST", "/products", 409, json={**KETTLE, "name": "Another"})
    assert (refused["code"], refused["sku"]) == ("sku_taken", "KT-1")
