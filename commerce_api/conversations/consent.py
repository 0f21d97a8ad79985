"""STOP, START and HELP: heard when a message is stored, before the assistant sees it.

After a STOP nothing goes out to that contact on that channel account but one confirmation, until they say
START (``ledger.py`` holds every sender to it). Only the shopper can take a STOP back.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import ConsentWord, InboundKind, InboundMessage, OutboundMessage
from channels.provider import Provider
from channels.registry import PROVIDERS
from commerce_api.conversations import consent_words, ledger, outbox
from commerce_api.conversations.models import Author, Conversation, Direction, Message
from commerce_api.conversations.outbound_models import Scope, ToldBy

# Letters that no mark can be taken off: Hausa's hooked ones as people without them type them.
PLAIN = str.maketrans({"ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "œ": "oe", "æ": "ae"})
LONGEST = 40
# Kept even when nothing is stopped: an older STOP may still be on its way.
ALWAYS_NOTED = frozenset({"start", "unstop"})


class Heard(StrEnum):
    """What a message meant. Each of them ends here: no turn follows."""

    STOPPED = "stopped"
    STARTED = "started"
    HELPED = "helped"
    SILENCED = "silenced"
    """Nothing of consent, from someone who said STOP: the seller sees it, and nobody may answer."""


async def heard(
    session: AsyncSession,
    conversation: Conversation,
    message: InboundMessage,
    now: datetime,
    *,
    message_id: UUID,
) -> Heard | None:
    """What a stored message says of being written to; None when it is an ordinary one, to be answered.

    Writes the ledger and queues the one confirmation, unless the provider gave it already. The caller holds
    the conversation, ``tenant`` and ``contact`` loaded. ``message_id`` is the stored message's.
    """
    provider = PROVIDERS.get(conversation.channel)
    # Where the answer to a webhook is the reply, nothing is ever sent that could be stopped.
    if message.is_echo or provider is None or provider.acknowledgement.is_reply:
        return None
    ear = _Ear(session, conversation, message, message_id, provider, now)
    if message.consent is not None:
        return await ear.told_by_provider(message.consent)
    stopped = (await ledger.standing(session, conversation)).is_stopped
    word, language = await ear.word(is_stopped=stopped)
    if word is None or (word is ConsentWord.HELP and stopped):
        return Heard.SILENCED if stopped else None
    if word is ConsentWord.HELP:
        await ear.say(consent_words.HELPED, language)
        return Heard.HELPED
    return await ear.spoken(word, language, was_stopped=stopped)


async def refused_by_provider(
    session: AsyncSession, conversation: Conversation, now: datetime, *, scope: Scope
) -> None:
    """A provider refused a message: the shopper stopped us there. The caller holds the conversation."""
    await ledger.write(
        session,
        conversation,
        ConsentWord.STOP,
        scope=scope,
        told_by=ToldBy.PROVIDER,
        message_id=None,
        said_at=now,
        now=now,
    )


@dataclass(frozen=True)
class _Ear:
    session: AsyncSession
    conversation: Conversation
    message: InboundMessage
    message_id: UUID
    provider: Provider
    now: datetime

    async def spoken(self, word: ConsentWord, language: str | None, *, was_stopped: bool) -> Heard | None:
        """A STOP or START in the shopper's own words; one that a later one overtook changes nothing."""
        await self._write(word, Scope.ALL, ToldBy.WORDS)
        is_stopped = (await ledger.standing(self.session, self.conversation)).is_stopped
        if is_stopped and not was_stopped:
            # What is queued before it is found unsendable when the worker comes to it.
            await self.say(consent_words.STOPPED, language)
            return Heard.STOPPED
        if was_stopped and not is_stopped:
            await self.say(consent_words.STARTED, language)
            return Heard.STARTED
        if is_stopped:
            return Heard.SILENCED
        return Heard.STOPPED if word is ConsentWord.STOP else None

    async def told_by_provider(self, word: ConsentWord) -> Heard:
        """The provider says it, and has confirmed it: a carrier's STOP, or a switch for offers alone."""
        if word is ConsentWord.HELP:
            return Heard.HELPED
        scope = Scope.MARKETING if self.message.kind is InboundKind.SYSTEM else Scope.ALL
        await self._write(word, scope, ToldBy.PROVIDER)
        return Heard.STOPPED if word is ConsentWord.STOP else Heard.STARTED

    async def word(self, *, is_stopped: bool) -> tuple[ConsentWord | None, str | None]:
        """The word of consent that is the whole message, and its language."""
        said = normalised(self.message.text or "")
        if not said or self.message.kind not in (InboundKind.TEXT, InboundKind.CHOICE):
            return None, None
        if (language := STOPS.get(said)) is not None:
            return ConsentWord.STOP, language
        if (is_stopped or said in ALWAYS_NOTED) and (language := STARTS.get(said)) is not None:
            return ConsentWord.START, language
        is_sms = self.provider.is_number_based and self.provider.window_hours is None
        if not is_sms or self.message.kind is not InboundKind.TEXT:
            return None, None
        return await self._word_by_sms(said, is_stopped=is_stopped)

    async def _word_by_sms(self, said: str, *, is_stopped: bool) -> tuple[ConsentWord | None, str | None]:
        is_twilio = self.provider.setup.vendor == "twilio"
        if is_stopped and is_twilio and said in consent_words.TWILIO_STARTS:
            return ConsentWord.START, None
        if (language := STOPS_BY_SMS.get(said)) is not None:
            acted_on = is_twilio and said in consent_words.TWILIO_STOPS
            if acted_on or not await self._is_asked():
                return ConsentWord.STOP, language
        if (language := HELPS.get(said)) is not None:
            return ConsentWord.HELP, language
        return None, None

    async def _is_asked(self) -> bool:
        """Whether the last thing said to the shopper wants an answer."""
        body = await self.session.scalar(
            select(Message.body)
            .where(Message.conversation_id == self.conversation.id, Message.direction == Direction.OUTBOUND)
            .order_by(Message.position.desc())
            .limit(1)
        )
        if body is None:
            return False
        last = OutboundMessage.from_json(body)
        return bool(last.all_choices or last.ask or last.text.rstrip().endswith(("?", "؟")))

    async def say(self, words: dict[str, str], language: str | None) -> None:
        """Confirms; not where someone else holds the conversation at the provider."""
        if self.message.is_standby:
            return
        shop, contact = self.conversation.tenant, self.conversation.contact
        # Everyone writes STOP; who writes ARRÊT reads French.
        spoken = language if language != "en" else None
        text = consent_words.say(words, shop.name, spoken, contact.language, *shop.languages)
        await outbox.enqueue(
            self.session,
            self.conversation,
            [OutboundMessage(text)],
            author=Author.SYSTEM,
            now=self.now,
            reply_to_id=self.message_id,
            kind=ledger.CONFIRMATION,
        )

    async def _write(self, word: ConsentWord, scope: Scope, told_by: ToldBy) -> None:
        await ledger.write(
            self.session,
            self.conversation,
            word,
            scope=scope,
            told_by=told_by,
            message_id=self.message_id,
            said_at=self.message.sent_at,
            now=self.now,
        )


def normalised(text: str) -> str:
    """``text`` as words are compared: no case, no marks on letters, no punctuation, single spaces."""
    if len(text) > LONGEST * 2:
        return ""
    # Some marks change under case folding, and some letters under normalising: once more than seems needed.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).translate(PLAIN)
    kept = (one if one.isalnum() else " " for one in folded if not unicodedata.combining(one))
    return " ".join("".join(kept).split())[:LONGEST].rstrip()


def _index(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each word's language; of a word that several have, the first's."""
    index: dict[str, str] = {}
    for language, spelled in words.items():
        for word in spelled:
            index.setdefault(normalised(word), language)
    return index


STOPS, STARTS = _index(consent_words.STOP), _index(consent_words.START)
STOPS_BY_SMS, HELPS = _index(consent_words.STOP_BY_SMS), _index(consent_words.HELP)
