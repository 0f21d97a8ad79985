"""Africa's Talking's SMS: an answer with a line for each recipient, keyed callbacks, no second try."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import ADA, CALLBACK_KEY, StandIn

ADDRESS = "/africastalking/version1/messaging"
KEY = {"apiKey": "a-key", "Accept": "application/json"}
FORM = {"username": "shop", "to": f"+{ADA}", "from": "+2348030000011", "message": "Hello"}


async def send(stand_in: StandIn, headers: Mapping[str, str] = KEY, **changed: Any) -> httpx.Response:
    return await stand_in.http.post(ADDRESS, data={**FORM, **changed}, headers=headers)


def forms(stand_in: StandIn) -> list[dict[str, str]]:
    return [dict(httpx.QueryParams(request.content.decode())) for request in stand_in.product.requests]


async def test_an_accepted_send_is_answered_with_a_price_and_reported_once(stand_in: StandIn) -> None:
    answer = await send(stand_in, message="a" * 161)
    data = answer.json()["SMSMessageData"]
    [recipient] = data["Recipients"]
    assert answer.status_code == 201
    assert data["Message"] == "Sent to 1/1 Total Cost: NGN 4.4000"
    assert (recipient["statusCode"], recipient["number"], recipient["messageParts"]) == (101, f"+{ADA}", 2)
    await stand_in.product.received_forms(1)
    [report] = forms(stand_in)
    assert (report["id"], report["status"]) == (recipient["messageId"], "Success")
    url = str(stand_in.product.requests[0].url)
    assert url == f"http://product.test/webhooks/sms_africastalking/{CALLBACK_KEY}/webhook"


async def test_each_recipient_has_a_line_of_its_own(stand_in: StandIn) -> None:
    data = (await send(stand_in, to=f"+{ADA},ada,+254701234503")).json()["SMSMessageData"]
    assert [one["statusCode"] for one in data["Recipients"]] == [101, 403, 101]
    assert data["Message"].startswith("Sent to 2/3 ")


@pytest.mark.parametrize(
    ("headers", "changed"), [({}, {}), ({"apiKey": "wrong"}, {}), (KEY, {"username": "another"})]
)
async def test_who_may_not_send_is_told_so(
    stand_in: StandIn, headers: dict[str, str], changed: dict[str, str]
) -> None:
    answer = await send(stand_in, headers, **changed)
    assert (answer.status_code, answer.text) == (401, "The supplied authentication is invalid")


async def test_a_sender_nobody_registered_is_refused(stand_in: StandIn) -> None:
    data = (await send(stand_in, KEY, **{"from": "+2340000000000"})).json()["SMSMessageData"]
    assert (data["Message"], data["Recipients"]) == ("InvalidSenderId", [])


async def test_who_opted_out_at_the_network_is_on_the_blacklist(stand_in: StandIn) -> None:
    await stand_in.write(channel="sms_africastalking", type="opt_out")
    assert forms(stand_in) == [{"senderId": "+2348030000011", "phoneNumber": f"+{ADA}"}]
    [recipient] = (await send(stand_in)).json()["SMSMessageData"]["Recipients"]
    assert (recipient["statusCode"], recipient["status"]) == (406, "UserInBlacklist")


async def test_a_shoppers_text_comes_to_the_keyed_address_and_only_once(stand_in: StandIn) -> None:
    stand_in.product.answers = [503]
    facts = {"type": "text", "text": "Nataka mchele", "posted": "until_accepted"}
    await stand_in.write(channel="sms_africastalking", **facts)
    [form] = forms(stand_in)
    assert (form["from"], form["to"], form["text"]) == (f"+{ADA}", "+2348030000011", "Nataka mchele")
    assert CALLBACK_KEY in str(stand_in.product.requests[0].url)
