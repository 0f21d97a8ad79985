"""A tap on a card's own button means what was put on it, and its number comes after the message's own."""

from channels.messages import Card, Choice, InboundKind, OutboundMessage, choice_id
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, message

SHELF = OutboundMessage(
    "New in",
    choices=(Choice("More", "browse_catalog"),),
    cards=(
        Card("Ankara", choices=(Choice("Add", "add_to_cart", {"sku": "ANK-1"}),)),
        Card("Garri", choices=(Choice("Add", "add_to_cart", {"sku": "GAR-1"}),)),
    ),
)


async def test_a_tap_on_a_card_is_the_cards_own_choice(bot: BotSide, number: Number, shop: Shop) -> None:
    recorded = await bot.deliver(message(number, "hello"))
    turn = recorded["turns"][0] if recorded["turns"] else await bot.claim()
    assert turn is not None
    await bot.finish(turn, SHELF)
    said = (await shop.messages())[-1]
    tap = message(number, "Add", kind=InboundKind.CHOICE, choice_id=choice_id(str(said.id), 2))
    await bot.deliver(tap)
    heard = (await shop.messages())[-1]
    assert heard.body["choice"]["entities"] == {"sku": "GAR-1"}
    assert [choice["title"] for choice in SHELF.to_json()["choices"]] == ["More"]
