"""The provider's own faults when messages are sent to it: limits, errors, silence, lost answers."""

from functools import partial
from typing import Any

from benchmarks.chaos.faults.fault import Fault, Scene, Strike
from benchmarks.chaos.plan import WHATSAPP, WRITTEN

# What each provider says when too much is sent in one account's name.
TOO_MANY = {
    "whatsapp": 130429,
    "instagram": 613,
    "sms_twilio": 20429,
    "whatsapp_twilio": 63018,
    "sms_africastalking": 429,
}


async def order(scene: Scene, **fault: Any) -> None:
    """Orders a fault for the next sends to each of the round's shoppers."""
    scene.world.note("", f"the provider: {fault}")
    for shopper in scene.shoppers:
        await scene.world.order_fault(**fault, shopper=shopper.number)


async def limit_accounts(scene: Scene) -> None:
    """Has each shopper's provider refuse the next send, since the account sends too much."""
    for shopper in scene.shoppers:
        code = TOO_MANY[shopper.channel]
        await scene.world.order_fault(
            kind="error", code=code, status=429, retry_after=1, times=1, shopper=shopper.number
        )


def _of(**fault: Any) -> Strike:
    return partial(order, **fault)


FAULTS = (
    Fault(
        "number limited",
        "429, too many messages of one number",
        limit_accounts,
        in_short=True,
        channels=WRITTEN,
    ),
    Fault(
        "pair limited",
        "429, too many messages to one shopper",
        _of(kind="error", code=131056, status=429, times=2),
        channels=WHATSAPP,
    ),
    Fault(
        "number being upgraded",
        "a number that is being upgraded",
        _of(kind="error", code=131057, times=1),
        channels=WHATSAPP,
    ),
    Fault(
        "provider answers 500",
        "the provider answers 500",
        _of(kind="http", status=500, times=1),
        channels=WRITTEN,
    ),
    Fault(
        "provider resets",
        "the connection breaks before the provider has the message",
        _of(kind="reset", times=1),
        channels=WRITTEN,
    ),
    Fault(
        "provider silent",
        "the provider doesn't answer and has no message",
        _of(kind="hang", seconds=9, times=1),
        channels=WRITTEN,
    ),
    Fault(
        "provider's answer lost",
        "the provider has the message and its answer is lost",
        _of(kind="reset", accepted=True, times=1),
        in_short=True,
        channels=WRITTEN,
    ),
    Fault(
        "provider answers too late",
        "the provider has the message and answers after our patience",
        _of(kind="hang", seconds=9, accepted=True, times=1),
        channels=WRITTEN,
    ),
    Fault(
        "receipts in disorder",
        "read comes before sent and delivered",
        _of(kind="receipts", statuses=["read", "delivered", "sent"], times=1),
        channels=("whatsapp", "whatsapp_twilio"),
    ),
)
