"""Links that open a chat with the shop about one product: by WhatsApp, Instagram and SMS.

What the shopper sends is the product's name, which the assistant understands in every language. The forms are
those of WhatsApp's "Click to chat", Instagram's ``ig.me`` links with ``ref``, and RFC 5724 for ``sms:``.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import queries
from commerce_api.catalogue.models import Product
from commerce_api.conversations import service as conversations
from commerce_api.conversations.models import ChannelAccount

USERNAME = re.compile(r"@?([A-Za-z0-9._]{1,30})")
# Channels whose accounts' addresses are phone numbers; elsewhere only the number that is shown is one.
NUMBERED = ("whatsapp_twilio", "sms_twilio", "sms_africastalking")


@dataclass(frozen=True)
class ShareLink:
    """A link to one product by one account; ``url`` is None where the account's number or name is missing."""

    account_id: UUID
    channel: str
    account: str
    url: str | None


async def links(session: AsyncSession, product_id: UUID) -> list[ShareLink]:
    """A link for each account in use that links can be made for. Raises NotFound."""
    product = await queries.product(session, product_id)
    return [
        ShareLink(account.id, account.channel, account.name, link(product, account))
        for account in await conversations.accounts_in_use(session)
        if account.channel.startswith(("whatsapp", "instagram", "sms"))
    ]


def link(product: Product, account: ChannelAccount) -> str | None:
    """The link for one account."""
    if account.channel == "instagram":
        named = USERNAME.fullmatch((account.display_number or "").strip())
        return f"https://ig.me/m/{named[1]}?ref={conversations.ref_of(product.sku)}" if named else None
    number = _number(account)
    if number is None:
        return None
    text = quote(product.name, safe="")
    if account.channel.startswith("whatsapp"):
        return f"https://wa.me/{number.lstrip('+')}?text={text}"
    return f"sms:{number}?body={text}"


def _number(account: ChannelAccount) -> str | None:
    shown = account.display_number or (account.address if account.channel in NUMBERED else "")
    digits = re.sub(r"\D", "", shown)
    if not digits:
        return None
    return f"+{digits}" if "+" in shown else digits
