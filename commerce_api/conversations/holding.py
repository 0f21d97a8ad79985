"""What a shopper reads when a turn died: once, however many die together.

Of the few shopper's words outside ``bot/domain.yml``: when the assistant is down, it can't say that it is.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import OutboundMessage
from commerce_api.conversations import outbox
from commerce_api.conversations.models import Author, Conversation, Message

KIND = "holding"
# Who has just read that a person will answer learns nothing from reading it again.
SAID_ONCE_IN = timedelta(minutes=1)

WORDS = {
    "en": "Sorry, something went wrong here. I've asked a person at {shop} to help; they'll answer here.",
    "pcm": "Abeg no vex, something spoil for my side. I don call person for {shop}; dem go answer you here.",
    "sw": "Samahani, kuna tatizo upande wangu. Nimemwomba mhudumu wa {shop} akusaidie; atakujibu hapa.",
    "fr": "Désolé, j'ai eu un problème. J'ai prévenu une personne de {shop} ; elle vous répondra ici.",
    "ha": "Yi haƙuri, an samu matsala a wurina. Na nemi wani a {shop} ya taimaka maka; zai amsa maka a nan.",
    "yo": "Má bínú, ìṣòro kan wáyé. Mo ti ní kí ẹnìkan ní {shop} ràn ọ́ lọ́wọ́; wọn yóò dá ọ lóhùn níbí.",
}


def words(shop: str, *languages: str | None) -> str:
    """The holding message in the first of ``languages`` there is one in, else English."""
    language = next((language for language in languages if language in WORDS), "en")
    return WORDS[language].format(shop=shop)


async def say(
    session: AsyncSession, conversation: Conversation, message_id: UUID, now: datetime, *, ordinal: int
) -> None:
    """Queues the holding message as the reply to a message, unless it was said within the last minute.

    The caller holds the conversation, ``tenant`` and ``contact`` loaded.
    """
    said = await session.scalar(
        select(Message.id)
        .where(
            Message.conversation_id == conversation.id,
            Message.kind == KIND,
            Message.created_at > now - SAID_ONCE_IN,
        )
        .limit(1)
    )
    if said is not None:
        return
    shop, contact = conversation.tenant, conversation.contact
    await outbox.enqueue(
        session,
        conversation,
        [OutboundMessage(words(shop.name, contact.language, *shop.languages))],
        author=Author.SYSTEM,
        now=now,
        reply_to_id=message_id,
        first_ordinal=ordinal,
        kind=KIND,
    )
