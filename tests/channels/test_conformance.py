"""What every registered provider must hold; its recorded webhooks are in ``payloads/<name>``."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.messages import InboundKind, InboundMessage, OutboundMessage, Receipt, choice_id
from channels.provider import (
    Provider,
    ProviderError,
    SendOutcome,
    SendResult,
    SignatureMissing,
    SignatureWrong,
    WebhookRequest,
)
from channels.registry import PROVIDERS
from tests.channels.outbound import ACCOUNT, MESSAGE_ID, messages, strings

PAYLOADS = Path(__file__).parent / "payloads"
RECORDED = [(name, path) for name in PROVIDERS for path in sorted((PAYLOADS / name).glob("*.json"))]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)

every_provider = pytest.mark.parametrize("provider", list(PROVIDERS.values()), ids=list(PROVIDERS))
every_recording = pytest.mark.parametrize(
    ("name", "path"), RECORDED, ids=[f"{name}-{path.stem}" for name, path in RECORDED]
)


def recording(path: Path) -> tuple[dict[str, Any], bytes]:
    held = json.loads(path.read_text(encoding="utf-8"))
    return held["expected"], json.dumps(held["body"], ensure_ascii=False).encode()


def assert_holds(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every part that is expected is there; a recording need not tell of what came later."""
    assert {name: _told(found[name], expected[name]) for name in expected} == expected


def _told(found: Any, expected: Any) -> Any:
    if not (isinstance(found, dict) and isinstance(expected, dict)):
        return found
    return {name: _told(found[name], expected[name]) for name in expected if name in found}


@every_provider
def test_a_provider_is_registered_under_its_own_name(provider: Provider) -> None:
    assert PROVIDERS[provider.name] is provider


@every_provider
def test_every_kind_a_shopper_can_send_has_been_recorded(provider: Provider) -> None:
    kinds = {
        message["kind"]
        for name, path in RECORDED
        if name == provider.name
        for message in recording(path)[0]["messages"]
    }
    assert kinds >= {kind.value for kind in InboundKind} - {"event", "form", "referral", "edit", "deletion"}


@every_recording
def test_a_recorded_webhook_is_read_as_it_was_meant(name: str, path: Path) -> None:
    expected, body = recording(path)
    parsed = PROVIDERS[name].parse(posted(body))
    assert len(parsed.messages) == len(expected["messages"])
    assert len(parsed.receipts) == len(expected["receipts"])
    assert len(parsed.quarantined) == expected["quarantined"]
    for message, wanted in zip(parsed.messages, expected["messages"], strict=True):
        assert_holds(json.loads(json.dumps(message.to_json())), wanted)
    for receipt, wanted in zip(parsed.receipts, expected["receipts"], strict=True):
        assert_holds(json.loads(json.dumps(receipt.to_json())), wanted)


@every_recording
def test_what_was_read_survives_storing(name: str, path: Path) -> None:
    parsed = PROVIDERS[name].parse(posted(recording(path)[1]))
    for message in parsed.messages:
        assert InboundMessage.from_json(json.loads(json.dumps(message.to_json(), allow_nan=False))) == message
    for receipt in parsed.receipts:
        assert Receipt.from_json(json.loads(json.dumps(receipt.to_json(), allow_nan=False))) == receipt


@every_recording
@settings(max_examples=20)
@given(data=st.data())
def test_a_damaged_webhook_never_does_worse_than_being_refused(
    name: str, path: Path, data: st.DataObject
) -> None:
    body = recording(path)[1]
    at = data.draw(st.integers(0, len(body)))
    damage = data.draw(
        st.binary(max_size=8) | st.sampled_from([b"null", b"[", b"{}", b'""', b"1e309", b"NaN", b"-1"])
    )
    assert_reads_or_refuses(PROVIDERS[name], body[:at] + damage + body[at + len(damage) :])


@every_recording
@settings(max_examples=20)
@given(data=st.data())
def test_one_part_of_another_shape_never_does_worse_than_being_set_aside(
    name: str, path: Path, data: st.DataObject
) -> None:
    body = json.loads(recording(path)[1])
    holders = [node for node in nodes(body) if isinstance(node, (dict, list)) and node]
    holder = data.draw(st.sampled_from(holders))
    key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    holder[key] = data.draw(JSON)
    assert_reads_or_refuses(PROVIDERS[name], json.dumps(body).encode())


@every_provider
@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_alien_bytes_are_refused(provider: Provider, body: bytes) -> None:
    with pytest.raises(ProviderError):
        provider.parse(posted(body))


@every_provider
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":' * 70 + b"1" + b"}" * 70,
        b"\xff\xfe",
        b"9" * 5000,
    ],
    ids=["empty", "list", "null", "brackets", "braces", "deep", "not-utf-8", "long-number"],
)
def test_a_hostile_body_is_refused(provider: Provider, body: bytes) -> None:
    with pytest.raises(ProviderError):
        provider.parse(posted(body))


@every_provider
@given(body=st.binary(max_size=300), header=st.text(max_size=90))
def test_no_signature_but_ours_is_accepted(provider: Provider, body: bytes, header: str) -> None:
    for name in ("x-hub-signature-256", "x-hub-signature", "x-twilio-signature"):
        request = WebhookRequest(body=body, headers={name: header}, urls=("https://bot.example/webhook",))
        with pytest.raises((SignatureMissing, SignatureWrong)):
            provider.verify(request, {"platform": "secret", "empty": ""})


@every_provider
def test_a_request_without_a_signature_is_told_so(provider: Provider) -> None:
    with pytest.raises(SignatureMissing):
        provider.verify(WebhookRequest(b"{}", {}, ("https://bot.example/webhook",)), {"platform": "secret"})


@every_provider
@given(message=messages())
def test_building_twice_builds_the_same(provider: Provider, message: OutboundMessage) -> None:
    first = provider.build(message, MESSAGE_ID, "2348031112233", ACCOUNT)
    assert first == provider.build(message, MESSAGE_ID, "2348031112233", ACCOUNT)


@every_provider
@given(message=messages())
def test_every_choice_is_offered_exactly_once_and_in_order(
    provider: Provider, message: OutboundMessage
) -> None:
    offered = [text for text in said(provider, message) if text.startswith(MESSAGE_ID.replace("-", "") + ".")]
    assert offered == [choice_id(MESSAGE_ID, place) for place in range(len(message.choices))]


@every_provider
@given(message=messages())
def test_every_word_is_said(provider: Provider, message: OutboundMessage) -> None:
    whole = "".join("".join(said(provider, message)).split())
    titles = [choice.title for choice in message.choices]
    descriptions = [choice.description or "" for choice in message.choices]
    for text in (message.text, message.link.title if message.link else "", *titles, *descriptions):
        for word in readable(text).split():
            assert word in whole


@every_provider
@given(message=messages())
def test_what_is_built_can_travel(provider: Provider, message: OutboundMessage) -> None:
    for request in provider.build(message, MESSAGE_ID, "2348031112233", ACCOUNT):
        assert (request.json_body is None) != (request.form is None)
        json.dumps(asdict(request), ensure_ascii=False, allow_nan=False).encode()


@every_provider
@pytest.mark.parametrize("text", ["", "  \n", "\u200b\u2060", "\x00"])
def test_a_message_that_says_nothing_builds_nothing(provider: Provider, text: str) -> None:
    assert provider.build(OutboundMessage(text), MESSAGE_ID, "2348031112233", ACCOUNT) == ()


@every_provider
@given(
    status=st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 599]),
    headers=st.dictionaries(st.sampled_from(["Retry-After", "date", "Content-Type"]), st.text(max_size=40)),
    body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps({"error": value}).encode()),
)
def test_any_answer_can_be_read(
    provider: Provider, status: int, headers: dict[str, str], body: bytes
) -> None:
    result = provider.read(status, headers, body)
    assert isinstance(result, SendResult)
    assert result.outcome is not SendOutcome.ACCEPTED or result.provider_message_id
    assert result.retry_after is None or 0 <= result.retry_after <= 86_400
    if status >= 500 and not body:
        assert result.outcome is SendOutcome.RETRY


def said(provider: Provider, message: OutboundMessage) -> list[str]:
    requests = provider.build(message, MESSAGE_ID, "2348031112233", ACCOUNT)
    return [text for request in requests for text in strings(request.json_body or request.form)]


def readable(text: str) -> str:
    """The text less what can't be sent; empty when nothing of it can be seen."""
    if all(letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf") for letter in text):
        return ""
    return text.replace("\x00", "")


def nodes(node: Any) -> list[Any]:
    children = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    return [node, *(deeper for child in children for deeper in nodes(child))]


def assert_reads_or_refuses(provider: Provider, body: bytes) -> None:
    try:
        parsed = provider.parse(posted(body))
    except ProviderError:
        return
    read = [*(message.to_json() for message in parsed.messages), *(one.to_json() for one in parsed.receipts)]
    for part in read:
        stored = json.dumps(part, ensure_ascii=False, allow_nan=False)
        stored.encode()
        assert "\\u0000" not in stored
    for raw, reason in parsed.quarantined:
        assert reason
        json.dumps(raw, ensure_ascii=False, allow_nan=False).encode()


def posted(body: bytes) -> WebhookRequest:
    return WebhookRequest(body, {}, ("https://bot.example/webhook",))
