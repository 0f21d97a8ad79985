"""One step of a dialogue of screens (USSD): what a number or words typed there mean, and where they lead.

Keys are answered from the screens kept; a choice's number is a tap on it; everything else is said to the
assistant. Who dials again within hours, in the middle of something, is asked whether to go on there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, InboundMessage, choice_id
from channels.registry import PROVIDERS
from channels.ussd.paging import BACK, HOME, MORE_TYPED, Screen
from commerce_api.conversations import choices
from commerce_api.conversations.models import (
    Conversation,
    DeliveryStatus,
    Direction,
    HandledBy,
    Message,
    Turn,
    TurnState,
)
from commerce_api.conversations.screen_models import ScreenMode, ScreenState

Json = dict[str, Any]

RESUMABLE = timedelta(hours=3)
MOST_BEHIND = 10
GO_ON, START_OVER = "1", "2"
BEGINNING: Json = {"title": "Hi", "intent": "start_over", "entities": {}, "description": None}
OPEN = (TurnState.PENDING, TurnState.CLAIMED)


class Move(StrEnum):
    """What a step does. ``BEGIN`` and ``SAY`` are for the assistant, ``TELL`` for the person who answers."""

    BEGIN = "begin"
    SAY = "say"
    TELL = "tell"
    WRITE = "write"
    RESUME = "resume"
    STAY = "stay"
    MORE = "more"
    BACK = "back"
    HOME = "home"


@dataclass(frozen=True)
class Step:
    """One input, as it is kept; ``choice`` is what it picked, in a choice's JSON."""

    message: InboundMessage
    move: Move
    choice: Json | None = None

    @property
    def is_for_assistant(self) -> bool:
        """Whether a turn answers it."""
        return self.move in (Move.BEGIN, Move.SAY)

    @property
    def leafs(self) -> bool:
        """Whether it says nothing to anybody, but only turns pages or dials in."""
        return self.move not in (Move.SAY, Move.TELL)


def is_dialled(channel: str) -> bool:
    """Whether a channel's shoppers dial in and read the answer at once, and nothing can be sent to them."""
    provider = PROVIDERS.get(channel)
    return provider is not None and provider.acknowledgement.is_reply


async def state_of(session: AsyncSession, conversation_id: UUID) -> ScreenState | None:
    """Where the shopper is. The caller holds the conversation."""
    return await session.scalar(select(ScreenState).where(ScreenState.conversation_id == conversation_id))


async def read(
    session: AsyncSession, conversation: Conversation, message: InboundMessage, now: datetime
) -> Step | None:
    """What a message means as a step; None when it is none. Changes nothing. The conversation is held."""
    if message.session_id is None or not is_dialled(conversation.channel):
        return None
    state = await state_of(session, conversation.id)
    if state is None or state.session_id != message.session_id:
        dialled = replace(message, text=message.account)
        return await _dialled(session, conversation, state, dialled, now)
    step = _step(state, replace(message, text=_typed(state, message)), conversation.handled_by)
    return await _picked(session, conversation, state, step) if step.move is Move.SAY else step


async def follow(
    session: AsyncSession, conversation: Conversation, step: Step, message_id: UUID, now: datetime
) -> None:
    """Makes the step, whose message is stored under this id, and new. The conversation is held."""
    if step.choice is not None:
        # Put here and not looked up by the button's id: two equal steps are two, however quick.
        row = (await session.scalars(select(Message).where(Message.id == message_id))).one()
        row.body = {**row.body, "choice": step.choice}
    state = await state_of(session, conversation.id)
    if state is None:
        state = ScreenState(conversation_id=conversation.id, mode=ScreenMode.ANSWER, behind=[])
        session.add(state)
    state.session_id = step.message.session_id or ""
    state.typed = str(step.message.fields.get("typed") or "")
    state.updated_at = now
    MOVES[step.move](state)
    await session.flush()


async def is_awaited(session: AsyncSession, conversation_id: UUID, position: int) -> bool:
    """Whether a turn of a message up to ``position`` is still to come or under way."""
    before = Turn.conversation_id == conversation_id, Turn.position <= position, Turn.state.in_(OPEN)
    return bool(await session.scalar(select(exists().where(*before))))


def waiting(conversation: Conversation) -> tuple[Any, ...]:
    """What tells the messages that are to be shown next."""
    return (
        Message.conversation_id == conversation.id,
        Message.direction == Direction.OUTBOUND,
        Message.status == DeliveryStatus.QUEUED,
    )


async def _dialled(
    session: AsyncSession,
    conversation: Conversation,
    state: ScreenState | None,
    message: InboundMessage,
    now: datetime,
) -> Step:
    """What was left unread comes first, then a person who answers, then where the shopper was."""
    has_news = await session.scalar(select(exists().where(*waiting(conversation))))
    if has_news or await is_awaited(session, conversation.id, conversation.next_position):
        return Step(message, Move.STAY)
    if conversation.handled_by is HandledBy.SELLER:
        return Step(message, Move.WRITE)
    if state is not None and is_amid(state, now):
        return Step(message, Move.RESUME)
    return _beginning(message)


def is_amid(state: ScreenState, now: datetime) -> bool:
    """Whether the shopper left in the middle of something, not long ago."""
    current = state.current
    if current is None or current["is_last"] or current["is_home"]:
        return False
    return now - state.updated_at < RESUMABLE


def _typed(state: ScreenState, message: InboundMessage) -> str:
    """What was typed in this step alone, stars included."""
    whole = str(message.fields.get("typed") or "")
    before = f"{state.typed}*" if state.typed else ""
    return (whole[len(before) :] if whole.startswith(before) else message.text or "").strip()


def _step(state: ScreenState, message: InboundMessage, handled_by: HandledBy) -> Step:
    text = message.text or ""
    if state.mode is ScreenMode.WORKING:
        return Step(message, Move.STAY)
    if state.mode is ScreenMode.RESUME and (move := _resumed(text)) is not None:
        return _beginning(message) if move is Move.BEGIN else Step(message, move)
    if state.mode is not ScreenMode.WRITE and (move := _key(state, text)) is not None:
        return _beginning(message) if move is Move.BEGIN else Step(message, move)
    return Step(message, Move.TELL if handled_by is HandledBy.SELLER else Move.SAY)


def _beginning(message: InboundMessage) -> Step:
    return Step(replace(message, kind=InboundKind.CHOICE), Move.BEGIN, BEGINNING)


def _resumed(text: str) -> Move | None:
    """The answer to whether to go on; None when it is none, but something to say."""
    if text == START_OVER:
        return Move.BEGIN
    if text in (GO_ON, BACK, ""):
        return Move.STAY
    return Move.RESUME if text.isdigit() and text != HOME else None


def _key(state: ScreenState, text: str) -> Move | None:
    current = state.current
    if text == HOME:
        return Move.HOME if state.home is not None else Move.BEGIN
    if text == BACK:
        return Move.BACK
    if not text:
        return Move.STAY
    if text in MORE_TYPED and current is not None and current["page"] + 1 < len(current["pages"]):
        return Move.MORE
    return None


async def _picked(session: AsyncSession, conversation: Conversation, state: ScreenState, step: Step) -> Step:
    """A choice's number as the tap it is."""
    marks = Screen.from_json(state.current).marks if state.current is not None else {}
    place = marks.get(step.message.text or "") if state.mode is ScreenMode.ANSWER else None
    if place is None:
        return step
    choice = await choices.chosen(session, conversation.id, choice_id(*place))
    if choice is None:
        return step
    return Step(replace(step.message, kind=InboundKind.CHOICE), Move.SAY, choice)


def _begin(state: ScreenState) -> None:
    state.mode, state.behind = ScreenMode.ANSWER, []


def _show(state: ScreenState) -> None:
    state.mode = ScreenMode.ANSWER


def _stay(state: ScreenState) -> None:
    if state.mode is not ScreenMode.WORKING:
        state.mode = ScreenMode.ANSWER


def _ask(state: ScreenState) -> None:
    state.mode = ScreenMode.RESUME


def _write(state: ScreenState) -> None:
    state.mode = ScreenMode.WRITE


def _tell(state: ScreenState) -> None:
    state.mode = ScreenMode.TOLD


def _turn_page(state: ScreenState) -> None:
    if state.current is not None:
        state.current = {**state.current, "page": state.current["page"] + 1}
    _show(state)


def _go_back(state: ScreenState) -> None:
    """To the page before, else to the screen before, as it was left."""
    if state.current is not None and state.current["page"] > 0:
        state.current = {**state.current, "page": state.current["page"] - 1}
    elif state.behind:
        *rest, last = state.behind
        state.current, state.behind = last, rest
    _show(state)


def _go_home(state: ScreenState) -> None:
    if state.home is not None:
        put(state, {**state.home, "page": 0})


def put(state: ScreenState, screen: Json) -> None:
    """Shows another screen; the one before is behind it."""
    if state.current is not None and state.current != screen:
        state.behind = [*state.behind, state.current][-MOST_BEHIND:]
    state.current = screen
    _show(state)


MOVES: Mapping[Move, Callable[[ScreenState], None]] = {
    Move.BEGIN: _begin,
    Move.SAY: _show,
    Move.TELL: _tell,
    Move.WRITE: _write,
    Move.RESUME: _ask,
    Move.STAY: _stay,
    Move.MORE: _turn_page,
    Move.BACK: _go_back,
    Move.HOME: _go_home,
}
