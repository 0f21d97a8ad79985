"""Who sent a webhook in Twilio's name."""

from __future__ import annotations

import hashlib

import pytest

from channels.provider import SignatureMissing, SignatureWrong, WebhookRequest
from channels.twilio import signing

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
BODY = b"CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212"
# The example of Twilio's "Webhooks security" page.
SIGNATURE = "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
SECRETS = {"platform": TOKEN, "4f1c": "another", "empty": ""}


def posted(body: bytes = BODY, signature: str = SIGNATURE, urls: tuple[str, ...] = (URL,)) -> WebhookRequest:
    return WebhookRequest(body, {"x-twilio-signature": signature}, urls)


def test_twilios_documented_example_is_accepted_by_its_secret() -> None:
    assert signing.verify(posted(), SECRETS) == "platform"
    assert signing.verify(posted(), {"other": "x", "own": TOKEN}) == "own"


def test_the_order_of_fields_and_a_repeated_one_do_not_matter() -> None:
    turned = b"&".join(reversed(BODY.split(b"&"))) + b"&Digits=1234"
    assert signing.verify(posted(turned), SECRETS) == "platform"


@pytest.mark.parametrize(
    "url",
    [
        "https://mycompany.com:443/myapp.php?foo=1&bar=2",
        "https://mycompany.com:8443/myapp.php?foo=1&bar=2",
    ],
)
def test_a_port_that_a_proxy_adds_does_not_matter(url: str) -> None:
    assert signing.verify(posted(urls=(url,)), SECRETS) == "platform"


def test_the_port_that_the_scheme_means_may_have_been_signed() -> None:
    signed = signing.sign("https://bot.example:443/x", [("a", "1")], TOKEN)
    assert signing.verify(posted(b"a=1", signed, ("https://bot.example/x",)), SECRETS) == "platform"


def test_any_of_our_addresses_may_have_been_signed() -> None:
    assert signing.verify(posted(urls=("http://127.0.0.1:5005/x", URL)), SECRETS) == "platform"


@pytest.mark.parametrize(
    "changed",
    [
        posted(BODY.replace(b"1234&", b"1235&")),
        posted(BODY + b"&More=1"),
        posted(BODY + b"&Digits=9"),
        posted(BODY.partition(b"&")[2]),
        posted(signature=SIGNATURE.lower()),
        posted(signature=SIGNATURE[:-2]),
        posted(urls=("https://mycompany.com/myapp.php?foo=1&bar=3",)),
        posted(urls=("http://mycompany.com/myapp.php?foo=1&bar=2",)),
        posted(urls=("https://mycompany.com:port/myapp.php",)),
        posted(urls=()),
        posted(b"a=1&" * 5000),
    ],
    ids=[
        *("value", "added", "twice", "left-out", "case", "cut", "query", "scheme", "odd-port"),
        *("nowhere", "many-fields"),
    ],
)
def test_what_was_tampered_with_is_refused(changed: WebhookRequest) -> None:
    with pytest.raises(SignatureWrong):
        signing.verify(changed, SECRETS)


def test_an_unsigned_request_is_told_so() -> None:
    with pytest.raises(SignatureMissing):
        signing.verify(WebhookRequest(BODY, {}, (URL,)), SECRETS)
    with pytest.raises(SignatureMissing):
        signing.verify(posted(signature=" "), SECRETS)


def test_an_empty_secret_signs_nothing() -> None:
    with pytest.raises(SignatureWrong):
        signing.verify(posted(signature=signing.sign(URL, [], "")), {"empty": ""})


def test_of_a_body_that_is_no_form_the_address_has_the_digest() -> None:
    body = b'{"CallSid":"CA1234567890ABCDE","Caller":"+12349013030"}'
    url = f"https://example.com/myapp?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signed = signing.sign(url, [], TOKEN)
    assert signing.verify(posted(body, signed, (url,)), SECRETS) == "platform"
    with pytest.raises(SignatureWrong):
        signing.verify(posted(body + b" ", signed, (url,)), SECRETS)


def test_bytes_that_are_not_utf_8_are_signed_as_they_are() -> None:
    body = b"Body=%ff%00caf%C3%A9"
    signed = signing.sign(URL, [("Body", "\udcff\x00café")], TOKEN)
    assert signing.verify(posted(body, signed), SECRETS) == "platform"
