"""What is peculiar to Instagram's webhooks: events without ids of their own, and two envelopes for each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.instagram import parsing
from channels.instagram.provider import Instagram
from channels.messages import InboundMessage, Media
from channels.provider import MediaGone
from tests.channels.outbound import ACCOUNT
from tests.channels.recordings import RECEIVED_AT

SELLER, SHOPPER = "17841400000000001", "1254477777772919"
EVENTS: dict[str, dict[str, Any]] = {
    "messages": {"message": {"mid": "m1", "text": "Hello"}},
    "message_edit": {"message_edit": {"mid": "m1", "text": "Hello!", "num_edit": 1}},
    "messaging_postbacks": {"postback": {"title": "Menu", "payload": "MENU"}},
    "message_reactions": {"reaction": {"mid": "m1", "action": "react", "emoji": "🔥"}},
    "messaging_referral": {"referral": {"ref": "bio"}},
    "standby": {"message": {"mid": "m1", "text": "Hello"}},
}


def parsed(envelope: str, held: Any) -> InboundMessage:
    body = {"object": "instagram", "entry": [{"id": SELLER, "time": 1763819400999, envelope: [held]}]}
    result = parsing.parse(json.dumps(body).encode(), RECEIVED_AT)
    assert result.quarantined == ()
    [message] = result.messages
    return message


def event(at: int = 1763819400123, **held: Any) -> dict[str, Any]:
    return {"sender": {"id": SHOPPER}, "recipient": {"id": SELLER}, "timestamp": at, **held}


@pytest.mark.parametrize("field", EVENTS)
def test_both_envelopes_say_the_same(field: str) -> None:
    held = event(**EVENTS[field])
    plain = parsed("standby" if field == "standby" else "messaging", held)
    assert parsed("changes", {"field": field, "value": held}) == plain


@pytest.mark.parametrize("field", ["message_edit", "messaging_postbacks", "message_reactions"])
def test_an_event_without_an_id_is_known_again_and_told_from_the_next(field: str) -> None:
    first, again = (parsed("messaging", event(**EVENTS[field])) for _ in range(2))
    later = parsed("messaging", event(1763819460123, **EVENTS[field]))
    assert first.provider_message_id == again.provider_message_id != later.provider_message_id


def test_a_deletion_is_not_taken_for_the_message_it_deletes() -> None:
    message = parsed("messaging", event(message={"mid": "m1", "text": "Hello"}))
    deletion = parsed("messaging", event(message={"mid": "m1", "is_deleted": True}))
    assert deletion.provider_message_id != message.provider_message_id
    assert deletion.quoted_message_id == message.provider_message_id


def test_a_story_that_mentions_the_seller_is_no_file_to_keep() -> None:
    story = {"type": "story_mention", "payload": {"url": "https://cdn.example/story"}}
    message = parsed("messaging", event(message={"mid": "m1", "attachments": [story]}))
    assert (message.media, message.more_media) == (None, ())
    assert message.referral is not None
    assert message.referral.source_url == "https://cdn.example/story"


def test_an_album_is_one_message_with_every_picture() -> None:
    pictures = [{"type": "image", "payload": {"url": f"https://cdn.example/{n}"}} for n in range(10)]
    message = parsed("messaging", event(message={"mid": "m1", "attachments": pictures}))
    assert message.media == Media(url="https://cdn.example/0")
    assert [media.url for media in message.more_media] == [f"https://cdn.example/{n}" for n in range(1, 10)]


def test_a_file_is_fetched_without_our_token() -> None:
    request = Instagram().media_request(Media(url="https://cdn.example/1"), ACCOUNT, None)
    assert (request.method, request.url, request.is_file) == ("GET", "https://cdn.example/1", True)
    assert request.headers == {}


def test_a_file_that_lies_nowhere_is_gone() -> None:
    with pytest.raises(MediaGone):
        Instagram().media_request(Media(provider_media_id="1"), ACCOUNT, None)
