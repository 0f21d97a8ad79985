"""Orders at the desk: found, read, moved by who may, and only where they may go."""

from pathlib import Path

import pytest
import yaml

from commerce_api.core.database import Database
from commerce_api.orders.states import OrderState
from commerce_api.tenants.models import Role
from console.orders import MOVES, NEWS, STATES, TOLD
from tests.commerce_api.orders.shops import Shop, open_shop
from tests.conftest import MakeMember, MakeTenant, Member
from tests.console.conftest import SMALL_PHONE, AtDesk, Served, Visit

DOMAIN = Path(__file__).resolve().parents[2] / "bot" / "domain.yml"


@pytest.fixture
async def shop(database: Database, make_tenant: MakeTenant) -> Shop:
    return await open_shop(database, await make_tenant())


@pytest.fixture
async def owner(shop: Shop, make_member: MakeMember) -> Member:
    return await make_member(shop.tenant, name="Ada Obi")


def at(shop: Shop, page: str) -> str:
    return f"/console/shops/{shop.tenant.slug}/{page}"


def english(domain: dict[str, list[dict[str, str]]], name: str) -> list[str]:
    return [one["text"] for one in domain[name] if "condition" not in one]


def test_every_move_has_a_button_and_the_words_the_assistant_says() -> None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    domain = yaml.load(DOMAIN.read_text(encoding="utf-8"), Loader=loader)["responses"]  # noqa: S506 -- safe
    assert NEWS in english(domain, "utter_order_moved")
    spoken = {name: english(domain, f"phrase_state_{name}") for name in TOLD}
    assert spoken == {name: [words] for name, words in TOLD.items()}
    assert set(MOVES) | {OrderState.CANCELLED, OrderState.PLACED} == set(OrderState) == set(STATES)


async def test_an_order_is_found_by_its_number_its_shoppers_name_and_their_phone(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    bisi = await shop.place([1], customer_name="Bisi Ade", phone="+2348031234567")
    tunde = await shop.place([1], customer_name="Tunde", phone="+2348055550000")
    desk = await at_desk(owner)
    for words in (bisi.number[:5].lower(), "bisi", "0803 123", "1234567"):
        page = await desk.get(at(shop, "orders"), params={"q": words})
        assert bisi.number in page.text, words
        assert tunde.number not in page.text, words
    assert "No order is like that" in (await desk.get(at(shop, "orders?q=%25"))).text


async def test_the_list_is_narrowed_by_state_and_to_what_is_unpaid(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    open_one, gone = await shop.place([1]), await shop.place([1])
    desk = await at_desk(owner)
    await desk.post(at(shop, f"orders/{gone.number}/cancel"), {"reason": "Out of oil"})
    unpaid = (await desk.get(at(shop, "orders?unpaid=yes"))).text
    assert open_one.number in unpaid
    assert gone.number not in unpaid
    cancelled = (await desk.get(at(shop, "orders?state=cancelled"))).text
    assert gone.number in cancelled
    assert open_one.number not in cancelled


async def test_only_legal_moves_have_a_button_each_with_what_the_shopper_reads(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    order = await shop.place([1])
    desk = await at_desk(owner)
    assert await offered(desk, shop, order.number) == ["confirmed"]
    await desk.post(at(shop, f"orders/{order.number}/moves"), {"to": "confirmed"})
    page = (await desk.get(at(shop, f"orders/{order.number}"))).text
    assert await offered(desk, shop, order.number) == ["packed"]
    assert f"News about your order {order.number}: packed and ready for you to pick up." in page
    assert "Ada Obi" in page
    assert (await shop.events())[-1]["state"] == "confirmed"


async def offered(desk: Visit, shop: Shop, number: str) -> list[str]:
    page = (await desk.get(at(shop, f"orders/{number}"))).text
    return [state for state in OrderState if f'name="to" value="{state}"' in page]


async def test_an_illegal_move_changes_nothing(shop: Shop, owner: Member, at_desk: AtDesk) -> None:
    order = await shop.place([1])
    desk = await at_desk(owner)
    answer = await desk.post(at(shop, f"orders/{order.number}/moves"), {"to": "delivered"})
    assert answer.status_code == 409
    assert (await shop.order(order.number)).state is OrderState.PLACED


async def test_cash_received_pays_the_order_once(shop: Shop, owner: Member, at_desk: AtDesk) -> None:
    order = await shop.place([2])
    desk = await at_desk(owner)
    address = at(shop, f"orders/{order.number}/payments")
    assert (await desk.post(address)).status_code == 303
    assert (await desk.post(address)).status_code == 409
    page = (await desk.get(at(shop, f"orders/{order.number}"))).text
    assert "Cash received" not in page
    assert (await shop.order(order.number)).is_paid


async def test_cancelling_takes_a_reason_and_gives_the_stock_back(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    order = await shop.place([3])
    desk = await at_desk(owner)
    assert (await desk.post(at(shop, f"orders/{order.number}/cancel"), {})).status_code == 422
    await desk.post(at(shop, f"orders/{order.number}/cancel"), {"reason": "<b>No rider</b>"})
    assert await shop.available() == [10, 10]
    assert "&lt;b&gt;No rider&lt;/b&gt;" in (await desk.get(at(shop, f"orders/{order.number}"))).text


async def test_who_may_only_look_sees_no_buttons(
    shop: Shop, make_member: MakeMember, at_desk: AtDesk
) -> None:
    order = await shop.place([1])
    desk = await at_desk(await make_member(shop.tenant, role=Role.VIEWER))
    page = (await desk.get(at(shop, f"orders/{order.number}"))).text
    assert "<form" not in page
    assert "may look at orders" in page


async def test_on_a_small_phone_orders_do_not_run_out_of_the_page(
    shop: Shop, owner: Member, served: Served
) -> None:
    order = await shop.place([2, 1], customer_name="Oluwabamidele Adekunle-Olorunfemi-Adebayo")
    for path in ("orders", f"orders/{order.number}"):
        page = await served.open(owner, path, viewport=SMALL_PHONE)
        wide = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, path
        await page.context.close()
    page = await served.open(owner, f"orders/{order.number}", viewport=SMALL_PHONE)
    await page.get_by_role("button", name="Confirm").click()
    await page.get_by_text("Saved.").wait_for()
    assert (await shop.order(order.number)).state is OrderState.CONFIRMED
    await page.context.close()
