"""What came in on one account: stored, and each message given to whom it is for.

Most become turns of the assistant's. Words of consent, a link code, a message taken back or given new words,
what the seller wrote themselves and what someone else is to answer don't.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, InboundMessage
from commerce_api.conversations import (
    claiming,
    cleaning,
    consent,
    dialling,
    echoes,
    editing,
    flooding,
    joining,
    linking,
    ordering,
    storing,
)
from commerce_api.conversations.claiming import Claimant
from commerce_api.conversations.contacts import Person, Register
from commerce_api.conversations.dialling import Step
from commerce_api.conversations.models import Conversation, HandledBy
from commerce_api.conversations.schemas import TurnRead, WaitingRead
from commerce_api.conversations.storing import Written
from commerce_api.core.rows import settle

REPLY_WINDOW = timedelta(hours=24)
# Written by nobody to be read: they neither count as unread nor renew the reply window.
NOTICES = (InboundKind.SYSTEM, InboundKind.DELETION)


@dataclass
class Taken:
    """What became of one account's messages."""

    accepted: int = 0
    duplicates: int = 0
    turns: list[TurnRead] = field(default_factory=list)
    waiting: list[WaitingRead] = field(default_factory=list)


class Arrivals:
    """One account's messages of one webhook; its tenant is entered, and ``register`` is the account's."""

    def __init__(self, register: Register, claimant: Claimant) -> None:
        self._session: AsyncSession = register.session
        self._register = register
        self._claimant = claimant
        self._now = register.now
        self._taken = Taken()
        self._opened: set[UUID] = set()
        self._steps: dict[str, Step] = {}

    async def take(self, messages: Sequence[InboundMessage]) -> Taken:
        """Stores the messages and leaves the turns they ask for."""
        talks = await self._register.conversations(_people(messages))
        # By the provider's time, so that what came together is understood in the order it was said.
        written = [(talks[message.sender], message) for message in sorted(messages, key=_said)]
        new = []
        for conversation, message in written:
            if not message.is_echo or not await echoes.are_ours(
                self._session, conversation, message, self._now
            ):
                new.append((conversation, await self._as_meant(conversation, message)))
        stored = await storing.store_all(self._session, new, self._now)
        self._taken.accepted = len(stored)
        self._taken.duplicates = len(messages) - len(stored)
        for one in stored:
            await self._receive(one)
        await settle(self._session)
        touched = {one.conversation.id for one in stored}
        for conversation in {talk.id: talk for talk in talks.values()}.values():
            await self._hand_out(conversation, is_new=conversation.id in touched)
        return self._taken

    async def _receive(self, one: Written) -> None:
        """One message that is stored: for whom is it?"""
        message = one.message
        if message.is_echo:
            await self._echoed(one)
            return
        self._note(one)
        if message.moved_to:
            await self._register.move(one.conversation, message.sender, message.moved_to)
        if message.shared_phone:
            await self._register.share_phone(one.conversation, message.shared_phone)
        if (step := self._steps.get(message.provider_message_id)) is not None:
            await dialling.follow(self._session, one.conversation, step, one.id, self._now)
            if not step.is_for_assistant:
                return
        # It asks for nothing that changed just now: a batch is written at its end, not message by message.
        with self._session.no_autoflush:
            heard = await consent.heard(
                self._session, one.conversation, message, self._now, message_id=one.id
            )
        if heard:
            return
        if not message.is_standby and await self._is_for_assistant(one):
            await self._add_turn(one)

    async def _as_meant(self, conversation: Conversation, message: InboundMessage) -> InboundMessage:
        """A step of a dialogue of screens as what it means there; any other message as it is."""
        step = await dialling.read(self._session, conversation, message, self._now)
        if step is None:
            return message
        self._steps[message.provider_message_id] = step
        return step.message

    async def _echoed(self, one: Written) -> None:
        if one.message.kind is InboundKind.EDIT:
            await editing.edit(self._session, one, self._now)
        elif one.message.kind is InboundKind.DELETION:
            await editing.delete(self._session, one, self._now)
        else:
            await echoes.take_over(self._session, one.conversation, one.message, self._now)

    async def _is_for_assistant(self, one: Written) -> bool:
        kind = one.message.kind
        if kind is InboundKind.DELETION:
            await editing.delete(self._session, one, self._now)
            return False
        if kind is InboundKind.SYSTEM or (kind is InboundKind.REACTION and not one.message.emoji):
            return False
        if kind is InboundKind.EDIT and not await editing.edit(self._session, one, self._now):
            return False
        if kind is InboundKind.TEXT and await linking.heard(self._register, one):
            return False
        if one.conversation.handled_by is HandledBy.SELLER or await joining.join(self._session, one):
            return False
        may_flood = one.position > flooding.MESSAGES
        return not (may_flood and await flooding.absorbs(self._session, one, self._now))

    def _note(self, one: Written) -> None:
        conversation, message = one.conversation, one.message
        conversation.last_message_at = self._now
        if message.kind in NOTICES:
            return
        step = self._steps.get(message.provider_message_id)
        conversation.unread += step is None or not step.leafs
        # A provider's clock that runs ahead opens no longer window.
        until = min(message.sent_at, self._now) + REPLY_WINDOW
        conversation.reply_window_until = max(until, conversation.reply_window_until or until)

    async def _add_turn(self, one: Written) -> None:
        is_first = await ordering.add_turn(
            self._session,
            one.conversation,
            one.id,
            position=one.position,
            said=ordering.said_at(one.message.sent_at, self._now),
            due=ordering.due_at(one.conversation, one.message, self._now),
            now=self._now,
        )
        if is_first:
            self._opened.add(one.conversation.id)

    async def _hand_out(self, conversation: Conversation, *, is_new: bool) -> None:
        """Gives the caller the turn that may run at once, or tells it when to ask for it.

        Also to who asks again because the first answer was lost.
        """
        due = conversation.turn_due_at
        if due is None:
            return
        turn = None
        if not is_new:
            turn = await claiming.given_before(self._session, conversation, self._claimant, self._now)
        if turn is None and due <= self._now:
            turn = await claiming.claim_next(self._session, conversation, self._claimant, self._now)
        if turn is not None:
            self._taken.turns.append(turn)
        elif self._now < due <= self._now + ordering.BACKLOG_HOLD_BACK and (
            conversation.id in self._opened or not is_new
        ):
            wait = ceil((due - self._now) / timedelta(milliseconds=1))
            self._taken.waiting.append(WaitingRead(conversation_id=conversation.id, wait_ms=wait))


def _said(message: InboundMessage) -> tuple[str, object]:
    return message.sender, message.sent_at


def _people(messages: Sequence[InboundMessage]) -> list[Person]:
    """Who wrote, with every address the webhook names them by."""
    by_sender: dict[str, list[InboundMessage]] = {}
    for message in messages:
        by_sender.setdefault(message.sender, []).append(message)
    people = []
    for sender, theirs in sorted(by_sender.items()):
        others = {address for message in theirs for address in message.sender_ids if address} - {sender}
        name = next((message.sender_name for message in theirs if message.sender_name), None)
        username = next((message.sender_username for message in theirs if message.sender_username), None)
        people.append(
            Person(
                addresses=(sender, *sorted(others)),
                said_at=min(message.sent_at for message in theirs),
                name=cleaning.text(name, 200),
                username=cleaning.text(username, 200),
            )
        )
    return people
