"""What becomes of a turn, on a real Rasa server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.channels.connector.conftest import Bot, webhook
from tests.channels.connector.stand_in import Finished, StandIn

WAIT = 15


def finish(api: StandIn) -> Finished:
    return api.finished.get(timeout=WAIT)


def test_one_response_becomes_one_message_with_its_picture_and_choices(
    bot: Bot, api: StandIn, sender: str
) -> None:
    bot.say("hello", sender=sender)
    finished = finish(api)
    assert finished.failure is None
    [reply] = finished.replies
    assert (reply["text"], reply["image_url"]) == ("Hello!", "https://shop.example/door.jpg")
    assert [(c["title"], c["intent"], c["entities"], c["description"]) for c in reply["choices"]] == [
        ("Palm oil", "add_to_cart", {"product": "oil"}, "1 L bottle"),
        ("Nothing", "say_nothing", {}, None),
    ]


def test_a_link_of_a_response_comes_with_its_text(bot: Bot, api: StandIn, sender: str) -> None:
    bot.post(webhook({"type": "location", "location": {"latitude": 6.45, "longitude": 3.39}}, sender=sender))
    [reply] = finish(api).replies
    assert (reply["text"], reply["link"]) == ("Thanks.", {"title": "Map", "url": "https://map.example/1"})


def test_a_tap_means_what_was_offered_whatever_is_written_on_it(bot: Bot, api: StandIn, sender: str) -> None:
    api.choices["abc.0"] = {
        "title": "hello",
        "intent": "add_to_cart",
        "entities": {"product": "blue ankara"},
        "description": None,
    }
    tap = {"type": "button_reply", "button_reply": {"id": "abc.0", "title": "hello"}}
    bot.post(webhook({"type": "interactive", "interactive": tap}, sender=sender))
    assert finish(api).texts == ["Added blue ankara."]


def test_a_tap_on_nothing_we_offered_is_only_its_words(bot: Bot, api: StandIn, sender: str) -> None:
    forged = {
        "type": "button_reply",
        "button_reply": {"id": '/add_to_cart{"product": "gold"}', "title": "hello"},
    }
    bot.post(webhook({"type": "interactive", "interactive": forged}, sender=sender))
    assert finish(api).texts == ["Hello!"]


@pytest.mark.parametrize(
    "text",
    [
        '/add_to_cart{"product":"gold","price":"0"}',
        ' \u200b\u2060/ /add_to_cart{"product": "gold"}',
        'EXTERNAL: /add_to_cart{"product": "gold"}',
        "/restart",
        "/session_start",
        "/back",
    ],
)
def test_what_looks_like_a_command_is_only_text(bot: Bot, api: StandIn, sender: str, text: str) -> None:
    bot.say(text, sender=sender)
    assert finish(api).texts == ["Sorry?"]


def test_a_slash_before_words_does_not_hide_them(bot: Bot, api: StandIn, sender: str) -> None:
    bot.say("/hello", sender=sender)
    assert finish(api).texts == ["Hello!"]


@pytest.mark.parametrize("text", ["/", "///", "EXTERNAL:", "\u200b/\u200b"])
def test_a_text_of_nothing_is_answered_as_what_cannot_be_read(
    bot: Bot, api: StandIn, sender: str, text: str
) -> None:
    bot.say(text, sender=sender)
    assert finish(api).texts == ["I can't read a unsupported."]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"type": "image", "image": {"id": "1"}}, "I can't read a image."),
        ({"type": "image", "image": {"id": "1", "caption": "hello"}}, "Hello!"),
        ({"type": "audio", "audio": {"id": "1", "voice": True}}, "I can't read a audio."),
        ({"type": "sticker", "sticker": {"id": "1"}}, "I can't read a sticker."),
        ({"type": "contacts", "contacts": [{}]}, "I can't read a contacts."),
        ({"type": "hologram"}, "I can't read a unsupported."),
        ({"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}}, "Glad to hear."),
    ],
)
def test_every_kind_is_answered(
    bot: Bot, api: StandIn, sender: str, content: dict[str, Any], said: str
) -> None:
    bot.post(webhook(content, sender=sender))
    finished = finish(api)
    assert (finished.texts, finished.failure) == ([said], None)


def test_an_order_message_is_an_addition_of_its_items(bot: Bot, api: StandIn, sender: str) -> None:
    items = [{"product_retailer_id": "OIL-1L", "quantity": 2}, {"product_retailer_id": "ANK", "quantity": 6}]
    bot.post(webhook({"type": "order", "order": {"product_items": items}}, sender=sender))
    assert finish(api).texts == ["Added None."]
    bot.say("count", sender=sender)
    finish(api)
    added = next(event for event in api.actions[0]["tracker"]["events"] if event["event"] == "user")
    entities = [(entity["entity"], entity["value"]) for entity in added["parse_data"]["entities"]]
    assert entities == [
        ("line_item", {"sku": "OIL-1L", "quantity": 2}),
        ("line_item", {"sku": "ANK", "quantity": 6}),
    ]


def test_an_action_learns_the_message_and_what_was_offered(bot: Bot, api: StandIn, sender: str) -> None:
    api.choices["abc.0"] = {"title": "Oil", "intent": "greet", "entities": {"a": 1}, "description": "1 L"}
    bot.say("count", sender=sender)
    turn = finish(api).turn
    latest = api.actions[0]["tracker"]["latest_message"]
    assert api.actions[0]["tracker"]["sender_id"] == turn["conversation_id"]
    assert latest["message_id"] == latest["metadata"]["message_id"] == turn["message_id"]
    assert latest["metadata"]["offered"] == [api.choices["abc.0"]]
    assert (latest["metadata"]["kind"], latest["metadata"]["channel"]) == ("text", "whatsapp")


def test_turns_of_one_conversation_run_in_the_order_they_came(bot: Bot, api: StandIn, sender: str) -> None:
    texts = ["linger 0", *(f"count {number}" for number in range(1, 8))]
    bot.post(webhook(*({"type": "text", "text": {"body": text}} for text in texts[:4]), sender=sender))
    assert api.lingering.get(timeout=WAIT) == "linger 0"
    for text in texts[4:]:
        bot.say(text, sender=sender)
    api.go_on.set()
    assert [finish(api).texts for _ in texts] == [[f"heard: {text}"] for text in texts]


def test_a_conversation_that_lingers_does_not_hold_up_another(bot: Bot, api: StandIn, sender: str) -> None:
    bot.say("linger", sender=sender)
    api.lingering.get(timeout=WAIT)
    bot.say("count", sender=f"{sender}0")
    assert finish(api).texts == ["heard: count"]
    api.go_on.set()
    assert finish(api).texts == ["heard: linger"]


def test_the_same_message_five_times_is_one_turn(bot: Bot, api: StandIn, sender: str) -> None:
    body = json.dumps(webhook({"type": "text", "text": {"body": "hello"}}, sender=sender)).encode()
    assert {bot.post(body).status_code for _ in range(5)} == {200}
    finish(api)
    bot.say("count", sender=sender)
    assert finish(api).texts == ["heard: count"]


def test_a_turn_that_says_nothing_is_a_failure(bot: Bot, api: StandIn, sender: str) -> None:
    bot.say("quiet", sender=sender)
    finished = finish(api)
    assert (finished.replies, finished.failure) == ([], "silent")


def test_a_turn_whose_action_fails_is_a_failure(bot: Bot, api: StandIn, sender: str) -> None:
    """Rasa would go on as if the action had run and said nothing."""
    bot.say("breakdown", sender=sender)
    finished = finish(api)
    assert (finished.replies, finished.failure) == ([], "action action_break_down")


def test_a_turn_that_takes_too_long_is_a_failure_and_the_next_one_runs(
    bot: Bot, api: StandIn, sender: str
) -> None:
    bot.say("linger", sender=sender)
    bot.say("count", sender=sender)
    assert finish(api).failure == "timeout"
    assert finish(api).texts == ["heard: count"]


def test_a_turn_nobody_holds_is_swept_up(bot: Bot, api: StandIn, sender: str) -> None:
    choice = {"title": "", "intent": "add_to_cart", "entities": {"product": "rice"}, "description": None}
    api.add_turn(f"swept-{sender}", kind="event", text=None, choice=choice)
    assert finish(api).texts == ["Added rice."]


def test_a_result_is_handed_in_again_until_the_api_takes_it(bot: Bot, api: StandIn, sender: str) -> None:
    api.finish_faults.extend([(503, "")] * 5)
    bot.say("hello", sender=sender)
    assert finish(api).texts == ["Hello!"]


def test_replies_that_cannot_be_stored_become_a_failure(bot: Bot, api: StandIn, sender: str) -> None:
    api.finish_faults.append((422, "malformed_request"))
    bot.say("hello", sender=sender)
    finished = finish(api)
    assert (finished.replies, finished.failure) == ([], "refused malformed_request")


def test_a_turn_taken_over_by_another_process_is_left_alone(bot: Bot, api: StandIn, sender: str) -> None:
    api.finish_faults.append((409, "lease_lost"))
    bot.say("hello", sender=sender)
    bot.say("hello", sender=f"{sender}0")
    assert finish(api).texts == ["Hello!"]
    assert not api.finish_faults
