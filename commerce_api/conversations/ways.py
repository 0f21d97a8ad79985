"""The way a message leaves by: which of the seller's accounts, to which address; what stands against it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.provider import Provider
from channels.registry import PROVIDERS
from commerce_api.conversations import accounts, contacts, errors, ledger
from commerce_api.conversations.models import ChannelAccount, Conversation, Message
from commerce_api.core import tenancy
from commerce_api.core.errors import NotFound
from commerce_api.core.statements import Statement
from commerce_api.tenants.models import TenantStatus

# A shopper gains nothing from a reply a day late, and WhatsApp's window is shut by then.
TOO_OLD = timedelta(hours=24)

ACCOUNT = Statement(
    "select coalesce(road.id, home.id) as id, coalesce(road.channel, home.channel) as channel"
    " from conversations c"
    " join channel_accounts home on home.tenant_id = c.tenant_id and home.id = c.channel_account_id"
    " left join channel_accounts road on road.tenant_id = home.tenant_id and road.id = home.road_id"
    " where c.tenant_id = %(tenant)s and c.id = %(conversation)s"
)
BY_ID = Statement(
    "select {home} from channel_accounts a where a.tenant_id = %(tenant)s and a.id = %(account)s",
    home=accounts.ACCOUNT.columns,
)


@dataclass(frozen=True)
class Way:
    """``account`` with its sealed credentials is the one it leaves by; ``address`` is the shopper's there.

    ``provider`` is None for a channel that is no more, ``address`` when the shopper has none left.
    """

    conversation: Conversation
    account: ChannelAccount
    provider: Provider | None
    address: str | None


async def account_of(session: AsyncSession, conversation_id: UUID) -> tuple[UUID, str]:
    """The id and the channel of the account that a conversation's messages leave by. Raises NotFound."""
    row = await ACCOUNT.first(session, tenant=tenancy.current(session), conversation=conversation_id)
    if row is None:
        raise NotFound
    return row.id, row.channel


async def find(session: AsyncSession, conversation: Conversation, message: Message) -> Way:
    """The way a message leaves by; both WhatsApp roads know a shopper by the same address."""
    home = await _account(session, message.channel_account_id)
    account = await _account(session, home.road_id) if home.road_id is not None else home
    address = await contacts.address_for(session, home, conversation.contact_id, conversation.id)
    return Way(conversation, account, PROVIDERS.get(account.channel), address)


async def obstacle(session: AsyncSession, way: Way, message: Message, now: datetime) -> str | None:
    """Why the message can't be sent at all; None when nothing stands against it."""
    shut = _shut(way)
    if shut is not None:
        return shut
    is_template = bool(message.body.get("template"))
    standing = await ledger.standing(session, way.conversation)
    if not standing.allows(kind=message.kind, reply_to_id=message.reply_to_id, is_template=is_template):
        return errors.OPTED_OUT
    if now - message.created_at > TOO_OLD:
        return "too_old"
    if is_template or takes_free_form(way.conversation, way.provider, now):
        return None
    return errors.WINDOW_CLOSED


def takes_free_form(conversation: Conversation, provider: Provider | None, now: datetime) -> bool:
    """Whether the provider takes messages now that are no template; False before the shopper ever wrote."""
    if provider is None or provider.window_hours is None:
        return True
    until = conversation.reply_window_until
    return until is not None and until >= now


def _shut(way: Way) -> str | None:
    if way.conversation.tenant.status != TenantStatus.ACTIVE:
        return "tenant_suspended"
    if not way.account.is_active:
        return "account_inactive"
    if way.provider is None:
        return "channel_unknown"
    return "no_address" if way.address is None else None


async def _account(session: AsyncSession, account_id: UUID) -> ChannelAccount:
    row = await BY_ID.first(session, tenant=tenancy.current(session), account=account_id)
    return accounts.ACCOUNT.read(session, row)
