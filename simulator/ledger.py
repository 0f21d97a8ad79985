"""What went through, both ways: every send that was taken and every webhook that was posted, with answers."""

import itertools
import json
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any

from simulator.wire import Json

SENDS = 50_000
POSTED = 100_000
REQUESTS = 2000


@dataclass
class Posted:
    """A webhook and its tries. ``kind`` is message, receipt, echo, screen or callback.

    ``tries`` each have ``at``, ``status`` (None: no answer) and ``error``.
    """

    seq: int
    kind: str
    url: str
    channel: str | None
    account: str | None
    shopper: str | None
    message_id: str | None
    status: str | None
    at: str
    tries: list[Json] = field(default_factory=list)
    is_accepted: bool = False


class Ledger:
    """The newest sends and webhooks, and the newest requests to a messages address, refused ones too."""

    def __init__(self) -> None:
        self.sends: deque[Json] = deque(maxlen=SENDS)
        self.posted: deque[Posted] = deque(maxlen=POSTED)
        self.requests: deque[Json] = deque(maxlen=REQUESTS)
        self._seq = itertools.count(1)
        self._taken: Counter[tuple[str, ...]] = Counter()

    def take(self, *, at: str, names: Json, to: str, body: Any, tracker: str | None, message_id: str) -> None:
        """Writes down a send that was accepted.

        ``times`` counts the same message so far: by the tracker the sender put on it where the provider has a
        place for one, else by its body.
        """
        key = (names["channel"], names["account"], to, tracker or json.dumps(body, sort_keys=True))
        self._taken[key] += 1
        self.sends.append(
            {
                "seq": next(self._seq),
                "at": at,
                **names,
                "to": to,
                "body": body,
                "tracker": tracker,
                "id": message_id,
                "times": self._taken[key],
            }
        )

    def begin(self, *, at: str, kind: str, url: str, about: dict[str, str | None]) -> Posted:
        """Opens the entry of a webhook about to be posted; ``about`` fills the columns of the same names."""
        posted = Posted(
            next(self._seq),
            kind,
            url,
            about["channel"],
            about["account"],
            about["shopper"],
            about["message_id"],
            about["status"],
            at,
        )
        self.posted.append(posted)
        return posted

    def listed(
        self,
        *,
        after: int = 0,
        newest: int | None = None,
        channel: str | None = None,
        shopper: str | None = None,
    ) -> Json:
        """Both sides, oldest first, of entries above ``after``; of each only the ``newest`` if told."""

        def fits(of_channel: str | None, of_shopper: str | None) -> bool:
            return channel in (None, of_channel) and shopper in (None, of_shopper)

        posted = itertools.takewhile(lambda one: one.seq > after, reversed(self.posted))
        webhooks = (
            {**asdict(one), "times": len(one.tries)} for one in posted if fits(one.channel, one.shopper)
        )
        taken = itertools.takewhile(lambda entry: entry["seq"] > after, reversed(self.sends))
        sends = (entry for entry in taken if fits(entry["channel"], entry["shopper"]))
        return {
            "sends": list(itertools.islice(sends, newest))[::-1],
            "webhooks": list(itertools.islice(webhooks, newest))[::-1],
        }

    def forget(self) -> None:
        """Empties it. Numbers go on counting."""
        for kept in (self.sends, self.posted, self.requests):
            kept.clear()
        self._taken.clear()
