"""Shoppers as people: their addresses, contacts that turned out to be one, and chats to bring together."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status

from commerce_api.conversations import merging, queries, service
from commerce_api.conversations.belongings import BelongingsDep
from commerce_api.conversations.contact_models import ContactMerge, LinkCode
from commerce_api.conversations.models import ContactAddress
from commerce_api.conversations.schemas import AddressRead, LinkCodeRead, MergeRead
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.core.listing import ListDep, Page, PageRead
from commerce_api.tenants.access import Access, TenantDep, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute)

AnswerDep = Annotated[Access, require(Permission.ANSWER_CONVERSATIONS)]


@router.get("/contacts/{contact_id}/addresses", response_model=PageRead[AddressRead])
async def list_addresses(
    _: TenantDep, contact_id: UUID, session: SessionDep, params: ListDep
) -> Page[ContactAddress]:
    """Where a shopper is reached, on every channel."""
    return await queries.addresses(session, contact_id, params)


@router.get("/contact-merges", response_model=PageRead[MergeRead])
async def list_merges(
    _: TenantDep, session: SessionDep, params: ListDep, contact_id: UUID | None = None
) -> Page[ContactMerge]:
    """Contacts that became one, newest first."""
    return await merging.merges(session, params, contact_id=contact_id)


@router.post("/contact-merges/{merge_id}/undo", response_model=MergeRead)
async def undo_merge(
    access: AnswerDep, merge_id: UUID, session: SessionDep, belongings: BelongingsDep, now: NowDep
) -> ContactMerge:
    """Makes two contacts of one again. 409 `merge_undone`, `merge_built_upon`."""
    return await merging.undo(session, belongings, merge_id, user_id=access.user.id, now=now)


@router.post(
    "/conversations/{conversation_id}/link-code",
    response_model=LinkCodeRead,
    status_code=status.HTTP_201_CREATED,
)
async def send_link_code(_: AnswerDep, conversation_id: UUID, session: SessionDep, now: NowDep) -> LinkCode:
    """Sends the shopper a code that brings another chat of theirs together with this one."""
    return await service.offer_link(session, conversation_id, now)
