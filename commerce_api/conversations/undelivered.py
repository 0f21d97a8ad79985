"""A message that could not be delivered: a person is asked for, with the reason, where a person can help."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations import consent, errors, handing
from commerce_api.conversations.models import Conversation
from commerce_api.conversations.outbound_models import Scope

# The shopper stopped us, at the provider or here: nobody at the shop can help, or may.
# Twilio 21610; Africa's Talking 406 (UserInBlacklist); Meta 131050 (offers alone).
STOPPED = {"21610": Scope.ALL, "406": Scope.ALL, "131050": Scope.MARKETING}
NOBODY_HELPS = frozenset({errors.OPTED_OUT, "tenant_suspended", *STOPPED})


async def tell(session: AsyncSession, conversation: Conversation, code: str, now: datetime) -> None:
    """Hands the conversation to a person; a provider's word that the shopper stopped us goes to the ledger.

    The caller holds the conversation.
    """
    scope = STOPPED.get(code)
    if scope is not None:
        await consent.refused_by_provider(session, conversation, now, scope=scope)
    if code not in NOBODY_HELPS:
        await handing.hand_off(session, conversation, f"undelivered: {code}", now)
