"""Connecting accounts: what each channel needs, the platform's own number, and whose secret vouches."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from commerce_api.core.settings import Settings
from commerce_api.tenants.models import Role
from tests.commerce_api.conversations.conftest import BotSide, Number, message
from tests.conftest import SERVICE, Bearer, MakeMember

Connect = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def connect(api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer, number: Number) -> Connect:
    """Connects an account of the number's tenant, as its owner."""
    headers = bearer(await make_member(number.tenant, Role.OWNER))
    url = f"/api/v1/tenants/{number.tenant.id}/channel-accounts"

    async def post(
        channel: str, credentials: dict[str, str] | None = None, *, status: int = 201, **body: Any
    ) -> dict[str, Any]:
        facts = {"channel": channel, "name": "Line", "address": uuid4().hex, "credentials": credentials or {}}
        answer = await api.post(url, headers=headers, json={**facts, **body})
        assert answer.status_code == status, answer.text
        data: dict[str, Any] = answer.json()
        return data

    return post


@pytest.mark.parametrize(
    ("channel", "credentials", "missing"),
    [
        ("whatsapp", {}, "access_token"),
        ("whatsapp", {"app_secret": "s"}, "access_token"),
        ("whatsapp_twilio", {"account_sid": "AC1"}, "auth_token"),
        ("sms_africastalking", {"api_key": "k"}, "username"),
    ],
)
async def test_an_account_without_what_it_needs_is_refused_by_name(
    connect: Connect, channel: str, credentials: dict[str, str], missing: str
) -> None:
    refused = await connect(channel, credentials, status=400)
    assert refused["code"] == "credentials_missing"
    assert missing in refused["detail"]


@pytest.mark.parametrize(
    ("channel", "credentials", "has_secret"),
    [
        ("whatsapp", {"access_token": "t"}, False),
        ("whatsapp", {"access_token": "t", "app_secret": "s"}, True),
        ("whatsapp_twilio", {}, False),
        ("whatsapp_twilio", {"account_sid": "AC1", "auth_token": "t"}, True),
        ("sms_africastalking", {}, False),
        ("sms_africastalking", {"callback_key": "own"}, True),
    ],
)
async def test_own_credentials_are_complete_or_the_platforms_serve(
    connect: Connect, channel: str, credentials: dict[str, str], has_secret: bool
) -> None:
    assert (await connect(channel, credentials))["has_app_secret"] is has_secret


async def test_an_account_with_a_secret_of_its_own_is_vouched_for_by_that_alone(
    connect: Connect, bot: BotSide, number: Number, api: httpx.AsyncClient
) -> None:
    own = {"account_sid": "AC1", "auth_token": "our-token"}
    made = await connect("whatsapp_twilio", own)
    secrets = (await api.get("/api/v1/bot/channels/whatsapp_twilio/secrets", headers=SERVICE)).json()
    assert secrets["secrets"][made["id"]] == "our-token"
    written = message(number, account=made["address"])
    for secret, accepted in (("platform", 0), (made["id"], 1)):
        answer = await bot.deliver(written, channel="whatsapp_twilio", secret=secret)
        assert answer["accepted"] == accepted


@pytest.fixture
def platform_number(app: FastAPI, settings: Settings) -> Iterator[str]:
    """The platform's own WhatsApp number at Twilio, set while the test lasts."""
    number = f"+{uuid4().int % 10**12}"
    app.state.settings = settings.model_copy(update={"twilio_whatsapp_number": number})
    yield number
    app.state.settings = settings


async def test_the_platforms_number_is_offered_to_who_brings_none(
    connect: Connect, platform_number: str
) -> None:
    assert (await connect("whatsapp_twilio", address=None))["address"] == platform_number
    assert (await connect("whatsapp_twilio", address=None, status=409))["code"] == "address_unavailable"


@pytest.mark.parametrize("channel", ["whatsapp_twilio", "sms_twilio"])
async def test_without_a_number_to_offer_one_must_be_named(connect: Connect, channel: str) -> None:
    assert (await connect(channel, address=None, status=400))["code"] == "address_missing"
