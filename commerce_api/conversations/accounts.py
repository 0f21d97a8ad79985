"""Channel accounts: the seller's numbers and pages, their credentials, and who may speak for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from channels.registry import PROVIDERS
from commerce_api.conversations.errors import (
    AddressMissing,
    AddressUnavailable,
    ChannelUnknown,
    CredentialsMissing,
)
from commerce_api.conversations.models import ChannelAccount
from commerce_api.core import tenancy
from commerce_api.core.errors import NotFound
from commerce_api.core.rows import Row, fill
from commerce_api.core.secrets import SealBroken, Vault
from commerce_api.core.statements import Statement
from commerce_api.tenants import service as tenants
from commerce_api.tenants.models import Tenant, TenantStatus

log = structlog.get_logger(__name__)

SHELL = "shell"
NOTHING: Mapping[str, str] = {}
PLATFORM = "platform"
# What an account needs of its own where the platform has no credentials to lend.
OWN = ("access_token",)

ENTER_ACCOUNT = Statement(
    "select found.tenant_id, found.id, set_config('app.tenant_id', found.tenant_id::text, true)"
    " from lookup.channel_account(%(channel)s, %(address)s) as found"
)
ACCOUNT, SHOP = Row(ChannelAccount, "a"), Row(Tenant, "t")
ADMITTED = Statement(
    "select {account}, {shop} from channel_accounts a join tenants t on t.id = a.tenant_id"
    " where a.tenant_id = %(tenant)s and a.id = %(account)s",
    account=ACCOUNT.columns,
    shop=SHOP.columns,
)


class Refused(Exception):
    """A webhook may not speak for this address; the text says why, for the log alone."""


async def connect(
    session: AsyncSession,
    vault: Vault,
    *,
    channel: str,
    address: str | None,
    name: str,
    display_number: str | None,
    credentials: Mapping[str, str],
    now: datetime,
    offered: Mapping[str, str] = NOTHING,
) -> ChannelAccount:
    """Connects a number of the session's tenant.

    ``offered`` are the platform's own numbers by channel, for who brings none. Raises ChannelUnknown,
    CredentialsMissing, AddressMissing and AddressUnavailable.
    """
    if channel not in PROVIDERS:
        raise ChannelUnknown(f"channel is one of: {', '.join(PROVIDERS)}")
    _check_credentials(channel, credentials)
    address = address or offered.get(channel)
    if not address:
        raise AddressMissing(f"Name the number or page of {channel}: the platform has none to offer.")
    account = ChannelAccount(
        channel=channel, address=address, name=name, display_number=display_number, created_at=now
    )
    _seal(account, vault, tenancy.current(session), credentials)
    try:
        async with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        raise AddressUnavailable from error
    return account


def _check_credentials(channel: str, credentials: Mapping[str, str]) -> None:
    """Complete, or none where the platform's serve; an account's own webhook secret may stand alone."""
    setup = PROVIDERS[channel].setup
    lent = set(setup.platform_credentials)
    needed = lent or set(OWN)
    own = set(credentials)
    missing = sorted(needed - own)
    is_lent = bool(lent) and not (own & needed - {setup.secret_credential})
    if missing and not is_lent:
        raise CredentialsMissing(f"{channel} also needs: {', '.join(missing)}.")


async def change(
    session: AsyncSession,
    vault: Vault,
    account_id: UUID,
    *,
    name: str | None = None,
    display_number: str | None = None,
    is_active: bool | None = None,
    credentials: Mapping[str, str] | None = None,
) -> ChannelAccount:
    """Changes what is given; credentials are replaced as a whole. Raises NotFound and CredentialsMissing."""
    account = await find(session, account_id)
    for column, value in (("name", name), ("display_number", display_number), ("is_active", is_active)):
        if value is not None:
            setattr(account, column, value)
    if credentials is not None:
        _check_credentials(account.channel, credentials)
        _seal(account, vault, account.tenant_id, credentials)
    return account


async def find(session: AsyncSession, account_id: UUID) -> ChannelAccount:
    """An account of the session's tenant, with its sealed credentials. Raises NotFound."""
    account = await session.scalar(
        select(ChannelAccount)
        .where(ChannelAccount.id == account_id, ChannelAccount.channel != SHELL)
        .options(undefer(ChannelAccount.credentials))
    )
    if account is None:
        raise NotFound
    return account


def credentials_of(account: ChannelAccount, vault: Vault) -> dict[str, str]:
    """The account's own credentials, opened; none when it has none. Raises SealBroken."""
    return vault.unseal(account.tenant_id, account.credentials) if account.credentials else {}


async def admit(
    session: AsyncSession, vault: Vault, channel: str, address: str, secret: str
) -> ChannelAccount:
    """The account a webhook is for, its tenant entered.

    ``secret`` names the secret that the webhook's signature was made with: an account that brings its own
    is spoken for by that one alone (under whichever of the tenant's accounts it is kept: the numbers of one
    Meta app share a secret), any other by the platform's. Raises Refused.
    """
    found = await _enter_account(session, channel, address)
    if found is None:
        raise Refused("unknown_account")
    # Any account, the developers' shell too, which people's pages don't show.
    row = await ADMITTED.first(session, tenant=found.tenant_id, account=found.id)
    account, shop = ACCOUNT.read(session, row), SHOP.read(session, row)
    fill(account, tenant=shop)
    if not await _speaks_for(session, vault, account, secret):
        raise Refused("wrong_secret")
    if not account.is_active or account.tenant.status != TenantStatus.ACTIVE:
        raise Refused("inactive_account")
    return account


async def _enter_account(session: AsyncSession, channel: str, address: str) -> Any:
    """The account with this address, its tenant entered; None when it is nobody's."""
    for known in _dialled(address):
        row = await tenancy.enter_found(session, ENTER_ACCOUNT, channel=channel, address=known)
        if row is not None:
            return row
    return None


async def look_up(session: AsyncSession, channel: str, address: str) -> tuple[UUID, UUID] | None:
    """The tenant and the id of the account with this address, whoever's it is; None when nobody's.

    What was dialled (``*384*1001*5#``) may be longer than the code that is an address: the longest counts.
    """
    for known in _dialled(address):
        row = (
            await session.execute(
                text("select tenant_id, id from lookup.channel_account(:channel, :address)"),
                {"channel": channel, "address": known},
            )
        ).one_or_none()
        if row is not None:
            return row.tenant_id, row.id
    return None


def _dialled(address: str) -> tuple[str, ...]:
    if not address.startswith("*"):
        return (address,)
    parts = address.strip("*#").split("*")
    return tuple(f"*{'*'.join(parts[:count])}#" for count in range(len(parts), 0, -1))


async def _speaks_for(session: AsyncSession, vault: Vault, account: ChannelAccount, secret: str) -> bool:
    if not account.has_app_secret or secret in {PLATFORM, str(account.id)}:
        return secret == (str(account.id) if account.has_app_secret else PLATFORM)
    try:
        signer = await find(session, UUID(secret))
    except (NotFound, ValueError):
        return False
    own, other = (credentials_of(one, vault).get(_secret_name(one)) for one in (account, signer))
    return own is not None and own == other


async def app_secrets(session: AsyncSession, vault: Vault, channel: str) -> dict[str, str]:
    """The webhook secrets that accounts of any tenant bring for a channel, by account id.

    One that can't be opened is left out and logged: it costs no other account its webhooks.
    """
    rows = await session.execute(
        text("select tenant_id, id from lookup.channel_accounts_with_secret(:channel)"), {"channel": channel}
    )
    secrets: dict[str, str] = {}
    for row in rows.all():
        await tenancy.enter(session, row.tenant_id)
        account = await find(session, row.id)
        try:
            secrets[str(account.id)] = credentials_of(account, vault)[_secret_name(account)]
        except SealBroken as fault:
            log.error("credentials_unreadable", account_id=str(account.id), fault=str(fault))
    return secrets


async def shell_account(session: AsyncSession, slug: str, now: datetime) -> ChannelAccount:
    """The developers' ``shell`` account of the tenant with this slug, entered. Raises NotFound."""
    tenant = await tenants.tenant_by_slug(session, slug)
    await tenancy.enter(session, tenant.id)
    await session.execute(
        insert(ChannelAccount)
        .values(
            tenant_id=tenant.id,
            id=uuid4(),
            channel=SHELL,
            address=slug,
            name="Developers' shell",
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    account = await session.scalar(
        select(ChannelAccount).where(ChannelAccount.channel == SHELL, ChannelAccount.address == slug)
    )
    if account is None:
        raise NotFound
    return account


def _seal(account: ChannelAccount, vault: Vault, tenant_id: UUID, credentials: Mapping[str, str]) -> None:
    account.credentials = vault.seal(tenant_id, credentials) if credentials else None
    account.has_app_secret = bool(credentials.get(_secret_name(account)))


def _secret_name(account: ChannelAccount) -> str:
    """What the account's own webhook secret is called among its credentials."""
    return PROVIDERS[account.channel].setup.secret_credential
