"""Cards on WhatsApp: a carousel, a list, a message each, or the products of a catalogue at Meta."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given

from channels.cutting import width
from channels.messages import Card, Choice, OutboundMessage, choice_id
from channels.whatsapp import building
from tests.channels.outbound import ACCOUNT, MESSAGE_ID, messages, strings
from tests.channels.whatsapp.test_building import (
    PHOTO,
    assert_within_limits,
    built,
    interactive,
    offer,
    rows,
)


def cards(count: int, image: str | None = PHOTO, **more: Any) -> tuple[Card, ...]:
    return tuple(
        Card(
            title=f"Ankara {number}",
            description="₦2,500",
            image_url=image,
            sku=f"ANK-{number}",
            choices=(Choice("Add to cart", "add_to_cart"),),
            **more,
        )
        for number in range(1, count + 1)
    )


def test_cards_with_pictures_are_a_carousel() -> None:
    [body] = built(OutboundMessage("New in", cards=cards(3)))
    kind, text, action = interactive(body)
    assert (kind, text) == ("carousel", "New in")
    assert action["cards"][1] == {
        "card_index": 1,
        "type": "cta_url",
        "header": {"type": "image", "image": {"link": PHOTO}},
        "body": {"text": "Ankara 2\n₦2,500"},
        "action": {
            "buttons": [
                {
                    "type": "quick_reply",
                    "quick_reply": {"id": choice_id(MESSAGE_ID, 1), "title": "Add to cart"},
                }
            ]
        },
    }


def test_eleven_cards_are_two_carousels_neither_of_one() -> None:
    bodies = built(OutboundMessage("New in", cards=cards(11)))
    assert [len(interactive(body)[2]["cards"]) for body in bodies] == [9, 2]


def test_a_cards_words_that_do_not_fit_it_are_in_the_text() -> None:
    long = Card("Ankara", "six yards " * 20, PHOTO, choices=(Choice("Add", "add_to_cart"),))
    *lead, body = built(OutboundMessage("New in", cards=(long, *cards(1))))
    _, text, action = interactive(body)
    assert width(action["cards"][0]["body"]["text"]) == 160
    assert "six yards " * 19 in text
    assert lead == []


def test_a_choice_of_a_card_comes_after_the_messages_own() -> None:
    buttons, carousel = built(OutboundMessage("New in", offer(2), cards=cards(2)))
    assert interactive(buttons)[0] == "button"
    first = interactive(carousel)[2]["cards"][0]["action"]["buttons"][0]["quick_reply"]["id"]
    assert first == choice_id(MESSAGE_ID, 2)


def test_cards_without_pictures_are_rows_of_a_list() -> None:
    [body] = built(OutboundMessage("New in", cards=cards(4, image=None)))
    assert interactive(body)[:2] == ("list", "New in")
    assert rows(body)[0] == {
        "id": choice_id(MESSAGE_ID, 0),
        "title": "Ankara 1",
        "description": "Add to cart · ₦2,500",
    }


def test_cards_unlike_each_other_are_a_message_each() -> None:
    plain = Card("Palm oil", "1 L", choices=(Choice("Add", "add_to_cart"), Choice("More", "ask")))
    bodies = built(OutboundMessage("New in", cards=(*cards(1), plain, Card("Garri"))))
    assert [body["type"] for body in bodies] == ["text", "interactive", "interactive", "text"]
    assert bodies[1]["interactive"]["header"] == {"type": "image", "image": {"link": PHOTO}}
    assert interactive(bodies[2])[1] == "Palm oil\n1 L"
    assert bodies[3]["text"]["body"] == "Garri"


def in_catalogue(message: OutboundMessage) -> list[dict[str, Any]]:
    account = replace(ACCOUNT, credentials={"access_token": "t", "catalog_id": "194836987003835"})
    requests = building.build(message, MESSAGE_ID, "2348031112233", account)
    return [request.json_body or {} for request in requests]


@given(message=messages())
def test_with_a_catalogue_nothing_is_over_a_limit_and_every_choice_is_offered(
    message: OutboundMessage,
) -> None:
    bodies = in_catalogue(message)
    for body in bodies:
        assert_within_limits(body)
    offered = sorted(text for text in strings(bodies) if text.startswith(f"{MESSAGE_ID.replace('-', '')}."))
    assert offered == sorted(choice_id(MESSAGE_ID, place) for place in range(len(message.all_choices)))


def test_a_seller_with_a_catalogue_at_meta_shows_its_products() -> None:
    products, choices = in_catalogue(OutboundMessage("New in", cards=cards(2)))
    kind, text, action = interactive(products)
    assert (kind, text, action["catalog_id"]) == ("product_list", "New in", "194836987003835")
    assert products["interactive"]["header"]["type"] == "text"
    assert action["sections"][0]["product_items"] == [
        {"product_retailer_id": "ANK-1"},
        {"product_retailer_id": "ANK-2"},
    ]
    assert [button["reply"]["title"] for button in interactive(choices)[2]["buttons"]] == [
        "Ankara 1",
        "Ankara 2",
    ]


def test_one_product_of_the_catalogue_is_shown_alone() -> None:
    product, _ = in_catalogue(OutboundMessage("This one", cards=cards(1)))
    assert interactive(product) == (
        "product",
        "This one",
        {"catalog_id": "194836987003835", "product_retailer_id": "ANK-1"},
    )


def test_more_products_than_a_list_holds_are_the_whole_catalogue() -> None:
    catalogue, *lists = in_catalogue(OutboundMessage("All", cards=cards(31)))
    assert interactive(catalogue) == (
        "catalog_message",
        "All",
        {"name": "catalog_message", "parameters": {"thumbnail_product_retailer_id": "ANK-1"}},
    )
    assert sum(len(rows(body)) for body in lists) == 31


def test_cards_without_a_sku_are_not_looked_for_in_the_catalogue() -> None:
    [body] = in_catalogue(OutboundMessage("New in", cards=(Card("Garri", sku=None), Card("Rice", sku="R"))))[
        :1
    ]
    assert body["type"] == "text"
