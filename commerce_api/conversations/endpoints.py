"""Messaging for people: the inbox and the shoppers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status

from commerce_api.conversations import queries, service
from commerce_api.conversations.models import Contact, Conversation, HandledBy, Message
from commerce_api.conversations.schemas import (
    ContactRead,
    ConversationRead,
    MessageRead,
    MessageWrite,
)
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.core.listing import ListDep, Page, PageRead
from commerce_api.tenants.access import Access, TenantDep, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute)

AnswerDep = Annotated[Access, require(Permission.ANSWER_CONVERSATIONS)]


@router.get("/conversations", response_model=PageRead[ConversationRead])
async def list_conversations(
    _: TenantDep,
    session: SessionDep,
    params: ListDep,
    handled_by: HandledBy | None = None,
    channel: str | None = None,
    contact_id: UUID | None = None,
) -> Page[Conversation]:
    """Conversations, the one with the newest message first; sort by `last_message_at` or `created_at`."""
    return await queries.conversations(
        session, params, handled_by=handled_by, channel=channel, contact_id=contact_id
    )


@router.get("/conversations/{conversation_id}", response_model=ConversationRead)
async def read_conversation(_: TenantDep, conversation_id: UUID, session: SessionDep) -> Conversation:
    """One conversation."""
    return await queries.conversation(session, conversation_id)


@router.get("/conversations/{conversation_id}/messages", response_model=PageRead[MessageRead])
async def list_messages(
    _: TenantDep, conversation_id: UUID, session: SessionDep, params: ListDep
) -> Page[Message]:
    """What was said, oldest first; `sort=-position` for newest first."""
    return await queries.messages(session, conversation_id, params)


@router.post(
    "/conversations/{conversation_id}/messages",
    response_model=MessageRead,
    status_code=status.HTTP_201_CREATED,
)
async def send_message(
    access: AnswerDep, conversation_id: UUID, body: MessageWrite, session: SessionDep, now: NowDep
) -> Message:
    """Answers as the seller, who has the conversation from now on. 409 `reply_window_closed`, `opted_out`."""
    return await service.say(session, conversation_id, text=body.text, seller_id=access.user.id, now=now)


@router.post("/conversations/{conversation_id}/takeover", response_model=ConversationRead)
async def take_over(
    access: AnswerDep, conversation_id: UUID, session: SessionDep, now: NowDep
) -> Conversation:
    """Quiets the assistant: a seller answers from here on."""
    return await service.take_over(session, conversation_id, access.user.id, now)


@router.post("/conversations/{conversation_id}/hand-back", response_model=ConversationRead)
async def hand_back(
    access: AnswerDep, conversation_id: UUID, session: SessionDep, now: NowDep
) -> Conversation:
    """Lets the assistant answer what the shopper writes from here on."""
    return await service.hand_back(session, conversation_id, now, user_id=access.user.id)


@router.get("/contacts", response_model=PageRead[ContactRead])
async def list_contacts(
    _: TenantDep, session: SessionDep, params: ListDep, phone: str | None = None
) -> Page[Contact]:
    """The shoppers, newest first; sort by `created_at` or `name`."""
    return await queries.contacts(session, params, phone=phone)


@router.get("/contacts/{contact_id}", response_model=ContactRead)
async def read_contact(_: TenantDep, contact_id: UUID, session: SessionDep) -> Contact:
    """One shopper."""
    return await queries.contact(session, contact_id)
