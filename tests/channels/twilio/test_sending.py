"""What goes to Twilio, and to whom its credentials are shown."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from channels.messages import Card, Choice, Media, OutboundMessage, Template
from channels.provider import MediaGone, ProviderRequest, SenderAccount
from channels.sms_twilio.provider import SmsTwilio
from channels.whatsapp_twilio.provider import WhatsAppTwilio

SELLER = "+2348030000001"
BASIC = "Basic " + base64.b64encode(b"AC1:t0ken").decode()
ACCOUNT = SenderAccount(
    SELLER,
    "https://api.twilio.com",
    {"account_sid": "AC1", "auth_token": "t0ken"},
    callback_url="https://bot.example/webhooks/x/webhook",
)
PHOTO = "https://shop.example/a.jpg"


def whatsapp(
    message: OutboundMessage, to: str = "2348031112233", account: SenderAccount = ACCOUNT
) -> list[ProviderRequest]:
    return list(WhatsAppTwilio().build(message, "0" * 32, to, account))


def sms(
    message: OutboundMessage, account: SenderAccount = ACCOUNT, to: str = "+2348031112233"
) -> list[ProviderRequest]:
    return list(SmsTwilio().build(message, "0" * 32, to, account))


def test_a_text_message_is_one_form_in_the_accounts_name() -> None:
    (request,) = sms(OutboundMessage("Hello"))
    assert request.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
    assert request.headers["Authorization"] == BASIC
    assert request.form == {
        "From": SELLER,
        "To": "+2348031112233",
        "Body": "Hello",
        "StatusCallback": ACCOUNT.callback_url,
    }


def test_a_messaging_service_of_the_account_sends_for_it() -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "messaging_service_sid": "MG1"})
    (request,) = sms(OutboundMessage("Hello"), account)
    assert request.form
    assert request.form["MessagingServiceSid"] == "MG1"


@pytest.mark.parametrize(
    ("to", "account", "carried"),
    [("+12025550123", "+12025550100", True), ("+2348031112233", "+12025550100", False)],
)
def test_a_picture_travels_by_text_message_only_where_it_can(to: str, account: str, carried: bool) -> None:
    (request,) = sms(OutboundMessage("Look", image_url=PHOTO), replace(ACCOUNT, address=account), to)
    assert request.form
    assert request.form.get("MediaUrl") == ([PHOTO] if carried else None)


@pytest.mark.parametrize(
    ("to", "address"),
    [("2348031112233", "whatsapp:+2348031112233"), ("NG.1349120865", "whatsapp:NG.1349120865")],
)
def test_a_shopper_is_written_to_by_number_or_by_user_id(to: str, address: str) -> None:
    (request,) = whatsapp(OutboundMessage("Hello"), to)
    assert request.form
    assert (request.form["From"], request.form["To"]) == (f"whatsapp:{SELLER}", address)


def test_pictures_of_cards_follow_the_words() -> None:
    card = Card("Ankara", "N2,500", image_url=PHOTO, choices=(Choice("Add", "add_to_cart"),))
    requests = whatsapp(OutboundMessage("Look", cards=(card, replace(card, image_url=None))))
    assert [request.form and request.form.get("Body") for request in requests] == [
        "Look\n\nAnkara - N2,500\n1. Add\n\nAnkara - N2,500\n2. Add\n\nReply: 1-2",
        "Ankara",
    ]
    assert requests[1].form
    assert requests[1].form["MediaUrl"] == [PHOTO]


def test_a_template_is_sent_as_the_content_it_is() -> None:
    sid = "HX" + "0" * 32
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "content_order_ready": sid})
    for name in (sid, "order_ready"):
        template = Template(name, "en", ("MN-1", "Ada"))
        (request,) = whatsapp(OutboundMessage("Order MN-1 is ready, Ada", template=template), account=account)
        assert request.form
        assert request.form["ContentSid"] == sid
        assert json.loads(str(request.form["ContentVariables"])) == {"1": "MN-1", "2": "Ada"}
        assert "Body" not in request.form


def test_a_template_without_a_content_is_said_in_words() -> None:
    (request,) = whatsapp(OutboundMessage("Order ready", template=Template("other", "en")))
    assert request.form
    assert request.form["Body"] == "Order ready"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", True),
        ("https://mms.twilio.com/a", True),
        ("http://api.twilio.com/a", False),
        ("https://api.twilio.com.evil.example/a", False),
        ("https://twilio.com@evil.example/a", False),
        ("https://[", False),
    ],
)
def test_the_token_is_shown_to_twilio_alone(url: str, shown: bool) -> None:
    request = SmsTwilio().media_request(Media(url=url), ACCOUNT, None)
    assert (request.url, request.is_file) == (url, True)
    assert request.headers == ({"Authorization": BASIC} if shown else {})


def test_a_file_without_an_address_is_gone() -> None:
    with pytest.raises(MediaGone):
        WhatsAppTwilio().media_request(Media(provider_media_id="1"), ACCOUNT, None)
