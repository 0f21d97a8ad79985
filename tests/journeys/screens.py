"""A feature phone in the journeys' terms: what is said is typed, what is picked is a number typed."""

import re
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.journeys.dialling import OFFER, PATIENCE, FeaturePhone
from tests.journeys.phones import Json, Phone, Reply, is_titled

# What every screen offers besides: more of the answer, one step back, home.
LEAFING = {"98", "0", "00"}
KEYS = re.compile(r"^(98|00|0) .*$", re.MULTILINE)
BY_SMS = "sms_africastalking"
# So many steps in so many seconds are no flood yet.
UNHURRIED, FLOOD_SECONDS = 18, 10.0


@dataclass
class Dialler(FeaturePhone):
    """A feature phone that writes down every step in ``keys``: the code that was dialled, what was typed."""

    keys: list[str] = field(default_factory=list)
    pressed: deque[float] = field(default_factory=lambda: deque(maxlen=UNHURRIED))

    def _act(self, verb: str, **facts: Any) -> str:
        if len(self.pressed) == UNHURRIED:
            # No thumb is as fast as a test, and the shop slows a flood down.
            time.sleep(max(0.0, self.pressed[0] + FLOOD_SECONDS - time.monotonic()))
        self.pressed.append(time.monotonic())
        screen = super()._act(verb, **facts)
        self.keys.append(str(facts.get("text") or self.session["code"]))
        return screen


@dataclass
class DialledPhone(Phone):
    """One shopper's dialogue of screens with one seller.

    ``shown`` is every answer, leafed through; ``said`` has the dialling and the leafing too, as is kept.
    """

    offered: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dialler = Dialler(self.system, self.number, self.seller, keys=self.said)

    def say(self, text: str) -> Reply:
        """Types ``text``, dialling first where no session is open; a greeting is the dialling itself."""
        if not self._is_open:
            self.dialler.dial()
            greeted = self._read()
            if text == "hello":
                return greeted
        self.dialler.type(text)
        return self._read()

    def tap(self, title: str) -> Reply:
        """Types the number of the choice with this title, on whichever page of the last answer it stands."""
        number = next((key for key, label in self.offered.items() if is_titled(label, title)), None)
        assert number, f"nobody offered {title!r}; there was {self.offered}"
        self.dialler.type(number)
        return self._read()

    def received(self) -> list[Json]:
        """The texts that came beside the screens: a page to pay on can't be opened from those."""
        url = f"{self.system.simulator}/control/phones/{self.number}/received"
        items: list[Json] = httpx.get(url, params={"channel": BY_SMS}, timeout=PATIENCE).json()["items"]
        return items

    def wait_for(self, words: str, *, patience: float = PATIENCE) -> Reply:
        """Waits for a text with these words: what is said while nobody is on the line goes by SMS."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            reply = Reply([item for item in self.received() if item["seq"] > self.seen])
            if reply.says(words):
                return reply
            time.sleep(0.05)
        raise AssertionError(f"nobody texted {words!r} to {self.number}: {self.received()}")

    @property
    def _is_open(self) -> bool:
        return bool(self.dialler.seen) and bool(self.dialler.session["is_open"])

    def _read(self) -> Reply:
        """The whole answer, leafed through, as one message."""
        text = KEYS.sub("", self.dialler.leaf())
        self.shown.append(text)
        self.last_id = str(self.dialler.session["step"])
        offers = {number: label for number, label in OFFER.findall(text) if number not in LEAFING}
        self.offered = offers
        choices = [{"id": number, "title": label} for number, label in offers.items()]
        message = {"text": text, "choices": choices, "links": [], "media": None, "content": text}
        return Reply([message])
