"""Receipts of a provider that doesn't say whose they are."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from channels.messages import ReceiptStatus
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, receipt
from tests.commerce_api.conversations.delivery.conftest import Line, LineWith, statuses
from tests.commerce_api.conversations.provider_stand_in import StandIn


async def test_a_receipt_without_an_account_finds_its_message(
    line: Line, provider: StandIn, shop: Shop, bot: BotSide, number: Number
) -> None:
    await line.say("one")
    await line.drain()
    told = receipt(number, f"sent-{provider.received[0]['part']}", ReceiptStatus.DELIVERED)
    answer = await bot.deliver(receipts=[replace(told, account="")])
    assert (answer["accepted"], answer["refused"]) == (1, 0)
    assert await statuses(shop) == ["delivered"]


async def test_a_receipt_that_comes_before_the_sends_answer_is_not_lost(
    line_with: LineWith, provider: StandIn, shop: Shop, bot: BotSide, number: Number
) -> None:
    # Nobody else is being written to at this number.
    line = await line_with(number, f"234{uuid4().int % 10**10:010d}")

    async def tell(body: dict[str, Any]) -> None:
        told = receipt(number, f"sent-{body['part']}", ReceiptStatus.DELIVERED, recipient=body["to"])
        assert (await bot.deliver(receipts=[replace(told, account="")]))["accepted"] == 1

    provider.before_answer = tell
    await line.say("one")
    await line.drain()
    assert await statuses(shop) == ["delivered"]


async def test_a_receipt_of_nothing_we_sent_is_put_aside(
    line: Line, provider: StandIn, shop: Shop, bot: BotSide, number: Number
) -> None:
    await line.say("one")
    await line.drain()
    told = receipt(number, "another", ReceiptStatus.DELIVERED)
    answer = await bot.deliver(receipts=[replace(told, account="")])
    assert (answer["accepted"], answer["refused"], answer["forged"]) == (0, 1, 0)
    assert await statuses(shop) == ["sent"]


async def test_the_secret_must_be_that_of_the_account_found(
    line: Line, provider: StandIn, shop: Shop, bot: BotSide, number: Number
) -> None:
    await line.say("one")
    await line.drain()
    told = receipt(number, f"sent-{provider.received[0]['part']}", ReceiptStatus.DELIVERED)
    answer = await bot.deliver(receipts=[replace(told, account="")], secret=str(number.tenant.id))
    assert (answer["accepted"], answer["refused"]) == (0, 1)
    assert await statuses(shop) == ["sent"]
