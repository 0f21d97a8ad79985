"""What the webhook answers a provider, on a real Rasa server."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from channels.meta.signing import sign
from commerce_client.client import TRIES
from tests.channels.connector.conftest import APP_SECRET, VERIFY_TOKEN, Bot, webhook
from tests.channels.connector.stand_in import OWN_ACCOUNT, OWN_ACCOUNT_ID, OWN_SECRET, StandIn

WAIT = 15


def test_the_handshake_is_answered_with_the_challenge_alone(bot: Bot, api: StandIn) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "<b>1158201444</b>"}
    answer = bot.http.get(bot.url, params=query)
    assert (answer.status_code, answer.text) == (200, "<b>1158201444</b>")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "wrong", [{"hub.verify_token": "guess"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": ""}]
)
def test_a_handshake_without_our_token_is_refused(bot: Bot, api: StandIn, wrong: dict[str, str]) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1", **wrong}
    assert bot.http.get(bot.url, params=query).status_code == 403


def test_a_missing_signature_is_401_and_nothing_is_stored(bot: Bot, api: StandIn, sender: str) -> None:
    body = json.dumps(webhook({"type": "text", "text": {"body": "hello"}}, sender=sender))
    assert bot.http.post(bot.url, content=body).status_code == 401
    assert api.inbound == []


def test_a_wrong_signature_is_403_and_nothing_is_stored(bot: Bot, api: StandIn, sender: str) -> None:
    body = webhook({"type": "text", "text": {"body": "hello"}}, sender=sender)
    assert bot.post(body, secret="another").status_code == 403
    assert api.inbound == []


def test_a_signature_over_the_reserialised_body_is_403(bot: Bot, api: StandIn, sender: str) -> None:
    body = webhook({"type": "text", "text": {"body": "ẹ káàárọ̀ 👋"}}, sender=sender)
    sent = json.dumps(body, ensure_ascii=False, indent=1).encode()
    signed = bot.post(body)
    assert signed.status_code == 200
    header = signed.request.headers["X-Hub-Signature-256"]
    assert bot.http.post(bot.url, content=sent, headers={"X-Hub-Signature-256": header}).status_code == 403


def test_a_forger_cannot_make_us_ask_for_the_accounts_secrets_each_time(
    bot: Bot, api: StandIn, sender: str
) -> None:
    for _ in range(5):
        bot.post(webhook({"type": "text", "text": {"body": "x"}}, sender=sender), secret="forged")
    assert api.secret_reads <= 1


def test_a_seller_may_sign_with_a_secret_of_their_own(bot: Bot, api: StandIn, sender: str) -> None:
    body = webhook({"type": "text", "text": {"body": "hello"}}, sender=sender, account=OWN_ACCOUNT)
    assert bot.post(body, secret=OWN_SECRET).status_code == 200
    assert api.inbound[0]["secret"] == OWN_ACCOUNT_ID
    assert api.finished.get(timeout=WAIT).texts == ["Hello!"]


def test_a_sellers_secret_does_not_open_another_sellers_number(bot: Bot, api: StandIn, sender: str) -> None:
    body = webhook({"type": "text", "text": {"body": "hello"}}, sender=sender)
    assert bot.post(body, secret=OWN_SECRET).status_code == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"not json", b"[1, 2]", b'{"object": "page", "entry": []}', b"\xff\xfe\x00", b"[" * 200_000],
    ids=["empty", "object", "text", "list", "another product", "not utf-8", "deep"],
)
def test_a_signed_body_that_is_not_metas_is_400(bot: Bot, api: StandIn, body: bytes) -> None:
    assert bot.post(body).status_code == 400
    assert api.inbound == []


def test_what_the_api_finds_malformed_is_400(bot: Bot, api: StandIn, sender: str) -> None:
    api.refusal = (422, "malformed_request")
    assert bot.say("hello", sender=sender).status_code == 400


@pytest.mark.parametrize("refusal", [(401, "unauthorized"), (403, "forbidden"), (409, "conflict")])
def test_what_the_api_refuses_for_no_fault_of_the_providers_is_503(
    bot: Bot, api: StandIn, sender: str, refusal: tuple[int, str]
) -> None:
    api.refusal = refusal
    assert bot.say("hello", sender=sender).status_code == 503


def test_a_body_announced_as_too_large_is_413_before_it_is_sent(bot: Bot, api: StandIn) -> None:
    head = "POST /webhooks/whatsapp/webhook HTTP/1.1\r\nHost: bot\r\nContent-Length: 10000000\r\n\r\n"
    assert b" 413 " in exchange(bot, head.encode())


def test_a_chunked_body_is_413_once_it_is_too_large(bot: Bot, api: StandIn) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(4):
            yield b"x" * 1024 * 1024

    answer = bot.http.post(bot.url, content=pieces(), headers={"X-Hub-Signature-256": "sha256=0"})
    assert answer.status_code == 413


def test_three_megabytes_are_taken(bot: Bot, api: StandIn, sender: str) -> None:
    body = webhook({"type": "text", "text": {"body": "hello"}}, sender=sender)
    padded = json.dumps(body).encode() + b" " * (3 * 1024 * 1024 - 1000)
    assert bot.post(padded).status_code == 200


def test_an_api_that_is_down_is_503_quickly_and_the_repeat_is_taken(
    bot: Bot, api: StandIn, sender: str
) -> None:
    body = webhook({"type": "text", "text": {"body": "hello"}}, sender=sender)
    api.is_down = True
    began = time.monotonic()
    assert bot.post(body).status_code == 503
    assert time.monotonic() - began < 3
    api.is_down = False
    assert bot.post(body).status_code == 200
    assert api.finished.get(timeout=WAIT).texts == ["Hello!"]


def test_what_comes_but_once_waits_for_an_api_that_is_away_for_a_moment(
    bot: Bot, api: StandIn, sender: str
) -> None:
    api.is_down = True
    with ThreadPoolExecutor() as pool:
        posting = pool.submit(bot.text, "hello", sender=f"+{sender}")
        for _ in range(TRIES + 1):  # one more than a call makes by itself
            api.turned_away.get(timeout=WAIT)
        api.is_down = False
        assert posting.result().status_code == 200
    assert api.finished.get(timeout=WAIT).texts == ["Hello!"]


def test_nul_and_half_a_surrogate_pair_are_taken(bot: Bot, api: StandIn, sender: str) -> None:
    body = webhook({"type": "text", "text": {"body": "hello \x00 \ud83d"}}, sender=sender)
    assert bot.post(json.dumps(body).encode()).status_code == 200
    assert api.inbound[0]["messages"][0]["text"] == "hello  \ufffd"


def test_what_cannot_be_read_is_kept_and_not_asked_for_again(bot: Bot, api: StandIn, sender: str) -> None:
    body = webhook({"type": "text", "text": {"body": "hello"}}, sender=sender)
    body["entry"][0]["changes"][0]["field"] = "account_update"
    assert bot.post(body).status_code == 200
    assert len(api.inbound[0]["quarantined"]) == 1


def test_a_closed_shops_messages_are_put_aside_and_not_called_forged(
    bot: Bot, api: StandIn, sender: str
) -> None:
    api.is_shop_closed = True
    assert bot.say("hello", sender=sender).status_code == 200


def test_one_webhook_is_one_call_of_the_api(bot: Bot, api: StandIn, sender: str) -> None:
    texts = [{"type": "text", "text": {"body": f"count {number}"}} for number in range(5)]
    assert bot.post(webhook(*texts, sender=sender)).status_code == 200
    assert [len(body["messages"]) for body in api.inbound] == [5]


def test_a_client_that_hangs_up_does_not_cancel_the_turn(bot: Bot, api: StandIn, sender: str) -> None:
    body = json.dumps(webhook({"type": "text", "text": {"body": "linger"}}, sender=sender)).encode()
    head = f"POST {urlsplit(bot.url).path} HTTP/1.1\r\nHost: bot\r\nContent-Length: {len(body)}\r\n"
    with connection(bot) as raw:
        raw.sendall(f"{head}X-Hub-Signature-256: {sign(body, APP_SECRET)}\r\n\r\n".encode() + body)
        api.lingering.get(timeout=WAIT)
    api.go_on.set()
    assert api.finished.get(timeout=WAIT).texts == ["heard: linger"]


def test_none_of_rasas_own_doors_is_open(bot: Bot, api: StandIn) -> None:
    base = bot.url.removesuffix("/webhooks/whatsapp/webhook")
    for path in (
        "/webhooks/rest/webhook",
        "/webhooks/callback/webhook",
        "/conversations/x/tracker",
        "/model",
    ):
        assert bot.http.post(base + path, json={"message": "hello"}).status_code in (404, 405)


def test_the_log_names_no_secret_and_no_shopper(bot: Bot, api: StandIn, sender: str) -> None:
    bot.say("hello", sender=sender)
    api.finished.get(timeout=WAIT)
    log = bot.log.read_text()
    for word in (sender, APP_SECRET, VERIFY_TOKEN, OWN_SECRET):
        assert word not in log


def connection(bot: Bot) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(bot.url).port or 0), timeout=10)


def exchange(bot: Bot, head: bytes) -> bytes:
    with connection(bot) as raw:
        raw.sendall(head)
        return raw.recv(4096)
