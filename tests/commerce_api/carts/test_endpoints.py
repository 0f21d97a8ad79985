"""Carts over HTTP: through the bot side's own client, and as members see them."""

from uuid import uuid4

import httpx
import pytest

from commerce_api.catalogue import products
from commerce_api.catalogue.schemas import UpsellPut
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_client.client import CommerceClient
from commerce_client.errors import ApiRefused
from commerce_client.models import Money
from commerce_client.shop import Shop
from tests.commerce_api.shelves import Shopper, meet_shopper, stock_product
from tests.conftest import SERVICE, Bearer, MakeMember


@pytest.fixture
async def variant_ids(database: Database, shopper: Shopper) -> list[str]:
    """A blue and a red ankara, ten of each at 1000, beside which thread is offered."""
    async with database.transaction() as session:
        await enter(session, shopper.tenant.id)
        ankara = await stock_product(session, "Ankara", variants=[{"name": "Blue"}, {"name": "Red"}])
        thread = await stock_product(session, "Thread", price=250)
        await products.pair_upsell(session, ankara.id, UpsellPut(offered_id=thread.id))
        return [str(variant.id) for variant in ankara.variants]


@pytest.fixture
def shop(client: CommerceClient, shopper: Shopper) -> Shop:
    """The shopper's shop, during one message."""
    return client.shop(str(shopper.conversation_id), uuid4().hex, "cart")


async def test_a_cart_is_filled_changed_and_cleared(shop: Shop, variant_ids: list[str]) -> None:
    assert (await shop.cart()).lines == ()
    await shop.add_line(variant_ids[0], 2)
    cart = await shop.add_line(variant_ids[1], 1)
    assert [(line.product_name, line.variant, line.quantity, line.total) for line in cart.lines] == [
        ("Ankara", "Blue", 2, Money(2000, "NGN")),
        ("Ankara", "Red", 1, Money(1000, "NGN")),
    ]
    assert cart.total == Money(3000, "NGN")
    assert (await shop.set_quantity(cart.lines[0].id, 3)).total == Money(4000, "NGN")
    assert [line.variant for line in (await shop.set_quantity(cart.lines[0].id, 0)).lines] == ["Red"]
    assert (await shop.clear_cart()).total == Money(0, "NGN")


async def test_a_repeated_turn_adds_once(
    client: CommerceClient, shopper: Shopper, variant_ids: list[str]
) -> None:
    for _ in range(2):
        shop = client.shop(str(shopper.conversation_id), "wamid.1", "add_to_cart")
        cart = await shop.add_line(variant_ids[0], 2)
    assert [line.quantity for line in cart.lines] == [2]


async def test_refusals_have_their_codes_and_facts(shop: Shop, variant_ids: list[str]) -> None:
    for variant_id, quantity, code in (
        (variant_ids[0], 11, "out_of_stock"),
        (variant_ids[0], 0, "quantity_invalid"),
        (variant_ids[0], 5000, "quantity_invalid"),
        (str(uuid4()), 1, "not_found"),
    ):
        with pytest.raises(ApiRefused) as caught:
            await shop.add_line(variant_id, quantity)
        assert caught.value.code == code
        assert caught.value.status == (404 if code == "not_found" else 409)
        if code == "out_of_stock":
            assert caught.value.facts["available"] == 10
    with pytest.raises(ApiRefused) as caught:
        await shop.set_quantity(str(uuid4()), 1)
    assert caught.value.code == "not_found"


async def test_an_upsell_is_offered_and_taken(shop: Shop, variant_ids: list[str]) -> None:
    assert await shop.offer_upsell() is None
    await shop.add_line(variant_ids[0], 1)
    offer = await shop.offer_upsell()
    assert offer is not None
    assert (offer.product.name, offer.variant.price, offer.beside) == ("Thread", Money(250, "NGN"), "Ankara")
    assert await shop.offer_upsell() is None
    cart = await shop.answer_upsell(offer.id, accepted=True)
    assert [line.product_name for line in cart.lines] == ["Ankara", "Thread"]


async def test_members_see_the_cart_and_strangers_do_not(
    shop: Shop,
    variant_ids: list[str],
    shopper: Shopper,
    api: httpx.AsyncClient,
    make_member: MakeMember,
    bearer: Bearer,
) -> None:
    await shop.add_line(variant_ids[0], 2)
    member, stranger = await make_member(tenant=shopper.tenant), await make_member()
    path = f"/api/v1/tenants/{shopper.tenant.id}/conversations/{shopper.conversation_id}/cart"
    cart = (await api.get(path, headers=bearer(member))).json()
    assert (cart["total"], cart["currency"]) == ({"amount": 2000, "currency": "NGN"}, "NGN")
    [line] = cart["lines"]
    assert (line["product"]["name"], line["variant"], line["quantity"]) == ("Ankara", "Blue", 2)
    assert (line["unit_price"], line["total"]) == (
        {"amount": 1000, "currency": "NGN"},
        {"amount": 2000, "currency": "NGN"},
    )
    assert (await api.get(path, headers=bearer(stranger))).status_code == 404
    theirs = path.replace(str(shopper.tenant.id), str(stranger.tenant.id))
    assert (await api.get(theirs, headers=bearer(stranger))).status_code == 404
    assert (await api.get(f"{shopper.shop}/cart")).status_code == 401


async def test_one_shopper_at_two_shops_has_two_carts(
    client: CommerceClient, shop: Shop, variant_ids: list[str], database: Database, make_member: MakeMember
) -> None:
    await shop.add_line(variant_ids[0], 1)
    other = await meet_shopper(database, (await make_member()).tenant)
    elsewhere = client.shop(str(other.conversation_id), uuid4().hex, "cart")
    assert (await elsewhere.cart()).lines == ()
    with pytest.raises(ApiRefused) as caught:
        await elsewhere.add_line(variant_ids[0], 1)
    assert caught.value.code == "not_found"


async def test_a_body_with_a_price_is_refused(
    api: httpx.AsyncClient, shopper: Shopper, variant_ids: list[str]
) -> None:
    body = {"variant_id": variant_ids[0], "quantity": 1, "price": 0}
    answer = await api.post(f"{shopper.shop}/cart/lines", json=body, headers=SERVICE)
    assert answer.status_code == 422
