"""Our WhatsApp provider and the stand-in know Meta's formats separately; here they must agree."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from channels.messages import InboundKind, OutboundMessage, ReceiptStatus
from channels.provider import SendOutcome, WebhookRequest
from channels.whatsapp.provider import WhatsApp
from simulator.whatsapp import limits
from tests.channels.outbound import ACCOUNT, MESSAGE_ID, messages
from tests.simulator.conftest import ADA, APP_SECRET, SELLER, StandIn

PROVIDER = WhatsApp()


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(messages())
def test_whatever_our_provider_builds_is_accepted(message: OutboundMessage) -> None:
    for request in PROVIDER.build(message, MESSAGE_ID, ADA, ACCOUNT):
        limits.check(json.loads(json.dumps(request.json_body)))


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
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
        ({"type": "reaction", "message": "wamid.x"}, InboundKind.REACTION),
        ({"type": "system"}, InboundKind.SYSTEM),
        ({"type": "unsupported"}, InboundKind.UNSUPPORTED),
        ({"type": "raw", "message": {"type": "hologram"}}, InboundKind.UNSUPPORTED),
    ],
)
async def test_what_a_phone_sends_is_verified_and_read_as_its_kind(
    stand_in: StandIn, facts: dict[str, Any], kind: InboundKind
) -> None:
    sent = await stand_in.write(**facts)
    [request] = stand_in.product.requests
    webhook = WebhookRequest(request.content, dict(request.headers), (str(request.url),))
    assert PROVIDER.verify(webhook, {"platform": APP_SECRET}) == "platform"
    parsed = PROVIDER.parse(webhook)
    [message] = parsed.messages
    assert (message.provider_message_id, message.account, message.sender) == (sent["id"], SELLER, ADA)
    assert message.kind is kind
    assert not parsed.quarantined


async def test_receipts_and_answers_are_read_for_what_they_are(stand_in: StandIn) -> None:
    [built] = PROVIDER.build(OutboundMessage("Hello"), MESSAGE_ID, ADA, ACCOUNT)
    assert built.json_body is not None
    answer = await stand_in.send(**built.json_body)
    result = PROVIDER.read(answer.status_code, dict(answer.headers), answer.content)
    assert result.outcome is SendOutcome.ACCEPTED
    await stand_in.product.received(2)
    receipts = [
        receipt
        for request in stand_in.product.requests
        for receipt in PROVIDER.parse(WebhookRequest(request.content, {}, ())).receipts
    ]
    assert [receipt.status for receipt in receipts] == [ReceiptStatus.SENT, ReceiptStatus.DELIVERED]
    assert {receipt.provider_message_id for receipt in receipts} == {result.provider_message_id}


ANSWERS = [
    (131056, SendOutcome.RETRY),
    (130429, SendOutcome.RETRY),
    (131000, SendOutcome.RETRY),
    (131026, SendOutcome.REFUSED),
]


@pytest.mark.parametrize(("code", "outcome"), ANSWERS)
async def test_an_ordered_error_is_read_as_what_it_calls_for(
    stand_in: StandIn, code: int, outcome: SendOutcome
) -> None:
    await stand_in.fault(kind="error", code=code)
    answer = await stand_in.send(type="text", text={"body": "x"})
    result = PROVIDER.read(answer.status_code, dict(answer.headers), answer.content)
    assert (result.outcome, result.error_code) == (outcome, str(code))
