"""Puts the demo sellers into a database, once.

A seller that is there already is left as it is, but gets accounts on the channels that came since.
"""

import csv
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.registry import PROVIDERS
from commerce_api.bargaining import service as bargaining
from commerce_api.catalogue import importing, photos
from commerce_api.catalogue.models import Photo, Product
from commerce_api.conversations import accounts
from commerce_api.conversations.models import ChannelAccount
from commerce_api.core import tenancy
from commerce_api.core.database import Database
from commerce_api.core.money import MINOR_DIGITS
from commerce_api.core.secrets import Vault
from commerce_api.demo import drawings
from commerce_api.demo.sellers import ADMIN, PASSWORD, SELLERS, DemoSeller
from commerce_api.orders import zones
from commerce_api.tenants import passwords
from commerce_api.tenants import service as tenants
from commerce_api.tenants.access import Access
from commerce_api.tenants.models import PaymentMethod, Role, Tenant, User

CATALOGUES = Path(__file__).parent / "catalogues"


async def seed(database: Database, vault: Vault, now: datetime) -> list[str]:
    """Seeds what is missing, one transaction a seller; the slugs of the sellers that are new."""
    async with database.transaction() as session:
        await _admin(session, now)
    new = []
    for seller in SELLERS:
        async with database.transaction() as session:
            known = await session.scalar(select(Tenant.id).where(Tenant.slug == seller.slug))
            if known is None:
                known = await _open(session, seller, now)
                new.append(seller.slug)
            await tenancy.enter(session, known)
            await _connect(session, vault, seller, now)
    return new


async def _admin(session: AsyncSession, now: datetime) -> None:
    if await session.scalar(select(User.id).where(User.email == ADMIN)):
        return
    password_hash = await passwords.make_hash(PASSWORD)
    admin = User(
        email=ADMIN,
        name="Platform admin",
        password_hash=password_hash,
        is_platform_admin=True,
        created_at=now,
    )
    session.add(admin)


async def _connect(session: AsyncSession, vault: Vault, seller: DemoSeller, now: datetime) -> None:
    """Connects what the seller has on the channels there are, and isn't connected yet."""
    have = {(account.channel, account.address) for account in await session.scalars(select(ChannelAccount))}
    for account in seller.accounts:
        if account.channel in PROVIDERS and (account.channel, account.address) not in have:
            await accounts.connect(
                session,
                vault,
                channel=account.channel,
                address=account.address,
                name=seller.name,
                display_number=account.display_number,
                credentials=account.credentials,
                now=now,
            )


async def _open(session: AsyncSession, seller: DemoSeller, now: datetime) -> UUID:
    tenant = await _tenant(session, seller, now)
    await tenancy.enter(session, tenant.id)
    await _team(session, tenant, seller, now)
    minor = 10 ** MINOR_DIGITS[seller.currency]
    for position, zone in enumerate(seller.zones):
        facts = zones.ZoneFacts(
            name=zone.name, fee=zone.fee * minor, aliases=list(zone.aliases), eta=zone.eta, position=position
        )
        await zones.add_zone(session, facts)
    catalogue = (CATALOGUES / f"{seller.slug}.csv").read_bytes()
    catalogue = (CATALOGUES / f"{seller.slug}.csv").read_bytes()
    await importing.import_csv(session, catalogue, tenant=tenant)
    await bargaining.lay_down(session, None, bargaining.TermsFacts(floor_percent=seller.floor_percent))
    await _photos(session, seller)
    return tenant.id


async def _tenant(session: AsyncSession, seller: DemoSeller, now: datetime) -> Tenant:
    owner = next(
        {"email": email, "name": name, "password": PASSWORD}
        for email, (name, role) in seller.logins.items()
        if role == Role.OWNER
    )
    facts = {
        "slug": seller.slug,
        "name": seller.name,
        "currency": seller.currency,
        "country": seller.country,
        "languages": list(seller.languages),
        "timezone": seller.timezone,
        "address": seller.address,
        "hours": seller.hours,
        "returns_policy": seller.returns_policy,
        "discount_limit_percent": seller.discount_limit_percent,
        "opening": seller.opening,
        "payment_methods": [PaymentMethod.PAY_LINK, PaymentMethod.CASH_ON_DELIVERY],
    }
    return await tenants.open_tenant(session, facts=facts, owner=owner, now=now)


async def _team(session: AsyncSession, tenant: Tenant, seller: DemoSeller, now: datetime) -> None:
    owner = await session.scalar(select(User).where(User.email.in_(seller.logins)))
    if owner is None:
        raise LookupError(f"{seller.slug} has no owner")
    access = Access(owner, tenant, Role.OWNER)
    for email, (name, role) in seller.logins.items():
        if role != Role.OWNER:
            await tenants.add_member(
                session, access, email=email, name=name, password=PASSWORD, role=Role(role), now=now
            )


async def _photos(session: AsyncSession, seller: DemoSeller) -> None:
    """A drawing of each product, as if the seller had taken its picture."""
    products = {product.sku: product for product in await session.scalars(select(Product))}
    have = set(await session.scalars(select(Photo.product_id)))
    with (CATALOGUES / f"{seller.slug}.drawings.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            product = products[row["product_sku"]]
            if product.id not in have:
                picture = drawings.draw(row["drawing"], row["colour"], row["accent"], seed=product.sku)
                await photos.add_photo(session, product.id, picture)
