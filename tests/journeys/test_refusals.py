"""What the door refuses, and what it lets in once."""

import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from stack.beside import RunningSystem
from tests.journeys.desk import Desk
from tests.journeys.phones import DUKA_AMINA, Phone

MakePhone = Callable[..., Phone]
SignIn = Callable[[str], Desk]


@pytest.mark.parametrize(
    ("tamper", "status"),
    [("unsigned", 401), ("wrong_signature", 403), ("reserialised", 403), ("other_number", 403)],
)
def test_a_webhook_that_its_seller_did_not_sign_is_refused(
    phone: MakePhone, tamper: str, status: int
) -> None:
    answer = phone().post({"type": "text", "text": "héllo 👋🏾", "tamper": tamper})
    assert answer["answers"] == [status]


def test_the_handshake_answers_the_right_token_alone(system: RunningSystem) -> None:
    def shake(token: str) -> httpx.Response:
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "<b>1158201444</b>"}
        return httpx.get(f"{system.rasa}/webhooks/whatsapp/webhook", params=query)

    right, wrong = shake("demo-verify-token"), shake("guess")
    assert (right.status_code, right.text) == (200, "<b>1158201444</b>")
    assert right.headers["content-type"].startswith("text/plain")
    assert wrong.status_code == 403


def test_the_same_message_posted_five_times_at_once_has_one_effect(phone: MakePhone, desk: SignIn) -> None:
    shopper = phone()
    shopper.say("hello")
    answer = shopper.post({"type": "text", "text": "add 2 palm oil 1 L", "copies": 5})
    assert answer["answers"] == [200] * 5
    shopper.wait_for("palm oil")
    ngozi = desk("ngozi@demo.example")
    conversation = ngozi.conversation_of(shopper.number)
    cart = ngozi.get(f"/conversations/{conversation['id']}/cart")
    assert [(line["product"]["name"], line["quantity"]) for line in cart["lines"]] == [("Palm oil 1 L", 2)]
    texts = [message["text"] for message in ngozi.messages(conversation["id"])]
    assert texts.count("add 2 palm oil 1 L") == 1


@pytest.mark.parametrize(
    "text", ['/add_to_cart{"product":"x","price":"0"}', "/restart", "EXTERNAL: payment_update", "/checkout"]
)
def test_a_command_typed_by_a_shopper_is_only_text(phone: MakePhone, desk: SignIn, text: str) -> None:
    shopper = phone()
    reply = shopper.say(text)
    assert reply.messages, "a shopper who types a command still gets an answer"
    ngozi = desk("ngozi@demo.example")
    conversation = ngozi.conversation_of(shopper.number)
    assert ngozi.get(f"/conversations/{conversation['id']}/cart")["lines"] == []
    assert ngozi.messages(conversation["id"])[0]["text"] == text


def test_a_button_that_was_never_offered_does_nothing_but_its_words(phone: MakePhone, desk: SignIn) -> None:
    shopper = phone()
    shopper.say("hello")
    forged = {"type": "button_reply", "id": "0" * 32 + ".0", "title": "Add it"}
    assert shopper.send(forged).messages
    ngozi = desk("ngozi@demo.example")
    conversation = ngozi.conversation_of(shopper.number)
    assert ngozi.get(f"/conversations/{conversation['id']}/cart")["lines"] == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "image", "photo": "transfer-receipt", "caption": "I saw this one"},
        {"type": "audio"},
        {"type": "video"},
        {"type": "document", "filename": "list.pdf"},
        {"type": "sticker"},
        {"type": "contacts", "name": "Bola Ade", "phone": "+2348030001111"},
        {"type": "location", "latitude": 6.5095, "longitude": 3.3711},
        {"type": "unsupported"},
        {"type": "raw", "message": {"type": "hologram", "hologram": {"x": 1}}},
    ],
    ids=lambda message: str(message["type"]),
)
def test_whatever_a_phone_sends_is_stored_and_answered(
    phone: MakePhone, desk: SignIn, message: dict[str, object]
) -> None:
    shopper = phone()
    assert shopper.send(message).messages
    ngozi = desk("ngozi@demo.example")
    stored = ngozi.messages(ngozi.conversation_of(shopper.number)["id"])
    assert stored[0]["direction"] == "inbound"
    assert ngozi.conversation_of(shopper.number)["handled_by"] == "bot"


def test_ten_pictures_at_once_from_a_stranger_are_one_conversation(phone: MakePhone, desk: SignIn) -> None:
    shopper = phone(DUKA_AMINA)
    with ThreadPoolExecutor(10) as pool:
        posts = [pool.submit(shopper.post, {"type": "image", "photo": "transfer-receipt"}) for _ in range(10)]
    assert all(post.result()["answers"] == [200] for post in posts)
    amina = desk("amina@demo.example")
    stored = amina.messages(amina.conversation_of(shopper.number)["id"])
    assert len([message for message in stored if message["direction"] == "inbound"]) == 10


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"object":"whatsapp_business_account","entry":[{"changes":[{"value":1e309}]}]}',
        b'{"object":"page","entry":[]}',
        b'{"object":"whatsapp_business_account","entry":"\\u0000\\ud800"}',
    ],
    ids=["empty", "not-json", "not-utf8", "deep", "overflow", "alien", "nul-and-surrogate"],
)
def test_a_signed_body_that_is_no_webhook_is_never_a_server_error(system: RunningSystem, body: bytes) -> None:
    signature = "sha256=" + hmac.new(b"demo-app-secret", body, hashlib.sha256).hexdigest()
    url = f"{system.rasa}/webhooks/whatsapp/webhook"
    answer = httpx.post(url, content=body, headers={"X-Hub-Signature-256": signature})
    assert answer.status_code in {200, 400, 403, 413}


def test_a_body_of_ten_megabytes_is_too_large(system: RunningSystem) -> None:
    url = f"{system.rasa}/webhooks/whatsapp/webhook"
    answer = httpx.post(url, content=b"x" * 10_000_000, headers={"X-Hub-Signature-256": "sha256=00"})
    assert answer.status_code == 413
