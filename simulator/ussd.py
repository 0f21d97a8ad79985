"""A network's USSD, pretended: sessions that are dialled, typed into, dropped, and posted step by step.

As Africa's Talking does it: each step is a form with everything typed so far, joined by ``*``; the answer is
plain text that begins with ``CON`` or ``END``, within ten seconds. Anything else ends the session.
"""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from simulator.chats import Chat, now
from simulator.parts import DOUBLE, GSM
from simulator.posting import Attempt, Post, Poster
from simulator.settings import Channel, Settings
from simulator.wire import Json

LONGEST = 182
LASTS = timedelta(seconds=180)
SESSIONS = 5000
FORM = "application/x-www-form-urlencoded"
NETWORKS = {"NG": "62130", "KE": "63902", "CI": "61203", "GH": "62001"}
BROKEN = "Connection problem or invalid MMI code."
TIMED_OUT = "The session timed out."


class NoSession(Exception):
    """Nothing is on the screen that could be answered; the text says why."""


@dataclass
class Session:
    """One dialling of a code, from its first screen to its last.

    ``screens`` is every text that stood on the phone; ``trouble`` why the network ended it or what it found
    wrong with a screen; ``answers`` the HTTP statuses of the step posted last, one for each copy, and
    ``copies`` the texts.
    """

    id: str
    chat: Chat
    began: datetime
    typed: list[str] = field(default_factory=list)
    screens: list[str] = field(default_factory=list)
    is_open: bool = True
    trouble: str | None = None
    answers: list[int | None] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)

    @property
    def step(self) -> str:
        """The product's name for the step that is being answered."""
        return f"{self.id}:{len('*'.join(self.typed).split('*')) if self.typed else 0}"

    def describe(self) -> Json:
        """The session as pages and tests get it."""
        return {
            **self.chat.names,
            "code": self.chat.line.account,
            "session": self.id,
            "step": self.step,
            "typed": self.typed,
            "screen": self.screens[-1] if self.screens else "",
            "screens": self.screens,
            "is_open": self.is_open,
            "trouble": self.trouble,
            "answers": self.answers,
            "copies": self.copies,
        }


class UssdNetwork:
    """Every phone's session, one for each code at a time; the longest unused makes room."""

    def __init__(self, settings: Settings, poster: Poster) -> None:
        self._settings = settings
        self._poster = poster
        self._sessions: OrderedDict[tuple[str, str], Session] = OrderedDict()

    def session(self, chat: Chat) -> Session | None:
        """The last session of this phone with this code."""
        return self._sessions.get(_key(chat))

    async def dial(self, chat: Chat, *, more: str = "", copies: int = 1, key: str | None = None) -> Session:
        """Dials the seller's code, with ``more`` behind it (``*384*1001*5#``); the session and its screen.

        ``copies`` posts the step so many times at once; ``key`` replaces the secret in the address.
        """
        session = Session(f"ATUid_{secrets.token_hex(16)}", chat, now(), [more] if more else [])
        self._sessions[_key(chat)] = session
        self._sessions.move_to_end(_key(chat))
        if len(self._sessions) > SESSIONS:
            self._sessions.popitem(last=False)
        return await self._step(session, copies, key)

    async def type(self, chat: Chat, text: str, *, copies: int = 1) -> Session:
        """Types into the open screen and sends it. Raises NoSession when there is none."""
        session = self.session(chat)
        if session is None or not session.is_open:
            raise NoSession("Nothing is open on the phone: dial first.")
        if now() - session.began > LASTS:
            _end(session, TIMED_OUT, "the session lasted longer than the network allows")
            return session
        session.typed.append(text)
        return await self._step(session, copies)

    def drop(self, chat: Chat) -> None:
        """The network loses the session, or the shopper presses Cancel: nobody is told."""
        session = self.session(chat)
        if session is not None and session.is_open:
            _end(session, "", "dropped")

    def forget(self) -> None:
        """Ends every session."""
        self._sessions.clear()

    async def _step(self, session: Session, copies: int, key: str | None = None) -> Session:
        post = self._post(session, key)
        attempts = await asyncio.gather(*(self._poster.deliver(post, ()) for _ in range(copies)))
        session.answers = [attempt.status for attempt in attempts]
        session.copies = [attempt.answer for attempt in attempts]
        _read(session, attempts[0])
        return session

    def _post(self, session: Session, key: str | None) -> Post:
        url, secret = self._settings.webhook(Channel.USSD_AFRICASTALKING), self._settings.callback_key
        if key is not None:
            url = url.replace(f"/{secret}/", f"/{key}/" if key else "/")
        shopper = session.chat.shopper
        form = {
            "sessionId": session.id,
            "serviceCode": session.chat.line.account,
            "phoneNumber": shopper.number,
            "networkCode": NETWORKS.get(shopper.country, "99999"),
            "text": "*".join(session.typed),
        }
        headers = {"Content-Type": FORM}
        return Post(url, urlencode(form).encode(), headers, "screen", session.chat, session.step)


def _key(chat: Chat) -> tuple[str, str]:
    return chat.shopper.wa_id, chat.line.account


def _end(session: Session, screen: str, trouble: str) -> None:
    session.is_open, session.trouble = False, trouble
    session.screens.append(screen)


def _read(session: Session, attempt: Attempt) -> None:
    """Puts the answer on the phone, as far as the network can."""
    if not attempt.is_accepted:
        _end(session, BROKEN, f"the answer was {attempt.reason}")
        return
    word, _, text = attempt.answer.partition(" ")
    if word not in ("CON", "END"):
        _end(session, BROKEN, f"an answer begins with CON or END, not {attempt.answer[:20]!r}")
        return
    session.is_open = word == "CON"
    session.trouble = fault_of(text)
    session.screens.append(text)


def fault_of(text: str) -> str | None:
    """What is wrong with a screen: letters that a phone can't show, or too many of them."""
    if strange := set(text) - GSM - DOUBLE:
        return f"a phone may not show {''.join(sorted(strange))!r}"
    length = sum(2 if letter in DOUBLE else 1 for letter in text)
    return f"{length} letters, and a screen holds {LONGEST}" if length > LONGEST else None
