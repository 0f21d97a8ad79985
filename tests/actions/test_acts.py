"""Several acts in one message, done one after the other."""

from typing import Any

from actions.acts import ActionTakeUpAct
from actions.adding import ActionAddToCart
from actions.cart import ActionRemoveFromCart, ActionSetQuantity, ActionViewCart
from actions.visit import ShopAction
from tests.actions.shop import StandInShop
from tests.actions.visitor import Visitor, item

DOING: dict[str, ShopAction] = {
    "add_to_cart": ActionAddToCart(),
    "remove_from_cart": ActionRemoveFromCart(),
    "update_cart": ActionSetQuantity(),
    "view_cart": ActionViewCart(),
}


def act(intent: str, *items: dict[str, Any], **entities: Any) -> dict[str, Any]:
    named = {"line_item": list(items)} if items else {}
    return {"intent": intent, "entities": {**named, **entities}}


async def do(visitor: Visitor, acts: list[dict[str, Any]]) -> list[str]:
    """What the rules do with a message of several acts: the replies' names, in order."""
    visitor.turns += 1
    message = {
        "intent": {"name": "several_acts", "confidence": 1.0},
        "text": "several",
        "metadata": {"message_id": f"m{visitor.turns}"},
        "entities": [{"entity": "acts", "value": acts, "extractor": "ActReader"}],
    }
    said: list[str] = []
    await visitor.run(ActionTakeUpAct(), message)
    for _ in range(10):
        if visitor.slots["act"] not in DOING:
            break
        await visitor.run(DOING[visitor.slots["act"]], message)
        said += [reply.response for reply in visitor.replies]
        replies = visitor.replies
        await visitor.run(ActionTakeUpAct(), message)
        visitor.replies = replies
    return said


async def test_each_act_is_done_once_and_in_order(visitor: Visitor, shop: StandInShop) -> None:
    said = await do(
        visitor,
        [
            act("add_to_cart", item(2, "thread")),
            act("remove_from_cart", item(words="thread")),
            act("add_to_cart", item(3, "thread")),
            act("update_cart", item(4, "thread")),
            act("view_cart"),
        ],
    )
    assert said == ["added", "removed_last", "added", "changed", "cart"]
    assert list(shop.cart.values()) == [4]
    assert len(set(shop.keys)) == len(shop.keys)
    assert visitor.slots["act"] is None


async def test_the_acts_behind_one_that_asks_wait_in_its_choices(visitor: Visitor, shop: StandInShop) -> None:
    said = await do(visitor, [act("add_to_cart", item(2, "ankara")), act("add_to_cart", item(1, "thread"))])
    assert len(said) == 1
    assert not shop.cart
    intent, entities = next(iter(visitor.reply.choices.values()))
    assert intent == "several_acts"
    assert [one["intent"] for one in entities["acts"]] == ["add_to_cart", "add_to_cart"]


async def test_the_last_message_s_acts_are_not_the_next_one_s(visitor: Visitor, shop: StandInShop) -> None:
    await do(visitor, [act("add_to_cart", item(2, "thread")), act("view_cart")])
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=[item(1, "thread")])
    assert list(shop.cart.values()) == [3]
