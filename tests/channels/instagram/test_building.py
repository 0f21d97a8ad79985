"""Instagram's limits, and what a shopper sees of what had to be cut."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from channels.cutting import width
from channels.instagram import building
from channels.messages import Ask, Card, Choice, Link, OutboundMessage, choice_id
from channels.provider import SenderAccount
from tests.channels.outbound import MESSAGE_ID, messages

ACCOUNT = SenderAccount(
    "17841400000000001", "http://127.0.0.1:8010/instagram", {"access_token": "t"}, "v23.0"
)
PHOTO = "https://shop.example/photo.jpg"
SHOPPER = "1254477777772919"


def built(message: OutboundMessage) -> list[dict[str, Any]]:
    requests = building.build(message, MESSAGE_ID, SHOPPER, ACCOUNT)
    return [(request.json_body or {})["message"] for request in requests]


def offer(count: int, title: str = "Item") -> tuple[Choice, ...]:
    return tuple(Choice(f"{title} {number}", "add_to_cart") for number in range(1, count + 1))


def template(message: dict[str, Any]) -> dict[str, Any]:
    payload: dict[str, Any] = message["attachment"]["payload"]
    return payload


@given(message=messages())
def test_nothing_built_is_over_a_limit(message: OutboundMessage) -> None:
    for part in built(message):
        if "text" in part:
            assert 0 < len(part["text"].strip().encode()) <= 1000
            assert_quick_replies_fit(part.get("quick_replies", []))
        elif part["attachment"]["type"] == "template":
            assert_template_fits(template(part))
        else:
            assert part["attachment"] == {"type": "image", "payload": {"url": PHOTO}}


def assert_quick_replies_fit(replies: list[dict[str, Any]]) -> None:
    assert len(replies) <= 13
    titles = [reply["title"] for reply in replies if reply["content_type"] == "text"]
    assert all(0 < width(title.strip()) <= 20 for title in titles)
    assert len({title.casefold() for title in titles}) == len(titles)


def assert_template_fits(payload: dict[str, Any]) -> None:
    if payload["template_type"] == "button":
        assert 0 < len(payload["text"].encode()) <= 640
        assert_buttons_fit(payload["buttons"])
        return
    assert 1 <= len(payload["elements"]) <= 10
    for element in payload["elements"]:
        assert 0 < width(element["title"]) <= 80
        assert width(element.get("subtitle", "x")) <= 80
        assert len(element) > 1
        if "buttons" in element:
            assert_buttons_fit(element["buttons"])


def assert_buttons_fit(buttons: list[dict[str, Any]]) -> None:
    titles = [button["title"] for button in buttons]
    assert 1 <= len(titles) == len({title.casefold() for title in titles}) <= 3
    assert all(0 < width(title.strip()) <= 20 for title in titles)


def test_a_text_is_one_request_of_instagrams_shape() -> None:
    [request] = building.build(OutboundMessage("Hello"), MESSAGE_ID, SHOPPER, ACCOUNT)
    assert (request.method, request.form) == ("POST", None)
    assert request.url == "http://127.0.0.1:8010/instagram/v23.0/17841400000000001/messages"
    assert request.headers["Authorization"] == "Bearer t"
    assert request.json_body == {"recipient": {"id": SHOPPER}, "message": {"text": "Hello"}}


def test_a_text_is_measured_in_bytes() -> None:
    text = "Ẹ káàárọ̀, ẹ jọ̀wọ́. " * 60
    parts = [part["text"] for part in built(OutboundMessage(text))]
    assert len(parts) > 1
    assert " ".join(parts).split() == text.split()


def test_choices_are_quick_replies() -> None:
    [part] = built(OutboundMessage("Which one?", offer(2)))
    assert part["text"] == "Which one?"
    assert part["quick_replies"][1] == {
        "content_type": "text",
        "title": "Item 2",
        "payload": choice_id(MESSAGE_ID, 1),
    }


def test_titles_that_are_cut_are_named_in_full_with_their_numbers() -> None:
    choices = (Choice("Ankara fabric, six yards, blue", "x"), Choice("Palm oil", "x", {}, "1 L"))
    [part] = built(OutboundMessage("Which one?", choices))
    assert part["text"] == "Which one?\n\n1. Ankara fabric, six yards, blue\n2. Palm oil – 1 L"


def test_more_than_thirteen_choices_are_numbered_and_shared_out() -> None:
    parts = built(OutboundMessage("Which one?", offer(20)))
    assert [len(part["quick_replies"]) for part in parts] == [13, 7]
    assert "20. Item 20" in parts[0]["text"]
    assert parts[1]["text"] == "14–20"


def test_asking_for_a_number_offers_the_shoppers_own() -> None:
    [part] = built(OutboundMessage("On which number do you pay?", ask=Ask.PHONE))
    assert part["quick_replies"] == [{"content_type": "user_phone_number"}]


def test_asking_for_a_place_is_asking_in_words() -> None:
    assert built(OutboundMessage("Where are you?", ask=Ask.LOCATION)) == [{"text": "Where are you?"}]


def test_pages_are_buttons_under_the_text() -> None:
    [part] = built(
        OutboundMessage(
            "₦12,500", pay=Link("Pay now", "https://pay.example/1"), link=Link("Shop", "https://s.example")
        )
    )
    assert template(part) == {
        "template_type": "button",
        "text": "₦12,500",
        "buttons": [
            {"type": "web_url", "url": "https://pay.example/1", "title": "Pay now"},
            {"type": "web_url", "url": "https://s.example", "title": "Shop"},
        ],
    }


def test_a_photo_goes_before_its_text() -> None:
    photo, text = built(OutboundMessage("Blue ankara", image_url=PHOTO))
    assert photo == {"attachment": {"type": "image", "payload": {"url": PHOTO}}}
    assert text == {"text": "Blue ankara"}


def test_cards_are_a_template_and_the_messages_own_choices_come_last() -> None:
    card = Card("Ankara", "₦2,500", PHOTO, choices=(Choice("Add to cart", "add_to_cart"),))
    text, shelf, choices = built(OutboundMessage("New in", offer(2), cards=(card,)))
    assert text == {"text": "New in"}
    assert template(shelf)["elements"] == [
        {
            "title": "Ankara",
            "subtitle": "₦2,500",
            "image_url": PHOTO,
            "buttons": [{"type": "postback", "title": "Add to cart", "payload": choice_id(MESSAGE_ID, 2)}],
        }
    ]
    assert [reply["payload"] for reply in choices["quick_replies"]] == [
        choice_id(MESSAGE_ID, 0),
        choice_id(MESSAGE_ID, 1),
    ]


def test_eleven_cards_are_two_shelves() -> None:
    cards = tuple(Card(f"Ankara {number}", "₦2,500") for number in range(11))
    _, first, second = built(OutboundMessage("New in", cards=cards))
    assert [len(template(part)["elements"]) for part in (first, second)] == [10, 1]


def test_a_fourth_choice_of_a_card_goes_on_another_of_its_name() -> None:
    [shelf] = built(OutboundMessage("", cards=(Card("Ankara", choices=offer(4)),)))
    elements = template(shelf)["elements"]
    assert [(one["title"], len(one["buttons"])) for one in elements] == [("Ankara", 3), ("Ankara", 1)]


def test_a_card_with_a_title_alone_is_said() -> None:
    assert built(OutboundMessage("We have:", cards=(Card("Garri"),))) == [{"text": "We have:\n\nGarri"}]


def test_what_does_not_fit_a_card_is_said_before_it() -> None:
    card = Card("Ankara", "six yards " * 20, PHOTO)
    text, shelf = built(OutboundMessage("New in", cards=(card,)))
    assert text["text"].split() == ["New", "in", "Ankara", *(["six", "yards"] * 20)]
    assert width(template(shelf)["elements"][0]["subtitle"]) == 80
