"""Signatures and the handshake."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from channels.meta import signing
from channels.provider import SignatureMissing, SignatureWrong, WebhookRequest

BODY = '{"text": "ẹ káàárọ̀ 👋"}'.encode()
SECRETS = {"platform": "the platform's", "account": "the seller's"}
HEX = hmac.new(b"the seller's", BODY, hashlib.sha256).hexdigest()


def request(header: str, body: bytes = BODY) -> WebhookRequest:
    return WebhookRequest(body, {"x-hub-signature-256": header}, ("https://bot.example/webhook",))


def test_the_secret_that_signed_is_named() -> None:
    assert signing.verify(request(f"sha256={HEX}"), SECRETS) == "account"


@pytest.mark.parametrize("header", ["", "   "])
def test_an_empty_signature_is_a_missing_one(header: str) -> None:
    with pytest.raises(SignatureMissing):
        signing.verify(request(header), SECRETS)


@pytest.mark.parametrize(
    "header",
    [
        HEX,
        f"sha256={HEX.upper()}",
        f"SHA256={HEX}",
        f"sha256={HEX[:-1]}",
        f"sha256={HEX}0",
        f"sha256={HEX},sha256={HEX}",
        "sha256=" + "é" * 64,
        "sha1=" + hmac.new(b"the seller's", BODY, hashlib.sha1).hexdigest(),
        "sha256=" + hmac.new(b"another", BODY, hashlib.sha256).hexdigest(),
    ],
    ids=["bare", "upper", "SHA256", "short", "long", "two", "letters", "sha1", "another secret"],
)
def test_any_other_form_is_wrong(header: str) -> None:
    with pytest.raises(SignatureWrong):
        signing.verify(request(header), SECRETS)


def test_one_changed_byte_is_wrong() -> None:
    with pytest.raises(SignatureWrong):
        signing.verify(request(f"sha256={HEX}", BODY + b" "), SECRETS)


def test_an_empty_secret_never_fits() -> None:
    unsigned = hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    with pytest.raises(SignatureWrong):
        signing.verify(request(f"sha256={unsigned}"), {"platform": ""})


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "ours", "hub.challenge": "42"}, "42"),
        ({"hub.mode": "subscribe", "hub.verify_token": "theirs", "hub.challenge": "42"}, None),
        ({"hub.mode": "unsubscribe", "hub.verify_token": "ours", "hub.challenge": "42"}, None),
        ({"hub.mode": "subscribe", "hub.challenge": "42"}, None),
        ({"hub.mode": "subscribe", "hub.verify_token": "ours"}, None),
        ({"hub.mode": "subscribe", "hub.verify_token": "ou\udcffrs", "hub.challenge": "42"}, None),
        ({}, None),
    ],
)
def test_the_handshake_wants_our_token(query: dict[str, str], answer: str | None) -> None:
    assert signing.challenge(query, "ours") == answer


def test_without_a_token_of_ours_no_handshake_succeeds() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "42"}
    assert signing.challenge(query, "") is None
