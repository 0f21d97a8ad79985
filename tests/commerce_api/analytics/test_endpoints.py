"""What happened in a shop's conversations can be read back: as events, as figures, as a sheet."""

import csv
import io
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from commerce_api.bargaining.models import Bargain, BargainState
from commerce_api.carts.models import Cart, CartLine, UpsellOffer
from commerce_api.conversations.models import Author, Conversation
from commerce_api.conversations.service import StepKind
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.orders.states import OrderState
from tests.commerce_api.analytics.past import Past, furnish_long_ago
from tests.commerce_api.stalls import Stall
from tests.conftest import SERVICE, Bearer

# The stall stands in Lagos, an hour ahead of UTC: 23:30 is the next day there.
EVENING = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)
NIGHT = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
WHOLE = {"since": "2026-03-01T00:00:00+01:00", "until": "2026-03-08T00:00:00+01:00"}

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def stall(database: Database, app: FastAPI) -> Stall:
    """A shop with one of everything, all of it long ago."""
    return await furnish_long_ago(database, app.state.vault)


@pytest.fixture
def ask(api: httpx.AsyncClient, bearer: Bearer, stall: Stall) -> Ask:
    """A GET of the owner's; the JSON it answers."""

    async def send(path: str, *, status: int = 200, **params: str) -> Any:
        url = f"/api/v1/tenants/{stall.owner.tenant.id}/{path}"
        answer = await api.get(url, headers=bearer(stall.owner), params=params)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


@pytest.fixture
def past(database: Database, stall: Stall) -> Past:
    return Past(database, stall)


async def test_events_of_every_kind_come_newest_first_and_can_be_chosen(past: Past, ask: Ask) -> None:
    await past.says(Author.SHOPPER, EVENING)
    answer = await past.says(Author.ASSISTANT, EVENING + timedelta(seconds=1))
    await past.read(answer, EVENING + timedelta(seconds=5))
    await past.steps((StepKind.HANDED_OFF, EVENING + timedelta(seconds=7)), reason="asked")
    await past.order(EVENING + timedelta(minutes=1), is_paid=True)
    listed = await ask("conversation-events", **WHOLE)
    assert [one["kind"] for one in listed["items"]][-4:] == [
        "handed_off",
        "message_read",
        "message_sent",
        "message_received",
    ]
    assert {one["kind"] for one in listed["items"][:3]} == {"order_placed", "payment_started", "payment_paid"}
    assert listed["total"] == 7
    assert all(one["conversation_id"] == str(past.talk) for one in listed["items"])
    handed = (await ask("conversation-events", kind="handed_off", **WHOLE))["items"]
    assert [one["facts"] for one in handed] == [{"reason": "asked"}]
    assert (await ask("conversation-events", conversation_id=str(uuid4()), **WHOLE))["total"] == 0
    assert (await ask("conversation-events", sort="at", limit="1", **WHOLE))["items"][0]["kind"] == (
        "message_received"
    )


async def test_figures_stand_on_the_shops_own_days(past: Past, ask: Ask) -> None:
    await past.says(Author.SHOPPER, EVENING)
    await past.says(Author.ASSISTANT, EVENING)
    await past.says(Author.SHOPPER, NIGHT)
    await past.order(NIGHT, is_paid=False)
    days = {one["day"]: one for one in (await ask("conversation-analytics", **WHOLE))["days"]}
    assert list(days) == [f"2026-03-0{day}" for day in range(1, 8)]
    assert (days["2026-03-04"]["inbound"], days["2026-03-04"]["outbound"]) == (1, 1)
    assert (days["2026-03-05"]["inbound"], days["2026-03-05"]["orders"]) == (1, 1)
    assert days["2026-03-05"]["sales"]["currency"] == "NGN"
    assert days["2026-03-05"]["sales"]["amount"] > 0


async def test_a_cancelled_order_is_no_sale(past: Past, ask: Ask) -> None:
    await past.order(EVENING, is_paid=False, state=OrderState.CANCELLED)
    read = await ask("conversation-analytics", **WHOLE)
    assert sum(day["sales"]["amount"] for day in read["days"]) == 0


async def test_a_person_who_was_asked_for_is_timed_to_their_first_word_and_to_the_end(
    past: Past, ask: Ask
) -> None:
    await past.says(Author.SHOPPER, EVENING)
    await past.steps((StepKind.HANDED_OFF, EVENING), reason="complaint")
    await past.says(Author.SELLER, EVENING + timedelta(seconds=90))
    await past.says(Author.SELLER, EVENING + timedelta(seconds=200))
    await past.steps((StepKind.HANDED_BACK, EVENING + timedelta(minutes=10)))
    read = await ask("conversation-analytics", **WHOLE)
    assert read["first_response"] == {"count": 1, "median": 90.0, "p90": 90.0}
    assert read["resolution"] == {"count": 1, "median": 600.0, "p90": 600.0}
    assert read["containment"] == {"conversations": 1, "without_person": 0}
    assert read["handoff_reasons"] == [{"reason": "complaint", "count": 1}]


async def test_who_never_got_an_answer_makes_no_response_time(past: Past, ask: Ask) -> None:
    await past.says(Author.SHOPPER, EVENING)
    await past.steps((StepKind.HANDED_OFF, EVENING))
    read = await ask("conversation-analytics", **WHOLE)
    assert read["first_response"] == {"count": 0, "median": None, "p90": None}


async def test_the_funnel_goes_from_words_to_money(
    past: Past, ask: Ask, database: Database, stall: Stall
) -> None:
    await past.says(Author.SHOPPER, EVENING)
    await past.order(EVENING, is_paid=True)
    async with database.transaction() as session:
        await enter(session, stall.owner.tenant.id)
        assert (await session.scalars(select(CartLine))).first() is not None
        await session.execute(update(Cart).values(created_at=EVENING))
        await session.execute(update(UpsellOffer).values(created_at=EVENING, state="accepted"))
    read = await ask("conversation-analytics", **WHOLE)
    assert read["funnel"] == {"conversations": 1, "carts": 1, "orders": 1, "paid": 1}
    assert read["upsell"] == {"offered": 1, "accepted": 1, "declined": 0}


async def test_a_sheet_of_events_holds_no_formula(
    past: Past, api: httpx.AsyncClient, bearer: Bearer, stall: Stall
) -> None:
    await past.steps((StepKind.HANDED_OFF, EVENING), reason='=HYPERLINK("http://x")')
    url = f"/api/v1/tenants/{stall.owner.tenant.id}/conversation-events/export"
    answer = await api.get(url, headers=bearer(stall.owner), params=WHOLE)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["at", "kind", "conversation_id", "user_id", "facts"]
    assert rows[1][1] == "handed_off"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "2026-03-02T00:00:00Z", "until": "2026-03-01T00:00:00Z"},
        {"since": "2020-03-02T00:00:00Z", "until": "2026-03-01T00:00:00Z"},
        {"since": "2026-03-02T00:00:00"},
    ],
)
async def test_a_period_that_cant_be_is_refused(ask: Ask, wrong: dict[str, str]) -> None:
    for path in ("conversation-events", "conversation-analytics", "conversation-events/export"):
        await ask(path, status=422, **wrong)


async def test_what_a_shopper_does_by_the_bot_side_is_an_event(
    stall: Stall, api: httpx.AsyncClient, ask: Ask
) -> None:
    shop = f"/api/v1/bot/conversations/{stall.ids['conversation_id']}"
    product = await api.get(f"{shop}/products/{stall.ids['product_id']}", headers=SERVICE)
    assert product.status_code == 200
    cleared = await api.post(f"{shop}/cart/clear", headers=SERVICE)
    assert cleared.status_code == 200
    kinds = [one["kind"] for one in (await ask("conversation-events", sort="at"))["items"]]
    assert kinds[-2:] == ["product_clicked", "cart_cleared"]


async def test_what_was_not_understood_is_counted_by_what_it_was_taken_for(
    stall: Stall, api: httpx.AsyncClient, ask: Ask
) -> None:
    shop = f"/api/v1/bot/conversations/{stall.ids['conversation_id']}"
    for guess in ("search_product", "ask_delivery", "search_product"):
        facts = {"message_id": stall.ids["message_id"], "guess": guess, "confidence": 0.314}
        key = {"Idempotency-Key": f"{guess}-{uuid4()}"}
        answer = await api.post(f"{shop}/not-understood", headers={**SERVICE, **key}, json=facts)
        assert answer.status_code == 201, answer.text
    read = (await ask("conversation-analytics"))["not_understood"]
    assert [(one["guess"], one["count"]) for one in read] == [("search_product", 2), ("ask_delivery", 1)]
    assert {one["last_conversation_id"] for one in read} == {stall.ids["conversation_id"]}
    (last, *_) = (await ask("conversation-events", kind="not_understood"))["items"]
    assert last["facts"] == {
        "message_id": stall.ids["message_id"],
        "guess": "search_product",
        "confidence": 0.31,
    }


async def test_bargains_are_counted_to_the_sale(database: Database, stall: Stall, ask: Ask) -> None:
    async with database.transaction() as session:
        await enter(session, stall.owner.tenant.id)
        talk = await session.get_one(
            Conversation, (stall.owner.tenant.id, UUID(stall.ids["conversation_id"]))
        )
        for state, agreed in (
            (BargainState.USED, 900),
            (BargainState.LAPSED, 800),
            (BargainState.REFUSED, None),
        ):
            session.add(
                Bargain(
                    contact_id=talk.contact_id,
                    conversation_id=talk.id,
                    product_id=UUID(stall.ids["product_id"]),
                    variant_id=UUID(stall.ids["variant_id"]),
                    state=state,
                    regular_price=1000,
                    asked_price=1000,
                    agreed_price=agreed,
                    created_at=EVENING,
                    updated_at=EVENING,
                )
            )
    read = await ask("conversation-analytics", **WHOLE)
    assert read["bargains"] == {"begun": 3, "agreed": 2, "bought": 1, "percent_off": 15.0}
