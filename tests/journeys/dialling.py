"""Shoppers with feature phones: they dial, press keys and type words, and read what stands on the screen."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from stack.beside import RunningSystem

type Json = dict[str, Any]

MAMA_NGOZI = "*384*1001#"
PATIENCE = 30.0
OFFER = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)


@dataclass
class FeaturePhone:
    """One shopper's phone on the line with one seller's code.

    ``seen`` is every screen, in order; ``pages`` those of the last answer that were looked at.
    """

    system: RunningSystem
    number: str
    code: str = MAMA_NGOZI
    seen: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)

    def dial(self) -> str:
        """Dials the code; the first screen."""
        return self._act("dial")

    def type(self, text: str) -> str:
        """Types and sends; the next screen."""
        return self._act("type", text=text)

    def pick(self, title: str) -> str:
        """Presses the number of the choice that begins so, leafing through the answer until it is there."""
        while (number := self._number(title)) is None:
            more = "98" if "98 More" in self.screen else self._number("See more")
            assert more, f"nowhere is {title!r} offered; the pages:\n{self.pages}"
            self.type(more)
        return self.type(number)

    def _number(self, title: str) -> str | None:
        offers = OFFER.findall("\n".join(self.pages))
        found = (number for number, label in offers if label.lower().startswith(title.lower()))
        return next(found, None)

    def leaf(self) -> str:
        """Every page of the answer, as one text."""
        while "98 More" in self.screen:
            self.type("98")
        return "\n".join(self.pages)

    def drop(self) -> None:
        """The network loses the session."""
        self._post("drop")

    @property
    def screen(self) -> str:
        """What stands on the phone."""
        return self.seen[-1]

    @property
    def session(self) -> Json:
        """The session as the network knows it."""
        url = f"{self.system.simulator}/phones/{self.number}/ussd/100000000000001"
        session: Json = httpx.get(url, timeout=PATIENCE).json()
        return session

    def _act(self, verb: str, **facts: Any) -> str:
        session = self._post(verb, **facts).json()
        assert session["answers"] == [200], session
        assert session["trouble"] is None, session
        self.seen.append(session["screen"])
        self.pages = [*(self.pages if facts.get("text") == "98" else []), self.screen]
        return str(session["screen"])

    def _post(self, verb: str, **facts: Any) -> httpx.Response:
        url = f"{self.system.simulator}/control/phones/{self.number}/ussd/{verb}"
        answer = httpx.post(url, json={"seller": self.code, **facts}, timeout=PATIENCE)
        assert answer.is_success, f"{verb} {facts}: {answer.text}"
        return answer
