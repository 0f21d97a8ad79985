"""Twilio's Messages resource: 201 with a sid, errors by code, signed callbacks, words it says itself."""

from typing import Any

import httpx
import pytest

from simulator.wire import twilio_signature
from tests.simulator.conftest import ADA, TWILIO_SID, TWILIO_TOKEN, StandIn

ADDRESS = f"/twilio/2010-04-01/Accounts/{TWILIO_SID}/Messages.json"
OWNER = (TWILIO_SID, TWILIO_TOKEN)
CALLBACK = "http://product.test/webhooks/sms_twilio/webhook"
SMS = {"To": f"+{ADA}", "From": "+2348030000011", "Body": "Hello"}
WHATSAPP = {"To": f"whatsapp:+{ADA}", "From": "whatsapp:+2348030000001", "Body": "Hello"}


async def send(stand_in: StandIn, form: dict[str, Any], auth: tuple[str, str] = OWNER) -> httpx.Response:
    return await stand_in.http.post(ADDRESS, data=form, auth=auth)


def forms(stand_in: StandIn) -> list[dict[str, str]]:
    return [dict(httpx.QueryParams(request.content.decode())) for request in stand_in.product.requests]


async def test_an_accepted_send_is_answered_queued_and_its_callbacks_are_signed(stand_in: StandIn) -> None:
    answer = await send(stand_in, {**SMS, "Body": "Ẹ káàárọ̀ " * 10, "StatusCallback": CALLBACK})
    body = answer.json()
    assert (answer.status_code, body["status"], body["direction"]) == (201, "queued", "outbound-api")
    assert (body["num_segments"], body["to"], body["account_sid"]) == ("2", f"+{ADA}", TWILIO_SID)
    await stand_in.product.received_forms(2)
    assert [form["MessageStatus"] for form in forms(stand_in)] == ["sent", "delivered"]
    for request, form in zip(stand_in.product.requests, forms(stand_in), strict=True):
        assert form["MessageSid"] == body["sid"]
        expected = twilio_signature(TWILIO_TOKEN, CALLBACK, form.items())
        assert request.headers["x-twilio-signature"] == expected


def test_the_signature_is_the_one_of_twilios_own_example() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert twilio_signature("12345", url, form.items()) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({**SMS, "To": ""}, 400, 21604),
        ({**SMS, "From": ""}, 400, 21603),
        ({**SMS, "Body": ""}, 400, 21602),
        ({**SMS, "Body": "a" * 1601}, 400, 21617),
        ({**SMS, "To": "ada"}, 400, 21211),
        ({**SMS, "From": "+2348039999999"}, 400, 21606),
        ({**SMS, "To": f"whatsapp:+{ADA}"}, 400, 21910),
        ({**WHATSAPP, "From": "whatsapp:+2348039999999"}, 400, 63007),
        ({**WHATSAPP, "To": "whatsapp:NG.stranger"}, 400, 63003),
        ({**SMS, "MediaUrl": "ftp://x.test/a"}, 400, 21620),
        ({**SMS, "StatusCallback": "nowhere"}, 400, 21609),
        ({**SMS, "ContentVariables": "{"}, 400, 21656),
    ],
)
async def test_what_twilio_would_refuse_is_refused_with_its_code(
    stand_in: StandIn, form: dict[str, str], status: int, code: int
) -> None:
    answer = await send(stand_in, form)
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert await stand_in.next(timeout=0) == []


async def test_the_longest_body_is_accepted_and_reaches_the_phone_whole(stand_in: StandIn) -> None:
    assert (await send(stand_in, {**SMS, "Body": "a" * 1600})).status_code == 201
    [message] = await stand_in.next(channel="sms_twilio")
    assert (len(message["text"]), message["parts"]) == (1600, 11)


@pytest.mark.parametrize("auth", [("", ""), (TWILIO_SID, "wrong"), ("AC1", TWILIO_TOKEN)])
async def test_who_is_not_the_owner_may_not_send(stand_in: StandIn, auth: tuple[str, str]) -> None:
    answer = await send(stand_in, SMS, auth)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


async def test_twilio_answers_stop_itself_and_takes_nothing_more_until_start(stand_in: StandIn) -> None:
    await stand_in.write(channel="sms_twilio", type="text", text=" stop ")
    [own] = await stand_in.next(channel="sms_twilio")
    assert "unsubscribed" in own["text"]
    refused = await send(stand_in, SMS)
    assert (refused.status_code, refused.json()["code"]) == (400, 21610)
    assert (await send(stand_in, WHATSAPP)).status_code == 201
    await stand_in.write(channel="sms_twilio", type="text", text="start")
    assert (await send(stand_in, SMS)).status_code == 201
    assert [form.get("OptOutType") for form in forms(stand_in) if "NumMedia" in form] == ["STOP", "START"]


async def test_a_word_within_a_sentence_stops_nothing(stand_in: StandIn) -> None:
    await stand_in.write(channel="sms_twilio", type="text", text="don't stop")
    await stand_in.write(channel="sms_twilio", type="text", text="yes")
    assert (await send(stand_in, SMS)).status_code == 201
    assert all("OptOutType" not in form for form in forms(stand_in))


@pytest.mark.parametrize(
    ("kind", "answer", "said"),
    [
        ("text/plain", "ok", ["ok"]),
        ("text/xml", "<Response/>", []),
        ("text/xml", "<Response><Message>Hi</Message></Response>", ["Hi"]),
    ],
)
async def test_words_in_the_answer_to_a_webhook_reach_the_shopper(
    stand_in: StandIn, kind: str, answer: str, said: list[str]
) -> None:
    stand_in.product.words = (kind, answer)
    await stand_in.write(channel="sms_twilio", type="text", text="Hi")
    assert [one["text"] for one in await stand_in.next(channel="sms_twilio", timeout=0)] == said


async def test_outside_the_window_whatsapp_fails_later_and_sms_does_not(stand_in: StandIn) -> None:
    for channel in ("whatsapp_twilio", "sms_twilio"):
        path = f"/control/phones/{ADA}/chats/100000000000001/window/close"
        await stand_in.http.post(path, params={"channel": channel})
    assert (await send(stand_in, {**WHATSAPP, "StatusCallback": CALLBACK})).status_code == 201
    await stand_in.product.received_forms(1)
    [form] = forms(stand_in)
    assert (form["MessageStatus"], form["ErrorCode"]) == ("failed", "63016")
    await send(stand_in, SMS)
    assert [one["text"] for one in await stand_in.next()] == ["Hello"]


async def test_numbered_lines_are_chosen_by_typing_their_number(stand_in: StandIn) -> None:
    await send(stand_in, {**SMS, "Body": "Which?\n1. Ankara fabric\n2. Palm oil 1 L\nReply with a number."})
    [message] = await stand_in.next(channel="sms_twilio")
    assert [(one["id"], one["title"]) for one in message["choices"]] == [
        ("1", "Ankara fabric"),
        ("2", "Palm oil 1 L"),
    ]
    await stand_in.write(channel="sms_twilio", type="tap", title="Palm oil 1 L")
    assert forms(stand_in)[-1]["Body"] == "2"


async def test_a_shoppers_picture_is_fetched_with_the_accounts_token_alone(stand_in: StandIn) -> None:
    await stand_in.write(channel="whatsapp_twilio", type="image", photo="my-gate", caption="my gate")
    [form] = forms(stand_in)
    assert (form["NumMedia"], form["Body"], form["MediaContentType0"]) == ("1", "my gate", "image/jpeg")
    assert (await stand_in.http.get(form["MediaUrl0"])).status_code == 401
    file = await stand_in.http.get(form["MediaUrl0"], auth=OWNER)
    assert file.headers["content-type"] == "image/jpeg"
