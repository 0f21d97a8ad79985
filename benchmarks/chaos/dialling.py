"""A shopper with a feature phone: dials the seller's code, types into screens, dials again when cut off."""

import asyncio
import time
from collections import deque
from datetime import UTC, datetime

import httpx

from benchmarks.chaos.chats import Chat
from benchmarks.chaos.plan import Shopper, Wish
from benchmarks.chaos.shopping import OK, Phone, Said
from benchmarks.chaos.witness import Fate
from benchmarks.chaos.world import Json, World
from channels.ussd.words import UNAVAILABLE, WORDS

STILL_WORKING = tuple(words.working for words in WORDS.values())
WELCOME_BACK = tuple(words.welcome_back.partition("{")[0] for words in WORDS.values())
MORE = "98 "
SEE, GO_ON, NEXT_PAGE = "1", "1", "98"
BY_SMS = "sms_africastalking"
# No thumb is as fast as a program, and the shop slows a flood down.
UNHURRIED, FLOOD_SECONDS = 18, 10.0
# Nobody dials again faster.
PAUSE = 3.0


class DialledPhone(Phone):
    """A chat that is a dialogue of screens; ``screens`` is every one that stood on the phone."""

    is_open = False

    def __init__(self, world: World, shopper: Shopper, seed: str, seller: str | None = None) -> None:
        super().__init__(world, shopper, seed, seller)
        self.screens: list[str] = []
        self._pressed: deque[float] = deque(maxlen=UNHURRIED)

    async def say(self, words: str, wish: Wish | None = None) -> Said:
        """Types words, dialling first where no session is open, and reads the whole answer."""
        ends = time.monotonic() + self.world.patience
        while True:
            if not self.is_open:
                await self._dial()
            said = await self._press(words, wish)
            if said is not None:
                await self.await_answer(said)
                if said.accepted_at is not None or time.monotonic() > ends:
                    return said
            await asyncio.sleep(PAUSE)

    async def post(self, said: Said, *, copies: int = 1, **facts: object) -> None:
        """Types what was composed; a screen that can't be typed into is dialled anew."""
        if not self.is_open:
            await self._dial()
        self.said.remove(said)
        self.said.append(said)
        said.sent_at = datetime.now(UTC)
        if not await self._step(said, copies=copies):
            self.said.remove(said)

    async def await_answer(self, said: Said) -> Fate | None:
        """Waits until a message is answered, and reads all of what the screens say."""
        if said.is_given_up and not self.is_open:
            # What became of it stands there, if anything did.
            await self._dial()
        await self._read_on()
        fate = await super().await_answer(said)
        await self._read_on()
        return fate

    async def read(self) -> list[Json]:
        """Every screen, and what came by SMS beside them."""
        by_sms = await self.world.received(Chat(self.number, self.seller, BY_SMS))
        screens = [{"id": f"screen {place}", "text": text} for place, text in enumerate(self.screens)]
        return [*screens, *by_sms]

    async def latest(self) -> str:
        """What stands on the phone."""
        return self.screens[-1] if self.screens else ""

    async def finish(self) -> None:
        """Dials once more: what came while nobody was on the line is shown then."""
        await self._dial()

    async def _dial(self) -> None:
        ends = time.monotonic() + self.world.patience
        while time.monotonic() < ends:
            said = self._note("(dials)")
            await self._step(said, verb="dial")
            await self._read_on()
            if self.is_open:
                return
            await asyncio.sleep(PAUSE)

    async def _press(self, words: str, wish: Wish | None = None) -> Said | None:
        """Types into the open screen; None when none was open after all."""
        said = self._note(words, wish)
        said.needs_reply = True
        if not await self._step(said):
            self.said.remove(said)
            return None
        return said

    def _note(self, words: str, wish: Wish | None = None) -> Said:
        said = Said(id="", words=words, sent_at=datetime.now(UTC), wish=wish, needs_reply=False)
        self.said.append(said)
        return said

    async def _step(self, said: Said, *, verb: str = "type", copies: int = 1) -> bool:
        """One step, posted once as a network does; False when there was nothing to type into."""
        await self._pause()
        said.posted_at = time.monotonic()
        facts = {"text": said.words} if verb == "type" else {}
        try:
            session = await self.world.dial(self.chat, verb, copies=copies, **facts)
        except httpx.HTTPError as error:
            self.world.note(self.number, f"the simulator itself failed: {type(error).__name__} {error}")
            session = None
        if session is None:
            self.is_open = False
            return False
        said.id, said.answers = session["step"], [*said.answers, *session["answers"]]
        screen = str(session["screen"])
        self.is_open = bool(session["is_open"])
        self.screens += [screen] if screen else []
        self.world.note(
            self.number, f"{verb}s {said.words[:60]!r} ({said.id}): {session['answers']} {screen!r}"
        )
        if OK in session["answers"] and UNAVAILABLE not in screen:
            said.accepted_at = time.monotonic()
        else:
            said.is_given_up = True
        return True

    async def _pause(self) -> None:
        if len(self._pressed) == UNHURRIED:
            await asyncio.sleep(max(0.0, self._pressed[0] + FLOOD_SECONDS - time.monotonic()))
        self._pressed.append(time.monotonic())

    async def _read_on(self) -> None:
        """Asks for an answer that takes long, goes on where the line was cut, leafs through every page."""
        while self.is_open and (key := _key(self.screens[-1])) is not None:
            said = self._note(key)
            if not await self._step(said):
                self.said.remove(said)


def _key(screen: str) -> str | None:
    """What to press to see more of the answer."""
    if any(words in screen for words in STILL_WORKING):
        return SEE
    if any(words in screen for words in WELCOME_BACK):
        return GO_ON
    return NEXT_PAGE if any(line.startswith(MORE) for line in screen.splitlines()) else None
