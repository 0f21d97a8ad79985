"""How fast providers take sends, enforced on order: exactly as they do, generously, or not at all.

WhatsApp: 80 messages a second of a number ("Throughput", 2026-05); to one shopper 45 at once and then one
every 6 seconds, the burst counted against what follows. Instagram: 100 calls a second of an account ("Send
API limits"). Twilio: a request too many at once is 20429. Africa's Talking publishes no figure: 50 a second.
"""

import enum
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from simulator.chats import Chat
from simulator.settings import Channel

BUCKETS = 50_000


class Strictness(enum.StrEnum):
    """Whether limits hold: exact ones, generous ones, or none."""

    EXACT = "exact"
    GENEROUS = "generous"
    OFF = "off"


@dataclass(frozen=True)
class Limit:
    """``burst`` at once and ``per_second`` more, of an account or ``is_pair`` of account and shopper."""

    code: int
    details: str
    burst: float
    per_second: float
    is_pair: bool = False


PAIR = "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time."  # noqa: E501  Meta's own sentence
THROUGHPUT = "Cloud API message throughput has been reached."
TOO_MANY = "Too Many Requests"
EXACT: dict[Channel, tuple[Limit, ...]] = {
    Channel.WHATSAPP: (Limit(131056, PAIR, 45, 1 / 6, is_pair=True), Limit(130429, THROUGHPUT, 80, 80)),
    Channel.WHATSAPP_TWILIO: (Limit(20429, TOO_MANY, 80, 80),),
    Channel.INSTAGRAM: (Limit(613, "Calls to this api have exceeded the rate limit.", 100, 100),),
    Channel.SMS_TWILIO: (Limit(20429, TOO_MANY, 30, 30),),
    Channel.SMS_AFRICASTALKING: (Limit(429, TOO_MANY, 50, 50),),
}
GENEROUS: dict[Channel, tuple[Limit, ...]] = {
    Channel.WHATSAPP: (Limit(131056, PAIR, 200, 20, is_pair=True), Limit(130429, THROUGHPUT, 1000, 1000)),
}


class Rates:
    """A bucket for each account and pair, filled by the clock."""

    def __init__(self, strictness: Strictness, clock: Callable[[], float] = time.monotonic) -> None:
        self.strictness = strictness
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, ...], tuple[float, float]] = OrderedDict()

    def exceeded(self, chat: Chat) -> Limit | None:
        """The limit that one more send into this chat breaks; counts it when none is broken."""
        tables = {Strictness.EXACT: EXACT, Strictness.GENEROUS: GENEROUS}
        limits = tables.get(self.strictness, {}).get(chat.line.channel, ())
        left = [(limit, self._left(limit, chat)) for limit in limits]
        broken = next((limit for limit, amount in left if amount < 1), None)
        if broken is None:
            for limit, amount in left:
                self._fill(limit, chat, amount - 1)
        return broken

    def _left(self, limit: Limit, chat: Chat) -> float:
        amount, at = self._buckets.get(self._key(limit, chat), (limit.burst, self._clock()))
        return min(limit.burst, amount + (self._clock() - at) * limit.per_second)

    def _fill(self, limit: Limit, chat: Chat, amount: float) -> None:
        key = self._key(limit, chat)
        self._buckets[key] = (amount, self._clock())
        self._buckets.move_to_end(key)
        if len(self._buckets) > BUCKETS:
            self._buckets.popitem(last=False)

    @staticmethod
    def _key(limit: Limit, chat: Chat) -> tuple[str, ...]:
        pair = (chat.shopper.wa_id,) if limit.is_pair else ()
        return (chat.line.channel, chat.line.account, str(limit.code), *pair)

    def forget(self) -> None:
        """Fills every bucket."""
        self._buckets.clear()
