"""A test message of a channel account, to the member's own phone: does what we send arrive?"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import OutboundMessage, Template
from commerce_api.conversations import accounts, contacts, queries, saying
from commerce_api.conversations.errors import NumberUnfit
from commerce_api.conversations.models import Message

# On these a message can be sent to a number that never wrote.
BY_NUMBER = frozenset({"whatsapp", "whatsapp_twilio", "sms_twilio", "sms_africastalking"})
# The template every WhatsApp business account is born with (Meta, "Get started with the Cloud API").
HELLO = Template("hello_world", "en_US")
WORDS = "This is a test message from {shop}. It arrived: your shop can be reached here."


async def send(
    session: AsyncSession, account_id: UUID, number: str, *, shop: str, seller_id: UUID, now: datetime
) -> Message:
    """Sends a test message by an account to a number, E.164, and makes a conversation of it; it is queued.

    Where Meta's reply window is shut it is the template ``hello_world``. Raises NotFound, NumberUnfit for
    what is no number or an account that can't be the first to write, and as ``saying.say``.
    """
    account = await accounts.find(session, account_id)
    digits = "".join(letter for letter in number if letter.isdigit())
    if account.channel not in BY_NUMBER or not number.strip().startswith("+") or not 8 <= len(digits) <= 15:
        raise NumberUnfit
    address = digits if account.channel == "whatsapp" else f"+{digits}"
    talk = await contacts.conversation_with(session, account, address, name=None, now=now)
    conversation = await queries.conversation(session, talk.id)
    message = OutboundMessage(WORDS.format(shop=shop))
    if account.channel == "whatsapp" and not saying.takes_free_form(conversation, now):
        message = OutboundMessage("Hello World", template=HELLO)
    return await saying.say(session, talk.id, message, seller_id=seller_id, now=now, takes_over=False)
