"""What a seller sees and does: conversations, messages, taking over, and who may."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text, update

from channels.messages import Choice, InboundKind, OutboundMessage
from commerce_api.conversations.models import ChannelAccount
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Role
from tests.commerce_api.conversations.conftest import BotSide, MakeNumber, Number, Shop, message
from tests.conftest import SERVICE, Bearer, MakeMember, Member

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def seller(make_member: MakeMember, number: Number) -> Member:
    """An agent of the number's tenant."""
    return await make_member(number.tenant, Role.AGENT)


@pytest.fixture
def ask(api: httpx.AsyncClient, bearer: Bearer, seller: Member) -> Ask:
    """A request of the seller's (or another member's) to the tenant's resources; the JSON it answers."""

    async def send(
        method: str, path: str, *, who: Member | None = None, status: int = 200, **request: Any
    ) -> Any:
        member = who or seller
        url = f"/api/v1/tenants/{seller.tenant.id}{path}"
        answer = await api.request(method, url, headers=bearer(member), **request)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


async def test_the_inbox_lists_who_wrote_last_first_and_filters(
    bot: BotSide, number: Number, ask: Ask
) -> None:
    for shopper in range(3):
        await bot.deliver(
            message(number, sender=f"23480310000{shopper:02}", sender_name=f"Shopper {shopper}")
        )
    listed = await ask("GET", "/conversations")
    assert listed["total"] == 3
    assert [one["contact"]["name"] for one in listed["items"]] == ["Shopper 2", "Shopper 1", "Shopper 0"]
    first = listed["items"][0]
    assert (first["channel"], first["handled_by"], first["unread"]) == ("whatsapp", "bot", 1)
    assert first["contact"]["phone"] == "+2348031000002"
    assert (await ask("GET", "/conversations?handled_by=waiting"))["total"] == 0
    contact = first["contact"]["id"]
    assert [one["id"] for one in (await ask("GET", f"/conversations?contact_id={contact}"))["items"]] == [
        first["id"]
    ]
    assert (await ask("GET", f"/contacts/{contact}"))["name"] == "Shopper 2"
    assert (await ask("GET", "/contacts?phone=%2B2348031000001"))["total"] == 1
    await ask("GET", "/conversations?sort=secret", status=400)


async def test_every_message_is_shown_in_order_with_its_body(bot: BotSide, number: Number, ask: Ask) -> None:
    turn = (await bot.deliver(message(number, "menu?", raw={"secret": "raw"})))["turns"][0]
    await bot.finish(turn, OutboundMessage("Choose:", choices=(Choice("Rice", "ask_price"),)))
    listed = await ask("GET", f"/conversations/{turn['conversation_id']}/messages")
    asked, said = listed["items"]
    assert (asked["direction"], asked["author"], asked["text"], asked["status"]) == (
        "inbound",
        "shopper",
        "menu?",
        None,
    )
    assert (said["direction"], said["author"], said["kind"], said["status"]) == (
        "outbound",
        "assistant",
        "choices",
        "queued",
    )
    assert said["body"]["choices"][0]["title"] == "Rice"
    assert said["reply_to_id"] == asked["id"]
    assert "raw" not in asked


async def test_a_seller_who_answers_has_the_conversation_until_handing_it_back(
    bot: BotSide, number: Number, ask: Ask, seller: Member
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    await bot.finish(turn, OutboundMessage("Hello!"))
    path = f"/conversations/{turn['conversation_id']}"
    said = await ask("POST", f"{path}/messages", json={"text": "Good day!"}, status=201)
    assert (said["author"], said["seller_id"], said["status"]) == ("seller", str(seller.user.id), "queued")
    taken = await ask("GET", path)
    assert (taken["handled_by"], taken["unread"], taken["seller_id"]) == ("seller", 0, str(seller.user.id))
    assert (await bot.deliver(message(number, "and?")))["turns"] == []
    assert (await ask("POST", f"{path}/hand-back"))["handled_by"] == "bot"
    assert [turn["text"] for turn in (await bot.deliver(message(number, "hi bot")))["turns"]] == ["hi bot"]


async def test_taking_over_quiets_the_assistant(bot: BotSide, number: Number, ask: Ask) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    path = f"/conversations/{turn['conversation_id']}"
    assert (await ask("POST", f"{path}/takeover"))["handled_by"] == "seller"
    assert (await bot.finish(turn, OutboundMessage("too late")))["turn"] is None
    assert (await ask("GET", f"{path}/messages"))["total"] == 1


async def test_a_closed_reply_window_takes_no_message(
    bot: BotSide, number: Number, ask: Ask, shop: Shop
) -> None:
    await bot.deliver(message(number, sent_at=now() - timedelta(hours=25)))
    conversation = await shop.conversation()
    refused = await ask("POST", f"/conversations/{conversation.id}/messages", json={"text": "hi"}, status=409)
    assert refused["code"] == "reply_window_closed"
    assert (await shop.conversation()).handled_by == "bot"


async def test_the_same_answer_sent_twice_with_one_key_is_said_once(
    *, bot: BotSide, number: Number, api: httpx.AsyncClient, bearer: Bearer, seller: Member, shop: Shop
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    url = f"/api/v1/tenants/{seller.tenant.id}/conversations/{turn['conversation_id']}/messages"
    headers = {**bearer(seller), "Idempotency-Key": uuid4().hex}
    answers = [await api.post(url, json={"text": "Good day!"}, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(await shop.messages()) == 2


@pytest.mark.parametrize("words", ["", "   ", "x" * 4097])
async def test_an_empty_or_endless_answer_is_malformed(
    bot: BotSide, number: Number, ask: Ask, words: str
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    path = f"/conversations/{turn['conversation_id']}/messages"
    await ask("POST", path, json={"text": words}, status=422)


async def test_who_may_only_look_cant_answer(
    bot: BotSide, number: Number, ask: Ask, make_member: MakeMember
) -> None:
    viewer = await make_member(number.tenant, Role.VIEWER)
    turn = (await bot.deliver(message(number)))["turns"][0]
    path = f"/conversations/{turn['conversation_id']}"
    await ask("GET", path, who=viewer)
    for action, body in (("messages", {"text": "hi"}), ("takeover", None), ("hand-back", None)):
        await ask("POST", f"{path}/{action}", who=viewer, json=body, status=403)


async def test_another_tenants_conversation_is_as_good_as_none(
    bot: BotSide, make_number: MakeNumber, ask: Ask
) -> None:
    stranger = await make_number()
    turn = (await bot.deliver(message(stranger)))["turns"][0]
    for known in (turn["conversation_id"], str(uuid4())):
        path = f"/conversations/{known}"
        answers = [
            await ask("GET", path, status=404),
            await ask("GET", f"{path}/messages", status=404),
            await ask("POST", f"{path}/messages", json={"text": "hi"}, status=404),
            await ask("POST", f"{path}/takeover", status=404),
            await ask("POST", f"{path}/hand-back", status=404),
        ]
        assert all(answer["code"] == "not_found" for answer in answers)


@pytest.fixture
async def owner(make_member: MakeMember, number: Number) -> Member:
    """The owner of the number's tenant."""
    return await make_member(number.tenant, Role.OWNER)


def phone(address: str, **parts: Any) -> dict[str, Any]:
    """A number to connect."""
    own = {"access_token": "token"}
    return {"channel": "whatsapp", "address": address, "name": "Shop line", "credentials": own, **parts}


async def test_credentials_can_be_written_and_never_read(
    ask: Ask, owner: Member, database: Database, bot: BotSide
) -> None:
    body = phone(uuid4().hex, credentials={"access_token": "very-secret", "app_secret": "own-secret"})
    made = await ask("POST", "/channel-accounts", who=owner, json=body, status=201)
    assert made["has_app_secret"] is True
    listed = await ask("GET", "/channel-accounts", who=owner)
    assert "secret" not in str(listed).replace("has_app_secret", "")
    assert (await ask("GET", f"/channel-accounts/{made['id']}"))["address"] == body["address"]
    secrets = await bot.api.get("/api/v1/bot/channels/whatsapp/secrets", headers=SERVICE)
    assert secrets.json()["secrets"][made["id"]] == "own-secret"
    async with database.transaction() as session:
        tenant = {"tenant": str(owner.tenant.id)}
        await session.execute(text("select set_config('app.tenant_id', :tenant, true)"), tenant)
        at_rest = await session.scalar(
            text("select credentials from channel_accounts where id = :id"), {"id": UUID(made["id"])}
        )
    assert "secret" not in at_rest


async def test_one_accounts_unreadable_secret_costs_no_other_its_webhooks(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    broken, whole = [
        await make_number(credentials={"access_token": "t", "app_secret": "s"}) for _ in range(2)
    ]
    async with database.transaction() as session:
        await enter(session, broken.tenant.id)
        await session.execute(
            update(ChannelAccount)
            .where(ChannelAccount.tenant_id == broken.tenant.id)
            .values(credentials="v1:AAAA")
        )
    secrets = (await bot.api.get("/api/v1/bot/channels/whatsapp/secrets", headers=SERVICE)).json()["secrets"]
    assert str(whole.account.id) in secrets
    assert str(broken.account.id) not in secrets


async def test_a_number_is_changed_without_naming_its_credentials(
    ask: Ask, owner: Member, bot: BotSide, number: Number
) -> None:
    path = f"/channel-accounts/{number.account.id}"
    changed = await ask("PATCH", path, who=owner, json={"name": "Second line", "is_active": False})
    assert (changed["name"], changed["is_active"], changed["address"]) == (
        "Second line",
        False,
        number.address,
    )
    assert (await bot.deliver(message(number)))["refused"] == 1


async def test_an_address_can_be_connected_once_and_nothing_says_by_whom(
    ask: Ask, owner: Member, make_number: MakeNumber, number: Number
) -> None:
    elsewhere = await make_number()
    answers = [
        await ask("POST", "/channel-accounts", who=owner, json=phone(taken), status=409)
        for taken in (number.address, elsewhere.address)
    ]
    assert answers[0] == answers[1]
    assert answers[0]["code"] == "address_unavailable"
    unknown = phone("1", channel="pigeon")
    refused = await ask("POST", "/channel-accounts", who=owner, json=unknown, status=400)
    assert refused["code"] == "channel_unknown"


async def test_an_agent_connects_no_number(ask: Ask, number: Number) -> None:
    await ask("POST", "/channel-accounts", json=phone(uuid4().hex), status=403)
    await ask("PATCH", f"/channel-accounts/{number.account.id}", json={"name": "x"}, status=403)


async def test_the_words_of_what_a_shopper_took_back_are_shown_to_nobody(
    bot: BotSide, number: Number, ask: Ask
) -> None:
    first = message(number, "my card number is 4000 0000")
    await bot.deliver(first)
    quoted = first.provider_message_id
    await bot.deliver(message(number, None, kind=InboundKind.DELETION, quoted_message_id=quoted))
    (conversation,) = (await ask("GET", "/conversations"))["items"]
    listed = await ask("GET", f"/conversations/{conversation['id']}/messages")
    (shown,) = [one for one in listed["items"] if one["deleted_at"]]
    assert (shown["text"], shown["body"], shown["media"]) == (None, {}, [])
    assert "4000" not in str(listed)
