"""Switching a seller's account to another road and back loses no conversation, message, receipt or STOP."""

import asyncio
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, text

from channels.messages import ReceiptStatus
from channels.registry import PROVIDERS
from commerce_api.conversations import accounts, outbox
from commerce_api.conversations.delivery import Delivery
from commerce_api.conversations.models import Contact, Conversation, Message, MessagePart
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.secrets import vault
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Role
from tests.commerce_api.conversations.conftest import BotSide, MakeNumber, Number, Shop, message, receipt
from tests.commerce_api.conversations.delivery.conftest import (
    Line,
    LineWith,
    http,
    line,
    line_with,
    meet,
    moving,
    outbound,
    provider,
)
from tests.commerce_api.conversations.provider_stand_in import StandIn
from tests.conftest import Bearer, MakeMember

__all__ = ["http", "line", "line_with", "moving", "provider"]

TWILIO = "whatsapp_twilio"


@pytest.fixture
async def road(
    *,
    number: Number,
    database: Database,
    settings: Settings,
    provider: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> Number:
    """A second road of the number's tenant: WhatsApp through the platform's Twilio, by the same stand-in."""
    stand_in = PROVIDERS["whatsapp"]
    assert settings.channels[TWILIO].credentials
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        account = await accounts.connect(
            session,
            vault(settings),
            channel=TWILIO,
            address=f"+{uuid4().int % 10**12}",
            name="Fallback",
            display_number=None,
            credentials={},
            now=now(),
        )
    monkeypatch.setitem(PROVIDERS, TWILIO, stand_in)
    return Number(number.tenant, account)


class Desk:
    """The owner at the channel accounts' page."""

    def __init__(self, api: httpx.AsyncClient, headers: dict[str, str], number: Number) -> None:
        self._api, self._headers = api, headers
        self._url = f"/api/v1/tenants/{number.tenant.id}/channel-accounts"

    async def switch(self, number: Number, road: Number, status: int = 200) -> dict[str, Any]:
        """Switches ``number`` to ``road``."""
        body = {"road_id": str(road.account.id)}
        switched: dict[str, Any] = await self.ask("POST", f"/{number.account.id}/switch", body, status)
        return switched

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """One request; its JSON."""
        answer = await self._api.request(method, self._url + path, headers=self._headers, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
async def desk(api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer, number: Number) -> Desk:
    return Desk(api, bearer(await make_member(number.tenant, Role.OWNER)), number)


async def test_an_account_that_is_refused_holds_its_messages_and_they_leave_by_the_new_road(
    *, line: Line, provider: StandIn, shop: Shop, number: Number, road: Number, desk: Desk
) -> None:
    provider.script, provider.codes = [401], {401: "190"}
    await line.say("one", "two")
    await line.drain()
    conversation = await shop.conversation()
    assert (conversation.handled_by, conversation.handoff_reason) == ("waiting", "undelivered: 190")
    read = await desk.ask("GET", f"/{number.account.id}")
    assert [(one["code"], one["times"]) for one in read["notices"]] == [("190", 1)]
    assert "access token" in read["notices"][0]["what_to_do"]
    switched = await desk.switch(number, road)
    assert (switched["road_id"], switched["notices"]) == (str(road.account.id), [])
    await line.drain()
    assert [(body["text"], body["account"]) for body in provider.received[1:]] == [
        ("one", road.address),
        ("two", road.address),
    ]
    assert [str(one.status) for one in await outbound(shop)] == ["sent", "sent"]
    assert (await shop.conversation()).id == conversation.id


async def test_what_comes_in_on_either_road_is_the_same_conversation(
    *, line: Line, bot: BotSide, shop: Shop, number: Number, road: Number, desk: Desk
) -> None:
    first = message(number, "before")
    await bot.deliver(first)
    await desk.switch(number, road)
    await bot.deliver(message(road, "by the new road"), channel=TWILIO)
    await bot.deliver(message(number, "by the old road"))
    answer = await bot.deliver(first)
    assert answer["duplicates"] == 1
    await bot.deliver(message(road, "a stranger", sender="2348035555555"), channel=TWILIO)
    assert len(await shop.rows(Contact)) == 2
    here = [one.text for one in await shop.messages() if one.conversation_id == line.conversation_id]
    assert here == ["before", "by the new road", "by the old road"]
    assert {one.channel_account_id for one in await shop.rows(Conversation)} == {number.account.id}


async def test_receipts_of_both_roads_still_apply_and_the_way_back_is_as_open(
    *, line: Line, bot: BotSide, provider: StandIn, shop: Shop, number: Number, road: Number, desk: Desk
) -> None:
    await line.say("old road")
    await line.drain()
    await desk.switch(number, road)
    await line.say("new road")
    await line.drain()
    old, new = (f"sent-{body['part']}" for body in provider.received)
    await bot.deliver(receipts=[receipt(number, old, ReceiptStatus.READ)])
    await bot.deliver(receipts=[receipt(road, new, ReceiptStatus.DELIVERED)], channel=TWILIO)
    assert [str(one.status) for one in await outbound(shop)] == ["read", "delivered"]
    assert (await desk.switch(number, number))["road_id"] is None
    await line.say("old road again")
    await line.drain()
    roads = [body["account"] for body in provider.received]
    assert roads == [number.address, road.address, number.address]


async def test_a_stop_holds_on_both_roads_wherever_it_was_said(
    *, line: Line, bot: BotSide, provider: StandIn, number: Number, road: Number, desk: Desk
) -> None:
    await desk.switch(number, road)
    await bot.deliver(message(road, "STOP"), channel=TWILIO)
    await desk.switch(number, number)
    await line.say("anyone?")
    await line.drain()
    assert [("no more messages" in text) for text in provider.texts] == [True]


async def test_a_shopper_of_the_road_itself_keeps_their_conversation(
    *, line_with: LineWith, bot: BotSide, shop: Shop, number: Number, road: Number, desk: Desk
) -> None:
    await bot.deliver(message(road, "here before", sender="2348036666666"), channel=TWILIO)
    await desk.switch(number, road)
    await bot.deliver(message(road, "and still", sender="2348036666666"), channel=TWILIO)
    assert {one.channel_account_id for one in await shop.rows(Conversation)} == {road.account.id}


async def test_new_credentials_send_what_was_held_at_once(
    *, line: Line, provider: StandIn, shop: Shop, number: Number, desk: Desk
) -> None:
    provider.script, provider.codes = [401], {401: "190"}
    await line.say("held")
    await line.drain()
    assert [str(one.status) for one in await outbound(shop)] == ["queued"]
    await desk.ask("PATCH", f"/{number.account.id}", {"credentials": {"access_token": "new"}})
    await line.drain()
    assert [str(one.status) for one in await outbound(shop)] == ["sent"]
    (over,) = await desk.ask("GET", f"/{number.account.id}/notices")
    assert over["closed_at"] is not None


async def test_an_account_is_changed_without_getting_in_the_way_of_a_send(
    *, line: Line, provider: StandIn, number: Number, desk: Desk, database: Database
) -> None:
    """Whoever sends holds the message before the account's bucket."""
    provider.script, provider.codes = [401], {401: "190"}
    await line.say("held")
    await line.drain()
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        await session.execute(select(Message.id).with_for_update())
        credentials = {"credentials": {"access_token": "new"}}
        change = asyncio.create_task(desk.ask("PATCH", f"/{number.account.id}", credentials))
        done, _ = await asyncio.wait({change}, timeout=0.5)
        assert not done
        bucket = text("select 1 from buckets where subject_id = :account for update nowait")
        await session.execute(bucket, {"account": number.account.id})
    await change


async def test_what_was_put_off_by_minutes_has_its_worker_at_once(
    *, line: Line, provider: StandIn, shop: Shop, number: Number, road: Number, desk: Desk
) -> None:
    provider.script, provider.codes = [401], {401: "190"}
    await line.say("held")
    await line.drain()
    (held,) = await outbound(shop)
    assert held.due_at is not None
    put_off = await line.next_job() or held.due_at
    assert put_off > now()
    await desk.switch(number, road)
    assert await line.next_job() is None


async def test_what_waits_for_the_next_dial_waits_on_when_its_account_is_changed(
    *, make_number: MakeNumber, number: Number, shop: Shop, desk: Desk, database: Database
) -> None:
    dialled = await make_number(number.tenant, channel="ussd_africastalking")
    talk_id = await meet(database, dialled)
    await Line(database, dialled, talk_id, cast("Delivery", None)).say("read me when you dial")
    await desk.ask("PATCH", f"/{dialled.account.id}", {"is_active": True})
    assert [(str(one.status), one.due_at) for one in await outbound(shop)] == [("queued", None)]
    async with database.transaction() as session:
        key = outbox.delivery_key(talk_id)
        jobs = text("select count(*) from procrastinate_jobs where lock = :key")
        assert (await session.execute(jobs, {"key": key})).scalar_one() == 0


async def test_only_accounts_that_know_shoppers_alike_stand_in_for_each_other(
    *, line: Line, number: Number, road: Number, desk: Desk, database: Database, settings: Settings
) -> None:
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        sms = await accounts.connect(
            session,
            vault(settings),
            channel="sms_twilio",
            address=f"+{uuid4().int % 10**12}",
            name="SMS",
            display_number=None,
            credentials={},
            now=now(),
        )
    unfit = Number(number.tenant, sms)
    assert (await desk.switch(number, unfit, 409))["code"] == "road_unfit"
    await desk.switch(number, road)
    assert (await desk.switch(road, number, 409))["code"] == "road_unfit"
    body = {"road_id": str(road.account.id)}
    assert (await desk.ask("POST", f"/{uuid4()}/switch", body, 404))["code"] == "not_found"


async def test_a_part_knows_the_road_it_took(
    *, line: Line, database: Database, number: Number, road: Number, desk: Desk
) -> None:
    await desk.switch(number, road)
    await line.say("one")
    await line.drain()
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        part = (await session.scalars(select(MessagePart))).one()
        said = await session.scalar(select(Message.channel_account_id).where(Message.id == part.message_id))
    assert (part.channel_account_id, said) == (road.account.id, number.account.id)
