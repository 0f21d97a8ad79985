"""Our signatures and Twilio's own validator agree, whatever is posted wherever."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it ships no types

from channels.provider import SignatureWrong, WebhookRequest
from channels.twilio import signing

TOKEN = "12345"
THEIRS = RequestValidator(TOKEN)
NAMES = st.text(min_size=1, max_size=12)
FORMS = st.dictionaries(NAMES, st.lists(st.text(max_size=20), min_size=1, max_size=3), max_size=8)
URLS = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["bot.example", "10.0.0.1", "shop.example"]),
    st.sampled_from(["", ":443", ":80", ":8443"]),
    st.sampled_from(["", "/", "/webhooks/sms_twilio/webhook"]),
    st.sampled_from(["", "?a=1&b=%20", "?foo=bar"]),
)


class Posted(dict[str, list[str]]):
    """A form as web frameworks hand it to Twilio's validator."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def request(url: str, form: dict[str, list[str]], signature: str) -> WebhookRequest:
    body = urlencode(form, doseq=True).encode()
    return WebhookRequest(body, {"x-twilio-signature": signature}, ("https://elsewhere.example/", url))


@given(url=URLS, form=FORMS)
def test_what_twilio_signs_we_accept(url: str, form: dict[str, list[str]]) -> None:
    signature = THEIRS.compute_signature(url, Posted(form))
    assert signing.verify(request(url, form, signature), {"platform": TOKEN}) == "platform"


@given(url=URLS, form=FORMS)
def test_what_we_sign_twilio_accepts(url: str, form: dict[str, list[str]]) -> None:
    pairs = [(name, value) for name, values in form.items() for value in values]
    assert THEIRS.validate(url, Posted(form), signing.sign(url, pairs, TOKEN))


@given(url=URLS, other=URLS, form=FORMS, more=FORMS)
def test_we_refuse_what_twilio_refuses(
    url: str, other: str, form: dict[str, list[str]], more: dict[str, list[str]]
) -> None:
    signature = THEIRS.compute_signature(url, Posted(form))
    posted = request(other, more, signature)
    if THEIRS.validate(other, Posted(more), signature):
        assert signing.verify(posted, {"platform": TOKEN}) == "platform"
    else:
        with pytest.raises(SignatureWrong):
            signing.verify(posted, {"platform": TOKEN})
