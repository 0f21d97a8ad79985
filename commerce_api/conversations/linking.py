"""Two chats of one shopper brought together by a code: given in one, sent as a whole message from the other.

Where a provider tells no telephone number (Instagram), only the shopper can say that they are the one who
writes elsewhere too. A code is good once, for a quarter of an hour, with one seller. Who guesses is stopped:
in a conversation after five wrong codes, at a seller's after fifty, a quarter of an hour each.
"""

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import OutboundMessage
from commerce_api.conversations import consent, linking_words, merging, outbox, queries
from commerce_api.conversations.contact_models import LinkCode, LinkTry, MergeReason
from commerce_api.conversations.contacts import Register
from commerce_api.conversations.models import Author, Conversation
from commerce_api.conversations.storing import Written

GOOD_FOR = timedelta(minutes=15)
MOST_TRIES = 5
MOST_TRIES_AT_SELLER = 50
# Digit and letter in turn, so that no word is a code; without those that look alike.
DIGITS, LETTERS = "23456789", "ABCDEFGHJKMNPQRSTVWXYZ"
CODE = re.compile(r"\s*link[\s:-]*((?:[2-9][a-hjkmnp-tv-z]){3})[\s.!]*", re.IGNORECASE)
KIND = "linking"


async def give(session: AsyncSession, conversation: Conversation, now: datetime) -> LinkCode:
    """A new code of the conversation's; older ones are good no more. The caller holds the conversation."""
    older = await session.scalars(
        select(LinkCode).where(
            LinkCode.conversation_id == conversation.id, LinkCode.used_at.is_(None), LinkCode.expires_at > now
        )
    )
    for code in older:
        code.expires_at = now
    word = "".join(secrets.choice(DIGITS) + secrets.choice(LETTERS) for _ in range(3))
    given = LinkCode(code=word, conversation_id=conversation.id, created_at=now, expires_at=now + GOOD_FOR)
    session.add(given)
    await session.flush()
    return given


async def offer(session: AsyncSession, conversation: Conversation, now: datetime) -> LinkCode:
    """Gives a code and has it told to the shopper. The caller holds the conversation."""
    given = await give(session, conversation, now)
    await _say(session, conversation, linking_words.GIVEN, now, code=given.code)
    return given


async def heard(register: Register, one: Written) -> bool:
    """Whether a message was about linking, and is answered: a code, or the wish for one."""
    session, now, conversation = register.session, register.now, one.conversation
    text = one.message.text or ""
    if consent.normalised(text) in linking_words.ASKS:
        await offer(session, conversation, now)
        return True
    found = CODE.fullmatch(text)
    if found is None:
        return False
    if await _tries(session, conversation, now):
        await _redeem(register, conversation, found[1].upper())
    return True


async def _tries(session: AsyncSession, conversation: Conversation, now: datetime) -> bool:
    """Whether a code may be tried here now. Who tried too often gets no answer at all for a while."""
    since = LinkTry.created_at > now - GOOD_FOR
    own = LinkTry.conversation_id == conversation.id
    found = await session.execute(
        select(func.count().filter(own), func.count()).select_from(LinkTry).where(since)
    )
    mine, all_tries = found.one()
    return mine < MOST_TRIES and all_tries < MOST_TRIES_AT_SELLER


async def _redeem(register: Register, conversation: Conversation, word: str) -> None:
    session, now = register.session, register.now
    code = await session.scalar(
        select(LinkCode)
        .where(
            LinkCode.code == word,
            LinkCode.used_at.is_(None),
            LinkCode.expires_at > now,
            LinkCode.conversation_id != conversation.id,
        )
        .with_for_update()
    )
    if code is None:
        session.add(LinkTry(conversation_id=conversation.id, created_at=now))
        await _say(session, conversation, linking_words.WRONG, now)
        return
    code.used_at = now
    other = await queries.conversation(session, code.conversation_id)
    await merging.merge(
        session,
        register.belongings,
        (conversation.contact_id, other.contact_id),
        reason=MergeReason.LINK_CODE,
        now=now,
    )
    counts = {part.name: await part.count(session, conversation.contact_id) for part in register.belongings}
    facts = {"cart": counts.get("cart", 0), "orders": counts.get("orders", 0)}
    await _say(session, conversation, linking_words.LINKED, now, channel=_name(other), **facts)
    # Whoever has the other chat reads it too, should the code have come from someone else's hands.
    other = await queries.lock(session, other.id)
    if other.reply_window_until is None or other.reply_window_until > now:
        await _say(session, other, linking_words.LINKED, now, channel=_name(conversation), **facts)


async def _say(
    session: AsyncSession, conversation: Conversation, words: dict[str, str], now: datetime, **facts: object
) -> None:
    shop, contact = conversation.tenant, conversation.contact
    language = linking_words.language(words, contact.language, *shop.languages)
    text = words[language].format(shop=shop.name, **facts)
    await outbox.enqueue(
        session, conversation, [OutboundMessage(text)], author=Author.SYSTEM, now=now, kind=KIND
    )


def _name(conversation: Conversation) -> str:
    """The channel as shoppers call it."""
    return linking_words.CHANNELS.get(conversation.channel.partition("_")[0], conversation.channel)
