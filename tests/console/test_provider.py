"""Signing in with a provider, tried on a real one on loopback: what it says is believed when it holds."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.oidc import Provider
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from commerce_api.tenants import invitations, provider_sign_in, queries
from commerce_api.tenants.access import Access
from commerce_api.tenants.models import Role, Tenant, User
from commerce_api.tenants.provider_models import ProviderAccount
from tests.conftest import MakeMember, Member
from tests.console.conftest import PASSWORD, SMALL_PHONE, AtDesk, Served, Visit, Visiting
from tests.console.test_second_step import set_up
from tests.oidc_provider import FakeProvider, open_provider

pytestmark = pytest.mark.usefixtures("uncounted")

Columns = Callable[[], Awaitable[dict[str, str]]]
LEAVE = "/console/sign-in/provider"
BACK = f"{LEAVE}/callback"
DESK = "http://desk.test"


@pytest.fixture
async def market(
    desk_app: FastAPI, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FakeProvider]:
    """The provider that the desk has in its settings."""
    async with open_provider() as market:
        given = market.settings(settings, DESK)
        monkeypatch.setitem(desk_app.state._state, "settings", given)
        monkeypatch.setitem(desk_app.state._state, "provider", Provider(given))
        yield market


@pytest.fixture
async def ada(make_member: MakeMember) -> Member:
    """An owner whose address is proven."""
    return await make_member(email_proven_at=now())


def claims_of(who: User | str, **more: Any) -> dict[str, Any]:
    """A verified person of the provider's."""
    email = who if isinstance(who, str) else who.email
    return {"sub": uuid4().hex, "email": email, "email_verified": True, "name": "Ada Obi", **more}


async def signed_in_there(browser: Visit, query: str = "") -> str:
    """Goes to the provider and signs in: the address that the provider then sends the browser to."""
    left = await browser.get(LEAVE + query)
    assert left.status_code == 303, left.text
    async with httpx.AsyncClient() as web:
        back = await web.get(left.headers["location"])
    assert back.headers["location"].startswith(f"{DESK}{BACK}?")
    return str(back.headers["location"]).removeprefix(DESK)


async def sign_in(browser: Visit, query: str = "") -> httpx.Response:
    return await browser.get(await signed_in_there(browser, query))


async def is_in(browser: Visit) -> bool:
    return (await browser.get("/console/account")).status_code == 200


async def test_a_person_signs_in_and_lands_on_the_wanted_page_and_again_whatever_the_address_is_then(
    market: FakeProvider, visit: Visiting, ada: Member, database: Database
) -> None:
    browser, wanted = visit(), f"/console/shops/{ada.tenant.slug}/orders"
    form = await browser.get(f"/console/sign-in?next={wanted}")
    assert "Sign in with Market ID" in form.text
    market.person = claims_of(ada.user, email=ada.user.email.upper())
    done = await sign_in(browser, f"?next={wanted}")
    assert done.headers["location"] == wanted
    assert (await browser.get(wanted)).status_code == 200
    assert "Signed in by another service" in (await browser.get("/console/account")).text
    market.person |= {"email": f"{uuid4().hex}@moved.example", "email_verified": False}
    later = visit()
    await sign_in(later)
    assert ada.user.email in (await later.get("/console/account")).text
    async with database.transaction() as session:
        tied = select(ProviderAccount).where(ProviderAccount.user_id == ada.user.id)
        assert [(one.issuer, one.subject) for one in await session.scalars(tied)] == [
            (market.url, market.person["sub"])
        ]


async def test_what_goes_to_the_provider_is_new_each_time_and_holds_no_secret(
    market: FakeProvider, visit: Visiting, ada: Member
) -> None:
    market.person = claims_of(ada.user)
    for _ in range(2):
        await sign_in(visit())
    first, second = market.asked
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name]) >= 32
    assert first["redirect_uri"] == DESK + BACK
    assert not any("secret" in value for value in first.values())


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"lies": {"nonce": "another"}},
    "no nonce": {"lies": {"nonce": None}},
    "a key of nobody's": {"forges": True},
    "the client's secret as the key": {"signs_by_secret": True},
    "no signature": {"unsigned": True},
    "expired": {"lies": {"exp": int(time.time()) - 3600}},
    "no expiry": {"lies": {"exp": None}},
    "issued in the future": {"lies": {"iat": int(time.time()) + 7200}},
    "another issuer": {"lies": {"iss": "https://evil.example"}},
    "for another client": {"lies": {"aud": "another"}},
    "for several, given to another": {"lies": {"aud": ["shop-desk", "another"], "azp": "another"}},
    "for several, given to nobody": {"lies": {"aud": ["shop-desk", "another"]}},
    "no subject": {"lies": {"sub": None}},
    "an empty subject": {"lies": {"sub": ""}},
    "a subject that is no text": {"lies": {"sub": 7}},
    "the person said no": {"refuses": True},
}


@pytest.mark.parametrize("kind", LIES)
async def test_what_does_not_hold_signs_nobody_in(
    kind: str, market: FakeProvider, visit: Visiting, ada: Member, database: Database
) -> None:
    market.person = claims_of(ada.user)
    for name, value in LIES[kind].items():
        setattr(market, name, value)
    browser = visit()
    answer = await sign_in(browser)
    assert answer.status_code == 403
    assert "did not confirm who you are" in answer.text
    assert "/console/sign-in" in answer.text
    assert not await is_in(browser)
    async with database.transaction() as session:
        tied = select(ProviderAccount).where(ProviderAccount.user_id == ada.user.id)
        assert (await session.scalars(tied)).all() == []


async def test_an_answer_is_taken_once(market: FakeProvider, visit: Visiting, ada: Member) -> None:
    market.person = claims_of(ada.user)
    browser = visit()
    back = await signed_in_there(browser)
    visitor = browser.client.cookies["visitor"]
    assert (await browser.get(back)).status_code == 303
    browser.client.cookies.delete("session")
    browser.client.cookies.set("visitor", visitor)
    again = await browser.get(back)
    assert again.status_code == 409
    assert "Please sign in again" in again.text
    assert not await is_in(browser)


async def test_an_answer_that_failed_is_used_up_too(
    market: FakeProvider, visit: Visiting, ada: Member
) -> None:
    market.person, market.lies = claims_of(ada.user), {"nonce": "another"}
    browser = visit()
    back = await signed_in_there(browser)
    assert (await browser.get(back)).status_code == 403
    market.lies = {}
    assert (await browser.get(back)).status_code == 409


async def test_an_answer_is_of_no_use_in_another_browser(
    market: FakeProvider, visit: Visiting, ada: Member
) -> None:
    market.person = claims_of(ada.user)
    mine, other = visit(), visit()
    back = await signed_in_there(mine)
    await other.get("/console/sign-in")
    assert (await other.get(back)).status_code == 409
    assert not await is_in(other)
    assert (await mine.get(back)).status_code == 303


@pytest.mark.parametrize("spoilt", ["state", "no state", "code", "no code", "issuer", "late"])
async def test_an_answer_that_was_tampered_with_signs_nobody_in(
    spoilt: str, market: FakeProvider, visit: Visiting, ada: Member, database: Database
) -> None:
    market.person = claims_of(ada.user)
    browser = visit()
    back = urlsplit(await signed_in_there(browser))
    query = {name: values[0] for name, values in parse_qs(back.query).items()}
    if spoilt == "late":
        async with database.transaction() as session:
            await provider_sign_in.delete_old(session, now() + provider_sign_in.PATIENCE)
    elif spoilt.startswith("no "):
        del query[spoilt.removeprefix("no ")]
    else:
        query["iss" if spoilt == "issuer" else spoilt] = "https://evil.example/x"
    answer = await browser.get(back.path, params=query)
    assert answer.status_code in (403, 409)
    assert not await is_in(browser)


@pytest.mark.parametrize("verified", [False, None, "false", 0, 1])
async def test_an_address_that_is_not_verified_finds_nobody(
    verified: Any, market: FakeProvider, visit: Visiting, ada: Member
) -> None:
    market.person = claims_of(ada.user, email_verified=verified)
    browser = visit()
    answer = await sign_in(browser)
    assert answer.status_code == 403
    assert "not confirmed" in answer.text
    assert not await is_in(browser)


async def test_who_is_neither_known_nor_invited_is_told_so(
    market: FakeProvider, visit: Visiting, make_member: MakeMember
) -> None:
    gone = await make_member(is_active=False)
    for email in (f"{uuid4().hex}@test.example", gone.user.email):
        market.person = claims_of(email)
        answer = await sign_in(visit())
        assert answer.status_code == 403
        assert "You are not invited yet" in answer.text


async def test_an_account_is_not_given_to_a_second_person_with_the_same_address(
    market: FakeProvider, visit: Visiting, ada: Member
) -> None:
    market.person = claims_of(ada.user)
    await sign_in(visit())
    market.person = claims_of(ada.user)
    browser = visit()
    answer = await sign_in(browser)
    assert answer.status_code == 403
    assert "another person" in answer.text
    assert not await is_in(browser)


async def invite(database: Database, owner: Member, email: str, role: Role = Role.AGENT) -> str:
    async with database.transaction() as session:
        await enter(session, owner.tenant.id)
        tenant = await session.get_one(Tenant, owner.tenant.id)
        access = Access(await session.get_one(User, owner.user.id), tenant, owner.role)
        return (await invitations.invite(session, access, email=email, role=role, now=now())).token


async def test_an_invited_person_joins_every_shop_that_invites_them(
    market: FakeProvider, visit: Visiting, ada: Member, make_member: MakeMember, database: Database
) -> None:
    other, email = await make_member(), f"{uuid4().hex}@test.example"
    token = await invite(database, ada, email)
    await invite(database, other, email, Role.VIEWER)
    market.person = claims_of(email)
    browser = visit()
    await browser.get(f"/console/invitation?token={token}")
    page = (await browser.get("/console/invitation")).text
    assert "Join with Market ID" in page
    done = await sign_in(browser, "?next=/console/invitation")
    assert done.headers["location"] == "/console/shops"
    shops = (await browser.get("/console/shops")).text
    assert ada.tenant.slug in shops
    assert other.tenant.slug in shops
    assert (await browser.get("/console/invitation")).status_code == 410
    async with database.transaction() as session:
        user = await queries.user_by_email(session, email)
    assert user is not None
    assert (user.name, user.password_hash) == ("Ada Obi", None)
    assert (await visit().sign_in(email, "")).status_code == 401


async def test_an_account_that_only_an_inviter_vouched_for_loses_the_password_set_in_its_name(
    market: FakeProvider,
    visit: Visiting,
    at_desk: AtDesk,
    make_member: MakeMember,
    with_password: Columns,
) -> None:
    member = await make_member(**await with_password())
    squatter = await at_desk(member)
    await set_up(squatter)
    market.person = claims_of(member.user)
    browser = visit()
    done = await sign_in(browser)
    assert done.headers["location"] == "/console/shops"
    assert not await is_in(squatter)
    assert (await visit().sign_in(member.user.email)).status_code == 401


async def test_a_proven_account_keeps_its_password_and_second_step(
    market: FakeProvider,
    visit: Visiting,
    at_desk: AtDesk,
    make_member: MakeMember,
    with_password: Columns,
) -> None:
    member = await make_member(**await with_password(), email_proven_at=now())
    _, codes = await set_up(await at_desk(member))
    market.person = claims_of(member.user)
    browser = visit()
    done = await sign_in(browser)
    assert done.headers["location"] == "/console/sign-in/code"
    assert not await is_in(browser)
    await browser.get("/console/sign-in/code")
    assert (await browser.post("/console/sign-in/code", {"code": codes[0]})).status_code == 303
    assert await is_in(browser)
    assert (await visit().sign_in(member.user.email, PASSWORD)).status_code == 303


async def test_new_keys_of_the_provider_are_learned(
    market: FakeProvider, visit: Visiting, ada: Member, desk_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.person = claims_of(ada.user)
    await sign_in(visit())
    market.turn_key()
    at_once = await sign_in(visit())
    assert at_once.status_code == 403
    provider: Provider = desk_app.state.provider
    assert provider._keys is not None
    keys, fetched = provider._keys
    monkeypatch.setattr(provider, "_keys", (keys, fetched.replace(year=2000)))
    assert (await sign_in(visit())).status_code == 303


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://evil.example"}, {"token_endpoint": None}, {"jwks_uri": "file:///etc/passwd"}],
    ids=str,
)
async def test_a_provider_that_is_not_what_the_settings_say_is_not_gone_to(
    metadata: dict[str, Any], market: FakeProvider, visit: Visiting
) -> None:
    market.metadata = metadata
    answer = await visit().get(LEAVE)
    assert answer.status_code == 503
    assert "reached just now" in answer.text


async def test_a_provider_that_is_down_is_said_to_be_so(
    market: FakeProvider, visit: Visiting, ada: Member
) -> None:
    market.is_down = True
    assert (await visit().get(LEAVE)).status_code == 503
    market.is_down, market.person = False, claims_of(ada.user)
    browser = visit()
    back = await signed_in_there(browser)
    market.is_down = True
    answer = await browser.get(back)
    assert answer.status_code == 503
    assert "Try again" in answer.text


async def test_without_a_provider_in_the_settings_there_is_no_such_way(visit: Visiting) -> None:
    browser = visit()
    assert "Sign in with" not in (await browser.get("/console/sign-in")).text
    assert (await browser.get(LEAVE)).status_code == 404
    assert (await browser.get(f"{BACK}?state=x&code=y")).status_code == 404


async def test_departures_are_counted(market: FakeProvider, visit: Visiting) -> None:
    browser = visit()
    answers = [(await browser.get(LEAVE)).status_code for _ in range(61)]
    assert answers == [303] * 60 + [429]


async def test_a_person_signs_in_with_it_on_a_small_phone_by_keyboard_alone(
    served: Served,
    desk_app: FastAPI,
    settings: Settings,
    market: FakeProvider,
    ada: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = market.settings(settings, served.url)
    monkeypatch.setitem(desk_app.state._state, "provider", Provider(given))
    market.person = claims_of(ada.user)
    context = await served.browser.new_context(viewport=SMALL_PHONE)
    page = await context.new_page()
    await page.goto(f"{served.url}/console/sign-in")
    assert await page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"]
    await page.get_by_role("link", name="Sign in with Market ID").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/console/shops/{ada.tenant.slug}/inbox")
    await context.close()
