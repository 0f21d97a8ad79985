"""The seller's numbers and pages for people, and what shoppers said of being written to on them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status

from commerce_api.conversations import accounts, describing, switching
from commerce_api.conversations.account_schemas import (
    AccountNoticeRead,
    ChannelAccountChange,
    ChannelAccountRead,
    ChannelAccountWrite,
    ConsentRead,
    SwitchWrite,
)
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.core.listing import ListDep, Page, PageRead
from commerce_api.core.secrets import VaultDep
from commerce_api.tenants.access import Access, TenantDep, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute)

ChannelsDep = Annotated[Access, require(Permission.MANAGE_CHANNELS)]


async def platform_numbers(request: Request) -> dict[str, str]:
    """The platform's own numbers by channel, for sellers who bring none."""
    number: str = request.app.state.settings.twilio_whatsapp_number
    return {"whatsapp_twilio": number} if number else {}


OfferedDep = Annotated[dict[str, str], Depends(platform_numbers)]


@router.get("/channel-accounts", response_model=PageRead[ChannelAccountRead])
async def list_channel_accounts(
    _: TenantDep, session: SessionDep, params: ListDep
) -> Page[ChannelAccountRead]:
    """The seller's numbers, never with their credentials; sort by `name` or `created_at`."""
    return await describing.accounts_page(session, params)


@router.get("/channel-accounts/{account_id}", response_model=ChannelAccountRead)
async def read_channel_account(_: TenantDep, account_id: UUID, session: SessionDep) -> ChannelAccountRead:
    """One of the seller's numbers, with what is to be put right about it."""
    return await describing.account(session, await accounts.find(session, account_id))


@router.get("/channel-accounts/{account_id}/notices", response_model=list[AccountNoticeRead])
async def list_account_notices(
    _: TenantDep, account_id: UUID, session: SessionDep
) -> list[AccountNoticeRead]:
    """What providers said about it, the open ones first; the latest twenty."""
    return await describing.notices_of(session, await accounts.find(session, account_id))


@router.post("/channel-accounts", response_model=ChannelAccountRead, status_code=status.HTTP_201_CREATED)
async def connect_channel_account(
    *,
    _: ChannelsDep,
    body: ChannelAccountWrite,
    session: SessionDep,
    vault: VaultDep,
    offered: OfferedDep,
    now: NowDep,
) -> ChannelAccountRead:
    """Connects a number. 409 `address_unavailable`; 400 `channel_unknown`, `credentials_missing`,
    `address_missing`.
    """
    made = await accounts.connect(session, vault, **body.model_dump(), offered=offered, now=now)
    return await describing.account(session, made)


@router.patch("/channel-accounts/{account_id}", response_model=ChannelAccountRead)
async def change_channel_account(
    *,
    _: ChannelsDep,
    account_id: UUID,
    body: ChannelAccountChange,
    session: SessionDep,
    vault: VaultDep,
    now: NowDep,
) -> ChannelAccountRead:
    """Changes a number's name, credentials, or whether it is in use. 400 `credentials_missing`."""
    changed = await switching.change(session, vault, account_id, **body.model_dump(), now=now)
    return await describing.account(session, changed)


@router.post("/channel-accounts/{account_id}/switch", response_model=ChannelAccountRead)
async def switch_channel_account(
    _: ChannelsDep, account_id: UUID, body: SwitchWrite, session: SessionDep, now: NowDep
) -> ChannelAccountRead:
    """Has its conversations go on by another account, or by itself again. 409 `road_unfit`."""
    switched = await switching.switch(session, account_id, body.road_id, now)
    return await describing.account(session, switched)


@router.get("/contacts/{contact_id}/consent", response_model=list[ConsentRead])
async def read_consent(_: TenantDep, contact_id: UUID, session: SessionDep) -> list[ConsentRead]:
    """What a shopper said of being written to, by number. Only they can change it, by STOP and START."""
    return await describing.consent_of(session, contact_id)
