"""The inbox and its threads in a browser without scripts: all of it reads, and all of it can be done."""

import re
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from commerce_api.conversations import desk
from commerce_api.conversations.desk_models import ScheduledMessage
from commerce_api.conversations.models import Author, Conversation, HandledBy, Message
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Role
from tests.commerce_api.shelves import stock_product
from tests.conftest import Bearer, MakeMember, Member
from tests.console import talks
from tests.console.conftest import AtDesk, Visit
from tests.console.talks import Talk

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def inbox(member: Member, rest: str = "") -> str:
    return f"/console/shops/{member.tenant.slug}/inbox{rest}"


def shown(text: str) -> list[str]:
    return re.findall(r'<span class="row-name">([^<]*)</span>', text)


async def held(database: Database, talk: Talk) -> Conversation:
    async with database.transaction() as session:
        await enter(session, talk.tenant.id)
        return (await session.scalars(select(Conversation).where(Conversation.id == talk.id))).one()


async def said(database: Database, talk: Talk) -> list[Message]:
    async with database.transaction() as session:
        await enter(session, talk.tenant.id)
        found = select(Message).where(Message.conversation_id == talk.id, Message.author == Author.SELLER)
        return list(await session.scalars(found))


async def open_talk(browser: Visit, member: Member, talk: Talk) -> str:
    """The thread; the key of its reply form."""
    page = await browser.get(inbox(member, f"/{talk.id}"))
    assert page.status_code == 200
    found = re.search(r'id="write".*?name="key" value="([^"]+)"', page.text, re.DOTALL)
    assert found
    return found[1]


async def test_who_waits_longest_is_first_and_the_rest_by_their_newest_message(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    for name, minutes in (("Old", 90), ("New", 1), ("Waits", 60), ("Waits longer", 70)):
        talk = await talks.start(database, member.tenant, name)
        await talks.say(database, talk, "hello", at=now() - timedelta(minutes=minutes))
        if name.startswith("Waits"):
            await talks.wait(database, talk, minutes=minutes)
    page = await (await at_desk(member)).get(inbox(member))
    assert shown(page.text) == ["Waits longer", "Waits", "New", "Old"]
    assert "waiting" in page.text


async def test_each_view_shows_its_own(at_desk: AtDesk, make_member: MakeMember, database: Database) -> None:
    member = await make_member()
    made = {name: await talks.start(database, member.tenant, name) for name in ("B", "M", "U", "S", "R")}
    for talk in made.values():
        await talks.say(database, talk, "hello", author=Author.ASSISTANT)
    me = member.user.id
    await talks.change(database, made["M"], handled_by=HandledBy.SELLER, seller_id=me, assignee_id=me)
    await talks.change(database, made["U"], handled_by=HandledBy.SELLER)
    await talks.change(
        database, made["S"], snoozed_until=now() + timedelta(hours=1), handled_by=HandledBy.SELLER
    )
    await talks.change(database, made["R"], resolved_at=now())
    browser = await at_desk(member)
    views = {"open": "BMU", "mine": "M", "unassigned": "U", "bot": "B", "snoozed": "S", "resolved": "R"}
    for view, names in views.items():
        page = await browser.get(inbox(member, f"?view={view}"))
        assert sorted(shown(page.text)) == sorted(names), view


async def test_what_is_put_away_comes_back_when_the_shopper_writes(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    browser = await at_desk(member)
    for action, form in (("resolve", {}), ("snooze", {"until": "tomorrow"})):
        talk = await talks.start(database, member.tenant, action)
        await talks.say(database, talk, "hello")
        done = await browser.post(inbox(member, f"/{talk.id}/{action}"), form)
        assert done.headers["location"] == inbox(member)
        assert action not in shown((await browser.get(inbox(member))).text)
        await talks.say(database, talk, "one more thing")
        assert action in shown((await browser.get(inbox(member))).text)


async def test_words_people_and_numbers_are_found(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant, "Chidi Obi")
    await talks.say(database, talk, "Do you sell hollandais wax?")
    other = await talks.start(database, (await make_member()).tenant, "Chidi Elsewhere")
    await talks.say(database, other, "hollandais")
    browser = await at_desk(member)
    async with database.transaction() as session:
        await enter(session, member.tenant.id)
        phone = (await held(database, talk)).contact.phone or ""
    for words in ("holland wax", "chidi", phone[-8:], "CHIDI o"):
        page = await browser.get(inbox(member), params={"search": words})
        assert shown(page.text) == ["Chidi Obi"], words
    for words in ("nothing like it", "%", "' or 1=1", "!&|:*"):
        assert shown((await browser.get(inbox(member), params={"search": words})).text) == [], words


async def test_a_reply_goes_to_the_shopper_and_quiets_the_assistant(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member(role=Role.AGENT)
    talk = await talks.start(database, member.tenant)
    await talks.say(database, talk, "hello")
    browser = await at_desk(member)
    key = await open_talk(browser, member, talk)
    done = await browser.post(inbox(member, f"/{talk.id}/reply"), {"text": "Good day!", "key": key})
    assert done.headers["location"] == inbox(member, f"/{talk.id}")
    assert [one.text for one in await said(database, talk)] == ["Good day!"]
    row = await held(database, talk)
    assert (row.handled_by, row.seller_id, row.assignee_id) == (
        HandledBy.SELLER,
        member.user.id,
        member.user.id,
    )
    page = await browser.get(done.headers["location"])
    assert "Good day!" in page.text
    assert "Assistant paused." in page.text


async def test_a_form_sent_twice_says_it_once_and_with_other_words_is_refused(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant)
    browser = await at_desk(member)
    key = await open_talk(browser, member, talk)
    for _ in range(3):
        await browser.post(inbox(member, f"/{talk.id}/reply"), {"text": "once", "key": key})
    other = await browser.post(inbox(member, f"/{talk.id}/reply"), {"text": "twice", "key": key})
    assert other.status_code == 422
    assert [one.text for one in await said(database, talk)] == ["once"]


async def test_outside_the_reply_window_only_a_template_is_sent(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant, window=timedelta(minutes=-5))
    browser = await at_desk(member)
    page = await browser.get(inbox(member, f"/{talk.id}"))
    assert "The reply window is closed" in page.text
    assert 'value="reply"' not in page.text
    refused = await browser.post(inbox(member, f"/{talk.id}/reply"), {"text": "free", "key": "1"})
    assert refused.status_code == 409
    data = {
        "name": "order_news",
        "language": "en",
        "text": "News of your order",
        "parameters": "Ada",
        "key": "2",
    }
    await browser.post(inbox(member, f"/{talk.id}/template"), data)
    sent = await said(database, talk)
    assert [one.body["template"] for one in sent] == [
        {"name": "order_news", "language": "en", "parameters": ["Ada"]}
    ]


async def test_a_note_is_for_members_alone(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member(name="Tunde")
    talk = await talks.start(database, member.tenant)
    browser = await at_desk(member)
    key = await open_talk(browser, member, talk)
    data = {"text": "a good customer", "mode": "note", "key": key}
    await browser.post(inbox(member, f"/{talk.id}/reply"), data)
    assert await said(database, talk) == []
    page = await browser.get(inbox(member, f"/{talk.id}"))
    assert "a good customer" in page.text
    assert (await held(database, talk)).handled_by is HandledBy.BOT


async def test_a_message_for_later_is_said_once_when_it_is_due_unless_called_off(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant)
    browser = await at_desk(member)
    due = (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    for text in ("first", "second"):
        data = {"text": text, "mode": "later", "due": due, "key": uuid4().hex}
        await browser.post(inbox(member, f"/{talk.id}/reply"), data)
    async with database.transaction() as session:
        await enter(session, member.tenant.id)
        waiting = {one.text: one.id for one in await session.scalars(select(ScheduledMessage))}
    await browser.post(f"/console/shops/{member.tenant.slug}/scheduled/{waiting['second']}/cancel")
    for _ in range(2):
        for scheduled_id in waiting.values():
            async with database.transaction() as session:
                await enter(session, member.tenant.id)
                await desk.say_due(session, scheduled_id, now())
    assert [one.text for one in await said(database, talk)] == ["first"]
    assert (await held(database, talk)).handled_by is HandledBy.BOT


async def test_what_shoppers_write_is_only_ever_text(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant, HOSTILE)
    await talks.say(database, talk, HOSTILE)
    await talks.wait(database, talk, reason=HOSTILE)
    await talks.change(database, talk, labels=[HOSTILE[:40]])
    browser = await at_desk(member)
    for path in ("", f"/{talk.id}", f"/{talk.id}/side", f"/{talk.id}/messages"):
        page = await browser.get(inbox(member, path))
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


async def test_the_seller_fills_the_shoppers_cart_makes_the_order_and_sees_it(
    at_desk: AtDesk, make_member: MakeMember, database: Database, bearer: Bearer
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant)
    async with database.transaction() as session:
        await enter(session, member.tenant.id)
        product = await stock_product(session, "Ankara fabric", price=250000)
        variant_id = str(product.variants[0].id)
    browser = await at_desk(member)
    await browser.get(inbox(member, f"/{talk.id}"))
    found = await browser.get(inbox(member, f"/{talk.id}/products?q=ankarra"))
    assert "Ankara fabric" in found.text
    data = {"variant_id": variant_id, "quantity": "2"}
    assert (await browser.post(inbox(member, f"/{talk.id}/cart/lines"), data)).status_code == 303
    cart = f"/api/v1/tenants/{member.tenant.id}/conversations/{talk.id}/cart"
    line = (await browser.client.get(cart, headers=bearer(member))).json()["lines"][0]
    assert line["quantity"] == 2
    await browser.post(inbox(member, f"/{talk.id}/cart/lines/{line['id']}"), {"quantity": "3"})
    assert (await browser.client.get(cart, headers=bearer(member))).json()["total"]["amount"] == 750000
    order = {"name": "Ada", "delivery": "pickup", "payment_method": "cash_on_delivery", "key": "k"}
    placed = await browser.post(inbox(member, f"/{talk.id}/orders"), order)
    page = await browser.get(placed.headers["location"])
    assert "The cart is empty." in page.text
    assert "not paid" in page.text
    refused = await browser.post(inbox(member, f"/{talk.id}/orders"), {**order, "key": "another"})
    assert refused.status_code == 409


async def test_a_viewer_reads_and_is_offered_nothing_to_do(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member(role=Role.VIEWER)
    talk = await talks.start(database, member.tenant)
    await talks.say(database, talk, "hello there")
    page = await (await at_desk(member)).get(inbox(member, f"/{talk.id}"))
    assert "hello there" in page.text
    assert 'method="post"' not in page.text
    assert (await held(database, talk)).unread == 1
