"""What every registered provider must hold; its recorded webhooks are in ``payloads/<name>``."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import channels
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
from tests.channels.outbound import (
    MESSAGE_ID,
    SPEAKING,
    build,
    folded,
    messages,
    of_messages,
    readable,
    said,
    templates,
)
from tests.channels.recordings import RECORDED, URL, Recording, of_channel, posted, read

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
DAMAGE = [b"null", b"[", b"{}", b'""', b"1e309", b"NaN", b"-1", b"%00", b"%ff", b"&", b"="]
IDENTITY = MESSAGE_ID.replace("-", "") + "."

every_provider = pytest.mark.parametrize("provider", list(PROVIDERS.values()), ids=list(PROVIDERS))
every_speaker = pytest.mark.parametrize("provider", SPEAKING, ids=[one.name for one in SPEAKING])
every_recording = pytest.mark.parametrize(
    ("name", "path"), RECORDED, ids=[f"{name}-{path.stem}" for name, path in RECORDED]
)


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
def test_every_kind_the_provider_knows_has_been_recorded(provider: Provider) -> None:
    folder = Path(channels.__file__).parent / provider.name
    known = set(
        re.findall(r"InboundKind\.([A-Z]+)", "".join(one.read_text() for one in folder.rglob("*.py")))
    )
    recorded = {
        message["kind"] for held in of_channel(provider.name) for message in held.expected["messages"]
    }
    assert recorded >= {InboundKind[name].value for name in known}
    assert InboundKind.TEXT.value in recorded


@every_provider
def test_what_answers_in_the_webhook_itself_belongs_to_a_session(provider: Provider) -> None:
    sessions = [
        message
        for held in of_channel(provider.name)
        for message in held.expected["messages"]
        if message.get("session_id")
    ]
    assert provider in SPEAKING or sessions


@every_recording
def test_a_recorded_webhook_is_read_as_it_was_meant(name: str, path: Path) -> None:
    held = read(path)
    parsed = PROVIDERS[name].parse(held.request)
    assert len(parsed.messages) == len(held.expected["messages"])
    assert len(parsed.receipts) == len(held.expected["receipts"])
    assert len(parsed.quarantined) == held.expected["quarantined"]
    for message, wanted in zip(parsed.messages, held.expected["messages"], strict=True):
        assert_holds(json.loads(json.dumps(message.to_json())), wanted)
    for receipt, wanted in zip(parsed.receipts, held.expected["receipts"], strict=True):
        assert_holds(json.loads(json.dumps(receipt.to_json())), wanted)


@every_recording
def test_what_was_read_survives_storing(name: str, path: Path) -> None:
    parsed = PROVIDERS[name].parse(read(path).request)
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
    held = read(path)
    body = held.request.body
    at = data.draw(st.integers(0, len(body)))
    damage = data.draw(st.binary(max_size=8) | st.sampled_from(DAMAGE))
    assert_reads_or_refuses(PROVIDERS[name], held.with_body(body[:at] + damage + body[at + len(damage) :]))


@every_recording
@settings(max_examples=20)
@given(data=st.data())
def test_one_part_of_another_shape_never_does_worse_than_being_set_aside(
    name: str, path: Path, data: st.DataObject
) -> None:
    held = read(path)
    assert_reads_or_refuses(PROVIDERS[name], _reshaped(held, data))


def _reshaped(held: Recording, data: st.DataObject) -> WebhookRequest:
    """The recording with one value of its form, or one node of its JSON, drawn anew."""
    if held.form is not None:
        field = data.draw(st.sampled_from(sorted(held.form)))
        kept = {name: value for name, value in held.form.items() if name != field}
        drawn = data.draw(st.none() | st.text(max_size=40) | st.lists(st.text(max_size=9), max_size=3))
        return held.with_form(kept if drawn is None else {**kept, field: drawn})
    body = json.loads(held.request.body)
    holders = [node for node in nodes(body) if isinstance(node, (dict, list)) and node]
    holder = data.draw(st.sampled_from(holders))
    key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    holder[key] = data.draw(JSON)
    return held.with_body(json.dumps(body).encode())


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
        b"a=1&" * 50_000,
        b"%00=%00&%ff=%ff",
        b"From=&To=&MessageSid=&from=&to=&id=",
    ],
    ids=[
        *("empty", "list", "null", "brackets", "braces", "deep", "not-utf-8", "long-number"),
        *("many-fields", "odd-fields", "blank-fields"),
    ],
)
def test_a_hostile_body_is_refused(provider: Provider, body: bytes) -> None:
    with pytest.raises(ProviderError):
        provider.parse(posted(body))


@every_provider
@given(body=st.binary(max_size=300), header=st.text(max_size=90))
def test_no_signature_but_ours_is_accepted(provider: Provider, body: bytes, header: str) -> None:
    for name in ("x-hub-signature-256", "x-hub-signature", "x-twilio-signature"):
        request = WebhookRequest(body=body, headers={name: header}, urls=(URL,), path_key=header)
        with pytest.raises((SignatureMissing, SignatureWrong)):
            provider.verify(request, {"platform": "the-real-secret", "empty": ""})


@every_provider
def test_a_request_without_a_signature_is_told_so(provider: Provider) -> None:
    with pytest.raises(SignatureMissing):
        provider.verify(posted(b"{}"), {"platform": "secret"})


@every_speaker
@of_messages
@given(message=messages() | templates())
def test_building_twice_builds_the_same(provider: Provider, message: OutboundMessage) -> None:
    assert build(provider, message) == build(provider, message)


@every_speaker
@of_messages
@given(message=messages())
def test_every_choice_is_offered_once_to_a_tap_or_a_number(
    provider: Provider, message: OutboundMessage
) -> None:
    texts = said(build(provider, message))
    tapped = Counter(text for text in texts if text.startswith(IDENTITY))
    whole = "\n".join(texts)
    for place, choice in enumerate(message.all_choices):
        taps = tapped.pop(choice_id(MESSAGE_ID, place), 0)
        assert taps <= 1
        assert taps or is_numbered(whole, place + 1, choice.title)
    assert not tapped


def is_numbered(whole: str, number: int, title: str) -> bool:
    """Whether a line begins with the number, a full stop and the title, however the title is written."""
    wanted = folded(readable(title))
    lines = re.finditer(rf"(?m)^0?{number}\.(?:\s|$)", whole)
    return any(folded(whole[line.end() :][: 4 * len(title) + 200]).startswith(wanted) for line in lines)


@every_speaker
@of_messages
@given(message=messages())
def test_every_word_is_said(provider: Provider, message: OutboundMessage) -> None:
    whole = folded("".join(said(build(provider, message))))
    for text in words_of(message):
        for word in readable(text).split():
            assert folded(word) in whole


def words_of(message: OutboundMessage) -> list[str]:
    """Every text of a message that a shopper is to read."""
    links = [link.title for link in (message.link, message.pay) if link]
    shown = [(card.title, card.description) for card in message.cards]
    offered = [(choice.title, choice.description) for choice in message.all_choices]
    return [message.text, *links, *(text or "" for pair in (*shown, *offered) for text in pair)]


@every_speaker
@of_messages
@given(message=messages())
def test_every_address_is_given_as_it_is(provider: Provider, message: OutboundMessage) -> None:
    whole = "\n".join(said(build(provider, message)))
    for link in (message.link, message.pay):
        assert link is None or link.url in whole


@every_speaker
@of_messages
@given(message=templates())
def test_a_template_is_named_or_said(provider: Provider, message: OutboundMessage) -> None:
    texts = said(build(provider, message))
    assert message.template
    named = {message.template.name, message.template.language, *message.template.parameters} <= set(texts)
    whole = folded("".join(texts))
    assert named or all(folded(word) in whole for word in message.text.split())


@every_speaker
@of_messages
@given(message=messages() | templates())
def test_what_is_built_can_travel(provider: Provider, message: OutboundMessage) -> None:
    for request in build(provider, message):
        assert (request.json_body is None) != (request.form is None)
        json.dumps(asdict(request), ensure_ascii=False, allow_nan=False).encode()


@every_provider
@pytest.mark.parametrize("text", ["", "  \n", "\u200b\u2060", "\x00"])
def test_a_message_that_says_nothing_builds_nothing(provider: Provider, text: str) -> None:
    assert build(provider, OutboundMessage(text)) == ()


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


def nodes(node: Any) -> list[Any]:
    children = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    return [node, *(deeper for child in children for deeper in nodes(child))]


def assert_reads_or_refuses(provider: Provider, request: WebhookRequest) -> None:
    try:
        parsed = provider.parse(request)
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
