"""Our providers and the stand-ins know the vendors' formats separately; here they must agree."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

from channels.instagram.provider import Instagram
from channels.messages import ConsentWord, InboundKind, OutboundMessage, ReceiptStatus
from channels.provider import (
    Provider,
    ProviderRequest,
    SenderAccount,
    SendOutcome,
    SignatureMissing,
    SignatureWrong,
    WebhookRequest,
)
from channels.sms_africastalking.provider import SmsAfricasTalking
from channels.sms_twilio.provider import SmsTwilio
from channels.whatsapp.provider import WhatsApp
from channels.whatsapp_twilio.provider import WhatsAppTwilio
from simulator.instagram import limits as instagram_limits
from simulator.parts import count_parts
from simulator.settings import SELLERS, Channel, Shopper
from simulator.twilio import limits as twilio_limits
from simulator.whatsapp import limits as whatsapp_limits
from tests.channels.outbound import MESSAGE_ID, messages
from tests.simulator.conftest import ADA, CREDENTIALS, SECRETS, SELLER, StandIn

PROVIDERS: dict[str, Provider] = {
    provider.name: provider
    for provider in (WhatsApp(), WhatsAppTwilio(), Instagram(), SmsTwilio(), SmsAfricasTalking())
}
ADDRESSES = {
    "whatsapp": ADA,
    "whatsapp_twilio": ADA,
    "instagram": Shopper("Ada", ADA).instagram_id(SELLERS[0].instagram_id),
    "sms_twilio": f"+{ADA}",
    "sms_africastalking": f"+{ADA}",
}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def account(channel: str) -> SenderAccount:
    """The first demo seller's account, at the stand-in."""
    provider = PROVIDERS[channel]
    line = next(line for line in SELLERS[0].lines if line.channel == channel)
    return SenderAccount(
        address=line.account,
        base_url=f"http://simulator.test/{provider.setup.vendor}",
        credentials=CREDENTIALS,
        api_version=provider.setup.api_version,
        callback_url=f"http://product.test/webhooks/{channel}/webhook",
    )


def check(channel: str, request: ProviderRequest) -> None:
    """Holds a request to the vendor's limits. Raises the vendor's refusal."""
    if channel == "whatsapp":
        whatsapp_limits.check(json.loads(json.dumps(request.json_body)))
    elif channel == "instagram":
        instagram_limits.check(json.loads(json.dumps(request.json_body)))
    elif channel == "sms_africastalking":
        assert count_parts(str((request.form or {})["message"])) <= 10
    else:
        twilio_limits.check(parse_qs(urlencode(request.form or {}, doseq=True), keep_blank_values=True))


@pytest.mark.parametrize("channel", PROVIDERS)
def test_whatever_our_provider_builds_is_accepted(channel: str) -> None:
    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(messages())
    def hold(message: OutboundMessage) -> None:
        built = PROVIDERS[channel].build(message, MESSAGE_ID, ADDRESSES[channel], account(channel))
        for request in built:
            check(channel, request)

    hold()


def webhook_of(channel: str, request: httpx.Request) -> WebhookRequest:
    """A request of the stand-in as the connector hands it to the provider."""
    keyed = str(request.url).split("/webhooks/")[1].split("/")
    headers = {name.lower(): value for name, value in request.headers.items()}
    key = keyed[1] if len(keyed) == 3 else None
    return WebhookRequest(request.content, headers, (str(request.url),), key, NOON)


ALIKE: dict[Channel, list[tuple[dict[str, Any], InboundKind]]] = {
    Channel.WHATSAPP: [
        ({"type": "text", "text": "Ẹ ṣé 🙏"}, InboundKind.TEXT),
        ({"type": "button_reply", "id": "x.1", "title": "Blue"}, InboundKind.CHOICE),
        ({"type": "list_reply", "id": "x.1", "title": "Blue"}, InboundKind.CHOICE),
        ({"type": "button", "payload": "x.1", "text": "Yes"}, InboundKind.CHOICE),
        ({"type": "location", "latitude": 6.5, "longitude": 3.4}, InboundKind.LOCATION),
        ({"type": "order", "items": [{"sku": "OIL-1L", "quantity": 2}]}, InboundKind.ORDER),
        ({"type": "image", "photo": "my-gate"}, InboundKind.IMAGE),
        ({"type": "video"}, InboundKind.VIDEO),
        ({"type": "audio"}, InboundKind.AUDIO),
        ({"type": "document", "filename": "a.pdf"}, InboundKind.DOCUMENT),
        ({"type": "sticker"}, InboundKind.STICKER),
        ({"type": "contacts", "name": "Bola", "phone": "+2348030000099"}, InboundKind.CONTACTS),
        ({"type": "share_phone"}, InboundKind.CONTACTS),
        ({"type": "reaction", "message": "wamid.x"}, InboundKind.REACTION),
        ({"type": "flow", "fields": {"size": "M"}}, InboundKind.FORM),
        ({"type": "edit", "message": "wamid.x", "text": "3 yards"}, InboundKind.EDIT),
        ({"type": "revoke", "message": "wamid.x"}, InboundKind.DELETION),
        ({"type": "text", "text": "Hi", "referral": {}}, InboundKind.TEXT),
        ({"type": "text", "text": "Hi", "product": "OIL-1L"}, InboundKind.TEXT),
        ({"type": "echo", "text": "I will call you"}, InboundKind.TEXT),
        ({"type": "standby", "text": "Hi"}, InboundKind.TEXT),
        ({"type": "system", "number": "2348031234599"}, InboundKind.SYSTEM),
        ({"type": "system", "user_id": "NG.abc123"}, InboundKind.SYSTEM),
        ({"type": "unsupported"}, InboundKind.UNSUPPORTED),
        ({"type": "raw", "message": {"type": "hologram"}}, InboundKind.UNSUPPORTED),
    ],
    Channel.INSTAGRAM: [
        ({"type": "text", "text": "Ẹ ṣé 🙏"}, InboundKind.TEXT),
        ({"type": "text", "text": "This one", "product": "123"}, InboundKind.TEXT),
        ({"type": "quick_reply", "id": "x.1", "title": "Blue"}, InboundKind.CHOICE),
        ({"type": "postback", "payload": "x.1", "title": "Blue"}, InboundKind.CHOICE),
        ({"type": "postback", "payload": "x", "title": "Hi", "ref": "flyer"}, InboundKind.CHOICE),
        ({"type": "referral", "ref": "flyer"}, InboundKind.REFERRAL),
        ({"type": "referral", "ad": "120226"}, InboundKind.REFERRAL),
        ({"type": "image", "photo": "my-gate"}, InboundKind.IMAGE),
        ({"type": "video"}, InboundKind.VIDEO),
        ({"type": "audio"}, InboundKind.AUDIO),
        ({"type": "document"}, InboundKind.DOCUMENT),
        ({"type": "story_reply", "text": "How much?"}, InboundKind.TEXT),
        ({"type": "story_mention"}, InboundKind.REFERRAL),
        ({"type": "share"}, InboundKind.REFERRAL),
        ({"type": "reaction", "message": "m_x"}, InboundKind.REACTION),
        ({"type": "edit", "message": "m_x", "text": "3 yards"}, InboundKind.EDIT),
        ({"type": "revoke", "message": "m_x"}, InboundKind.DELETION),
        ({"type": "echo", "text": "I will call you"}, InboundKind.TEXT),
        ({"type": "standby", "text": "Hi"}, InboundKind.TEXT),
        ({"type": "unsupported"}, InboundKind.UNSUPPORTED),
    ],
    Channel.WHATSAPP_TWILIO: [
        ({"type": "text", "text": "Ẹ ṣé 🙏"}, InboundKind.TEXT),
        ({"type": "text", "text": "Hi", "referral": {}}, InboundKind.TEXT),
        ({"type": "button", "payload": "x.1", "text": "Yes"}, InboundKind.CHOICE),
        ({"type": "location", "latitude": 6.5, "longitude": 3.4}, InboundKind.LOCATION),
        ({"type": "image", "photo": "my-gate"}, InboundKind.IMAGE),
        ({"type": "video"}, InboundKind.VIDEO),
        ({"type": "audio"}, InboundKind.AUDIO),
        ({"type": "document"}, InboundKind.DOCUMENT),
        ({"type": "sticker"}, InboundKind.STICKER),
        ({"type": "contacts", "name": "Bola", "phone": "+2348030000099"}, InboundKind.CONTACTS),
        ({"type": "unsupported"}, InboundKind.UNSUPPORTED),
    ],
    Channel.SMS_TWILIO: [
        ({"type": "text", "text": "Ẹ ṣé 🙏"}, InboundKind.TEXT),
        ({"type": "image", "photo": "my-gate"}, InboundKind.IMAGE),
    ],
    Channel.SMS_AFRICASTALKING: [({"type": "text", "text": "Ẹ ṣé 🙏"}, InboundKind.TEXT)],
}
SENT = [(channel, facts, kind) for channel, listed in ALIKE.items() for facts, kind in listed]


@pytest.mark.parametrize(("channel", "facts", "kind"), SENT, ids=str)
async def test_what_a_phone_sends_is_verified_and_read_as_its_kind(
    stand_in: StandIn, channel: Channel, facts: dict[str, Any], kind: InboundKind
) -> None:
    await stand_in.write(channel=channel, **facts)
    [request] = stand_in.product.requests
    webhook = webhook_of(channel, request)
    provider = PROVIDERS[channel]
    assert provider.verify(webhook, {"platform": SECRETS[channel]}) == "platform"
    parsed = provider.parse(webhook)
    [message] = parsed.messages
    assert not parsed.quarantined
    assert message.kind is kind
    assert message.account == account(channel).address
    assert ADDRESSES[channel] in (message.sender, *message.sender_ids)
    assert message.is_echo is (facts["type"] == "echo")
    assert message.is_standby is (facts["type"] == "standby")


@pytest.mark.parametrize("channel", ["whatsapp", "whatsapp_twilio"])
async def test_a_shopper_who_hides_the_number_is_read_and_answered_by_the_user_id(
    stand_in: StandIn, channel: str
) -> None:
    await stand_in.write(channel=channel, type="text", text="Hi", hide_number=True)
    provider = PROVIDERS[channel]
    [message] = provider.parse(webhook_of(channel, stand_in.product.requests[0])).messages
    assert message.sender.startswith("NG.")
    [built] = provider.build(OutboundMessage("Hello"), MESSAGE_ID, message.sender, account(channel))
    assert provider.read(*await send(stand_in, built)).outcome is SendOutcome.ACCEPTED
    assert [one["text"] for one in await stand_in.next(channel=channel)] == ["Hello"]


async def test_a_number_that_is_shared_and_one_that_changed_are_read(stand_in: StandIn) -> None:
    await stand_in.write(type="share_phone")
    await stand_in.write(type="system", number="2348031234599")
    shared, moved = (
        PROVIDERS["whatsapp"].parse(webhook_of("whatsapp", request)).messages[0]
        for request in stand_in.product.requests
    )
    assert shared.shared_phone == f"+{ADA}"
    assert moved.moved_to == "2348031234599"


async def test_stop_by_sms_is_told_and_obeyed_by_the_carrier_itself(stand_in: StandIn) -> None:
    provider = PROVIDERS["sms_twilio"]
    [built] = provider.build(OutboundMessage("Hello"), MESSAGE_ID, f"+{ADA}", account("sms_twilio"))
    await stand_in.write(channel="sms_twilio", type="text", text="Stop")
    [message] = provider.parse(webhook_of("sms_twilio", stand_in.product.requests[0])).messages
    assert message.consent is ConsentWord.STOP
    result = provider.read(*await send(stand_in, built))
    assert (result.outcome, result.error_code) == (SendOutcome.REFUSED, "21610")
    await stand_in.write(channel="sms_twilio", type="text", text="START")
    assert provider.read(*await send(stand_in, built)).outcome is SendOutcome.ACCEPTED


SPOILED = [
    ("unsigned", SignatureMissing),
    ("wrong_signature", SignatureWrong),
    ("reserialised", SignatureWrong),
]


@pytest.mark.parametrize("channel", PROVIDERS)
@pytest.mark.parametrize(("tamper", "fault"), SPOILED)
async def test_a_spoiled_webhook_is_refused(
    stand_in: StandIn, channel: str, tamper: str, fault: type[Exception]
) -> None:
    facts = {"seller": SELLER, "channel": channel, "type": "text", "text": "é", "tamper": tamper}
    answer = await stand_in.http.post(f"/control/phones/{ADA}/messages", json=facts)
    if channel == "sms_africastalking" and tamper == "reserialised":
        # Nothing is signed over, so there is nothing to spoil so.
        assert answer.status_code == 422
        return
    [request] = stand_in.product.requests
    with pytest.raises(fault):
        PROVIDERS[channel].verify(webhook_of(channel, request), {"platform": SECRETS[channel]})


async def send(stand_in: StandIn, built: ProviderRequest) -> tuple[int, dict[str, str], bytes]:
    """The stand-in's answer to a request of ours."""
    form = dict(built.form) if built.form is not None else None
    answer = await stand_in.http.request(
        built.method, built.url, headers=dict(built.headers), json=built.json_body, data=form
    )
    return answer.status_code, dict(answer.headers), answer.content


RECEIPTS = {
    "whatsapp": [ReceiptStatus.SENT, ReceiptStatus.DELIVERED, ReceiptStatus.READ],
    "whatsapp_twilio": [ReceiptStatus.SENT, ReceiptStatus.DELIVERED, ReceiptStatus.READ],
    "instagram": [ReceiptStatus.READ],
    "sms_twilio": [ReceiptStatus.SENT, ReceiptStatus.DELIVERED],
    "sms_africastalking": [ReceiptStatus.DELIVERED],
}


@pytest.mark.parametrize("channel", PROVIDERS)
async def test_receipts_and_answers_are_read_for_what_they_are(stand_in: StandIn, channel: str) -> None:
    provider = PROVIDERS[channel]
    [built] = provider.build(OutboundMessage("Hello"), MESSAGE_ID, ADDRESSES[channel], account(channel))
    result = provider.read(*await send(stand_in, built))
    assert result.outcome is SendOutcome.ACCEPTED
    assert [one["text"] for one in await stand_in.next(channel=channel)] == ["Hello"]
    told = len(RECEIPTS[channel]) - (ReceiptStatus.READ in RECEIPTS[channel])
    is_echoed = channel == "instagram"
    await stand_in.product.until(lambda product: len(product.requests) >= told + is_echoed)
    path = f"/control/phones/{ADA}/chats/{SELLER}/read"
    await stand_in.http.post(path, params={"channel": channel})
    expected = len(RECEIPTS[channel]) + is_echoed
    await stand_in.product.until(lambda product: len(product.requests) >= expected)
    parsed = [provider.parse(webhook_of(channel, request)) for request in stand_in.product.requests]
    receipts = [receipt for one in parsed for receipt in one.receipts]
    assert [receipt.status for receipt in receipts] == RECEIPTS[channel]
    assert {receipt.provider_message_id for receipt in receipts} == {result.provider_message_id}
    echoes = [message for one in parsed for message in one.messages]
    assert [(echo.is_echo, echo.provider_message_id) for echo in echoes] == [
        (True, result.provider_message_id)
    ] * is_echoed


ANSWERS = [
    ("whatsapp", 131056, SendOutcome.RETRY),
    ("whatsapp", 130429, SendOutcome.RETRY),
    ("whatsapp", 131000, SendOutcome.RETRY),
    ("whatsapp", 131026, SendOutcome.REFUSED),
    ("instagram", 613, SendOutcome.RETRY),
    ("instagram", 2, SendOutcome.RETRY),
    ("instagram", 551, SendOutcome.REFUSED),
    ("whatsapp_twilio", 20429, SendOutcome.RETRY),
    ("sms_twilio", 20500, SendOutcome.RETRY),
    ("sms_twilio", 21614, SendOutcome.REFUSED),
]


@pytest.mark.parametrize(("channel", "code", "outcome"), ANSWERS)
async def test_an_ordered_error_is_read_as_what_it_calls_for(
    stand_in: StandIn, channel: str, code: int, outcome: SendOutcome
) -> None:
    provider = PROVIDERS[channel]
    await stand_in.write(channel=channel, type="text", text="Hi")
    await stand_in.fault(kind="error", code=code, channel=channel)
    [built] = provider.build(OutboundMessage("x"), MESSAGE_ID, ADDRESSES[channel], account(channel))
    result = provider.read(*await send(stand_in, built))
    assert (result.outcome, result.error_code) == (outcome, str(code))


AFRICASTALKING = [
    ({"code": 406}, SendOutcome.REFUSED),
    ({"code": 500}, SendOutcome.RETRY),
    ({"code": 429, "status": 429}, SendOutcome.RETRY),
]


@pytest.mark.parametrize(("order", "outcome"), AFRICASTALKING)
async def test_africas_talkings_refusals_are_read_as_what_they_call_for(
    stand_in: StandIn, order: dict[str, Any], outcome: SendOutcome
) -> None:
    provider = PROVIDERS["sms_africastalking"]
    await stand_in.fault(kind="error", **order)
    [built] = provider.build(OutboundMessage("x"), MESSAGE_ID, f"+{ADA}", account("sms_africastalking"))
    assert provider.read(*await send(stand_in, built)).outcome is outcome
