"""WhatsApp's limits, and what a shopper sees of what had to be cut."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from channels.cutting import width
from channels.messages import Ask, Choice, Link, OutboundMessage, Template, choice_id
from channels.whatsapp import building
from tests.channels.outbound import ACCOUNT, MESSAGE_ID, messages

PHOTO = "https://shop.example/photo.jpg"
LONG = "word " * 500


def built(message: OutboundMessage, recipient: str = "2348031112233") -> list[dict[str, Any]]:
    requests = building.build(message, MESSAGE_ID, recipient, ACCOUNT)
    return [request.json_body or {} for request in requests]


def offer(count: int, title: str = "Item", description: str | None = None) -> tuple[Choice, ...]:
    return tuple(
        Choice(f"{title} {number}", "add_to_cart", {}, description) for number in range(1, count + 1)
    )


def interactive(body: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    part = body["interactive"]
    return part["type"], part["body"]["text"], part["action"]


def rows(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for section in body["interactive"]["action"]["sections"] for row in section["rows"]]


@given(message=messages())
def test_nothing_built_is_over_a_limit(message: OutboundMessage) -> None:
    for body in built(message):
        assert_within_limits(body)


def assert_within_limits(body: dict[str, Any]) -> None:
    kind = body["type"]
    assert kind in ("text", "image", "interactive")
    assert width(body["biz_opaque_callback_data"]) <= 512
    if kind == "text":
        assert 0 < width(body["text"]["body"].strip()) <= 4096
    elif kind == "image":
        assert width(body["image"].get("caption", "")) <= 1024
    else:
        assert 0 < width(body["interactive"]["body"]["text"].strip()) <= 1024
        assert_action_within_limits(body["interactive"]["type"], body["interactive"]["action"])


def assert_action_within_limits(kind: str, action: dict[str, Any]) -> None:
    if kind == "button":
        titles = [button["reply"]["title"] for button in action["buttons"]]
        assert 1 <= len(titles) <= 3
        assert all(0 < width(title.strip()) <= 20 for title in titles)
        assert len({title.casefold() for title in titles}) == len(titles)
    elif kind == "list":
        assert 0 < width(action["button"]) <= 20
        held = [row for section in action["sections"] for row in section["rows"]]
        assert 1 <= len(held) <= 10
        assert all(0 < width(row["title"].strip()) <= 24 and width(row["id"]) <= 200 for row in held)
        assert all(0 < width(row.get("description", "x")) <= 72 for row in held)
    elif kind == "cta_url":
        assert 0 < width(action["parameters"]["display_text"]) <= 20
    elif kind in ("product", "product_list", "catalog_message"):
        assert_products_within_limits(kind, action)
    elif kind == "carousel":
        assert_cards_within_limits(action["cards"])
    else:
        own = {"location_request_message": "send_location", "request_contact_info": "request_contact_info"}
        assert action == {"name": own[kind]}


def assert_products_within_limits(kind: str, action: dict[str, Any]) -> None:
    if kind == "product_list":
        [section] = action["sections"]
        assert 0 < width(section["title"].strip()) <= 24
        assert 2 <= len(section["product_items"]) <= 30
    else:
        named = action if kind == "product" else action["parameters"]
        assert {"SKU-1"} & set(named.values())


def assert_cards_within_limits(cards: list[dict[str, Any]]) -> None:
    assert 2 <= len(cards) <= 10
    assert [card["card_index"] for card in cards] == list(range(len(cards)))
    assert len({len(card["action"]["buttons"]) for card in cards}) == 1
    for card in cards:
        assert card["header"]["image"]["link"]
        assert width(card.get("body", {"text": "x"})["text"]) <= 160
        assert card.get("body", {"text": ""})["text"].count("\n") <= 2
        titles = [button["quick_reply"]["title"] for button in card["action"]["buttons"]]
        assert 1 <= len(titles) == len({title.casefold() for title in titles}) <= 3
        assert all(0 < width(title.strip()) <= 20 for title in titles)


def test_a_text_is_one_request_of_metas_shape() -> None:
    [request] = building.build(OutboundMessage("Hello"), MESSAGE_ID, "2348031112233", ACCOUNT)
    assert (request.method, request.form) == ("POST", None)
    assert request.url == "http://127.0.0.1:8010/whatsapp/v23.0/100000000000001/messages"
    assert request.headers["Authorization"] == "Bearer t"
    assert request.json_body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "2348031112233",
        "type": "text",
        "text": {"body": "Hello", "preview_url": False},
        "biz_opaque_callback_data": f"{MESSAGE_ID}:0",
    }


def test_a_shopper_without_a_phone_number_is_written_to_by_their_user_id() -> None:
    [body] = built(OutboundMessage("Hello"), "NG.13491208655302741918")
    assert body["recipient"] == "NG.13491208655302741918"
    assert "to" not in body


def test_an_address_in_a_text_is_previewed() -> None:
    [body] = built(OutboundMessage("See https://shop.example"))
    assert body["text"]["preview_url"] is True


def test_each_part_has_its_own_mark() -> None:
    marks = [body["biz_opaque_callback_data"] for body in built(OutboundMessage(LONG * 3))]
    assert marks == [f"{MESSAGE_ID}:0", f"{MESSAGE_ID}:1"]


def test_up_to_three_choices_are_buttons() -> None:
    [body] = built(OutboundMessage("Which one?", offer(3)))
    kind, text, action = interactive(body)
    assert (kind, text) == ("button", "Which one?")
    assert action["buttons"][2] == {
        "type": "reply",
        "reply": {"id": choice_id(MESSAGE_ID, 2), "title": "Item 3"},
    }


def test_four_choices_are_a_list_with_its_opener() -> None:
    [body] = built(OutboundMessage("Which one?", offer(4, description="₦2,500"), opener="See products"))
    kind, text, action = interactive(body)
    assert (kind, text, action["button"]) == ("list", "Which one?", "See products")
    assert rows(body)[0] == {"id": choice_id(MESSAGE_ID, 0), "title": "Item 1", "description": "₦2,500"}


def test_more_than_ten_choices_are_several_lists_none_left_out() -> None:
    bodies = built(OutboundMessage("Which one?", offer(23)))
    assert [len(rows(body)) for body in bodies] == [10, 10, 3]
    assert [interactive(body)[1] for body in bodies] == ["Which one?", "11–20", "21–23"]


def test_titles_that_are_cut_stay_different_and_are_named_in_full() -> None:
    choices = tuple(Choice(f"Ankara fabric, six yards, {colour}", "x") for colour in ("blue", "red"))
    [body] = built(OutboundMessage("Which one?", choices))
    _, text, action = interactive(body)
    assert [button["reply"]["title"] for button in action["buttons"]] == [
        "Ankara fabric, six…",
        "Ankara fabric, si… 2",
    ]
    assert text == "Which one?\n\n1. Ankara fabric, six yards, blue\n2. Ankara fabric, six yards, red"


def test_a_text_that_names_the_choices_already_is_not_made_longer() -> None:
    choices = (Choice("Ankara fabric, six yards", "x"), Choice("Palm oil", "x"))
    text = "1. Ankara fabric, six yards\n2. Palm oil"
    assert interactive(built(OutboundMessage(text, choices))[0])[1] == text


def test_a_cut_row_has_its_full_title_beside_it() -> None:
    choices = (*offer(3), Choice("Ankara fabric, six yards, blue", "x", {}, "₦15,000"))
    [body] = built(OutboundMessage("Which one?", choices))
    assert rows(body)[3] == {
        "id": choice_id(MESSAGE_ID, 3),
        "title": "Ankara fabric, six yard…",
        "description": "Ankara fabric, six yards, blue · ₦15,000",
    }


def test_descriptions_that_buttons_cannot_show_are_in_the_text() -> None:
    [body] = built(OutboundMessage("Which one?", offer(2, description="₦2,500")))
    assert interactive(body)[1] == "Which one?\n\n1. Item 1 – ₦2,500\n2. Item 2 – ₦2,500"


def test_choices_without_a_question_still_have_a_body() -> None:
    assert interactive(built(OutboundMessage("", offer(2)))[0])[1] == "👇"


def test_a_text_too_long_for_buttons_goes_before_them_whole() -> None:
    *before, last = built(OutboundMessage(LONG, offer(2)))
    said = " ".join([*(body["text"]["body"] for body in before), interactive(last)[1]])
    assert said.split() == LONG.split()
    assert interactive(last)[0] == "button"


def test_a_photo_carries_its_text_as_caption() -> None:
    [body] = built(OutboundMessage("Blue ankara", image_url=PHOTO))
    assert body["image"] == {"link": PHOTO, "caption": "Blue ankara"}


def test_a_caption_too_long_follows_its_photo() -> None:
    photo, text = built(OutboundMessage(LONG, image_url=PHOTO))
    assert photo["image"] == {"link": PHOTO}
    assert text["text"]["body"].split() == LONG.split()


def test_a_photo_with_buttons_is_one_message() -> None:
    [body] = built(OutboundMessage("Blue ankara", offer(2), image_url=PHOTO))
    assert body["interactive"]["header"] == {"type": "image", "image": {"link": PHOTO}}
    assert interactive(body)[:2] == ("button", "Blue ankara")


@pytest.mark.parametrize("more", [{"choices": offer(5)}, {"ask": Ask.LOCATION}], ids=["list", "location"])
def test_a_photo_goes_before_what_can_have_no_header(more: dict[str, Any]) -> None:
    photo, body = built(OutboundMessage("Blue ankara", image_url=PHOTO, **more))
    assert photo["image"] == {"link": PHOTO}
    assert interactive(body)[1] == "Blue ankara"


def test_a_link_is_a_button_that_opens_it() -> None:
    [body] = built(OutboundMessage("₦12,500", link=Link("Pay now", "https://pay.example/1")))
    assert interactive(body) == (
        "cta_url",
        "₦12,500",
        {"name": "cta_url", "parameters": {"display_text": "Pay now", "url": "https://pay.example/1"}},
    )


def test_a_link_and_choices_are_two_messages() -> None:
    link, choices = built(OutboundMessage("₦12,500", offer(2), link=Link("Pay now", "https://pay.example/1")))
    assert (interactive(link)[0], interactive(link)[1]) == ("cta_url", "₦12,500")
    assert interactive(choices)[0] == "button"


def test_asking_for_a_pin_is_metas_own_request() -> None:
    [body] = built(OutboundMessage("Where are you?", ask=Ask.LOCATION))
    assert interactive(body) == ("location_request_message", "Where are you?", {"name": "send_location"})


def test_asking_for_a_number_is_metas_own_request() -> None:
    [body] = built(OutboundMessage("On which number do you pay?", ask=Ask.PHONE))
    assert interactive(body) == (
        "request_contact_info",
        "On which number do you pay?",
        {"name": "request_contact_info"},
    )


def test_where_to_pay_is_a_button_that_opens_it() -> None:
    [body] = built(OutboundMessage("₦12,500", pay=Link("Pay now", "https://pay.example/1")))
    assert interactive(body)[2]["parameters"] == {
        "display_text": "Pay now",
        "url": "https://pay.example/1",
    }


def test_a_template_has_its_places_filled_and_its_buttons_named() -> None:
    template = Template("order_ready", "en", ("Chidinma", "line\nbreak"))
    [body] = built(OutboundMessage("Your order is ready", offer(1), template=template))
    assert body["template"] == {
        "name": "order_ready",
        "language": {"code": "en"},
        "components": [
            {
                "type": "body",
                "parameters": [{"type": "text", "text": "Chidinma"}, {"type": "text", "text": "line break"}],
            },
            {
                "type": "button",
                "sub_type": "quick_reply",
                "index": "0",
                "parameters": [{"type": "payload", "payload": choice_id(MESSAGE_ID, 0)}],
            },
        ],
    }


@pytest.mark.parametrize("address", ["NG.13491208655302741918", "US.ENT.5301920847"], ids=["own", "parent"])
def test_a_user_id_travels_untouched(address: str) -> None:
    [body] = built(OutboundMessage("Hello"), address)
    assert (body["recipient"], "to" in body) == (address, False)
