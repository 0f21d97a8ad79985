"""The inbox, and what sellers do with a conversation beside answering it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from commerce_api.conversations import desk, inbox
from commerce_api.conversations.desk_models import CannedReply, ConversationNote, ScheduledMessage
from commerce_api.conversations.desk_schemas import (
    AssignWrite,
    CannedRead,
    CannedRepliesRead,
    CannedWrite,
    DeskConversationRead,
    InboxRead,
    InboxRowRead,
    LabelsRead,
    LabelsWrite,
    NoteRead,
    NotesRead,
    NoteWrite,
    ScheduledMessagesRead,
    ScheduledRead,
    ScheduledWrite,
    SnoozeWrite,
)
from commerce_api.conversations.errors import NotAMember
from commerce_api.conversations.inbox import View, Wanted
from commerce_api.conversations.models import Conversation
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.tenants import service as tenants
from commerce_api.tenants.access import Access, TenantDep, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute)

AnswerDep = Annotated[Access, require(Permission.ANSWER_CONVERSATIONS)]
SettingsDep = Annotated[Access, require(Permission.EDIT_SETTINGS)]
Talk = "/conversations/{conversation_id}"


@router.get("/inbox")
async def read_inbox(
    *,
    access: TenantDep,
    session: SessionDep,
    now: NowDep,
    view: View = View.OPEN,
    channel: Annotated[str | None, Query(max_length=40)] = None,
    label: Annotated[str | None, Query(max_length=40)] = None,
    search: Annotated[str | None, Query(max_length=100)] = None,
    before: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> InboxRead:
    """Who waits first, longest first; then by the newest message. `before` is the last row's, for more."""
    wanted = Wanted(view, channel, label, search, before, limit)
    found = await inbox.rows(session, wanted, access.user.id, now)
    items = [InboxRowRead.model_validate(row) for row in found]
    return InboxRead(items=items, waiting=await inbox.waiting_count(session))


@router.get("/labels")
async def list_labels(_: TenantDep, session: SessionDep) -> LabelsRead:
    """Every label in use, by name."""
    return LabelsRead(items=await inbox.labels(session))


@router.post(f"{Talk}/assign", response_model=DeskConversationRead)
async def assign_conversation(
    _: AnswerDep, conversation_id: UUID, body: AssignWrite, session: SessionDep
) -> Conversation:
    """Gives a conversation to a member, or to nobody. 409 `not_a_member`."""
    if body.user_id is not None and not await tenants.is_member(session, body.user_id):
        raise NotAMember("This person is no member of the shop.")
    return await desk.assign(session, conversation_id, body.user_id)


@router.put(f"{Talk}/labels", response_model=DeskConversationRead)
async def label_conversation(
    _: AnswerDep, conversation_id: UUID, body: LabelsWrite, session: SessionDep
) -> Conversation:
    """Makes these the conversation's labels."""
    return await desk.label(session, conversation_id, body.labels)


@router.post(f"{Talk}/snooze", response_model=DeskConversationRead)
async def snooze_conversation(
    _: AnswerDep, conversation_id: UUID, body: SnoozeWrite, session: SessionDep
) -> Conversation:
    """Puts a conversation away till a time, or till the shopper writes."""
    return await desk.snooze(session, conversation_id, body.until)


@router.post(f"{Talk}/resolve", response_model=DeskConversationRead)
async def resolve_conversation(
    access: AnswerDep, conversation_id: UUID, session: SessionDep, now: NowDep
) -> Conversation:
    """Done with: the assistant answers again, and it is out of the way till the shopper writes."""
    return await desk.resolve(session, conversation_id, now, user_id=access.user.id)


@router.post(f"{Talk}/reopen", response_model=DeskConversationRead)
async def reopen_conversation(_: AnswerDep, conversation_id: UUID, session: SessionDep) -> Conversation:
    """Not done with after all."""
    return await desk.reopen(session, conversation_id)


@router.post(f"{Talk}/see", response_model=DeskConversationRead)
async def see_conversation(_: AnswerDep, conversation_id: UUID, session: SessionDep) -> Conversation:
    """Says that a member has read it."""
    return await desk.see(session, conversation_id)


@router.get(f"{Talk}/notes")
async def list_notes(_: TenantDep, conversation_id: UUID, session: SessionDep) -> NotesRead:
    """What members wrote for each other, the oldest first."""
    return NotesRead(items=_read(NoteRead, await desk.notes(session, conversation_id)))


@router.post(f"{Talk}/notes", status_code=201, response_model=NoteRead)
async def write_note(
    access: AnswerDep, conversation_id: UUID, body: NoteWrite, session: SessionDep, now: NowDep
) -> ConversationNote:
    """Writes something down for the other members."""
    return await desk.note(session, conversation_id, text=body.text, user_id=access.user.id, now=now)


@router.get(f"{Talk}/scheduled-messages")
async def list_scheduled(_: TenantDep, conversation_id: UUID, session: SessionDep) -> ScheduledMessagesRead:
    """What is still to be said, or couldn't be; the next first."""
    return ScheduledMessagesRead(items=_read(ScheduledRead, await desk.scheduled(session, conversation_id)))


@router.post(f"{Talk}/scheduled-messages", status_code=201, response_model=ScheduledRead)
async def schedule_message(
    access: AnswerDep, conversation_id: UUID, body: ScheduledWrite, session: SessionDep, now: NowDep
) -> ScheduledMessage:
    """Has a message said at a time. 409 `due_in_the_past`."""
    return await desk.schedule(
        session, conversation_id, text=body.text, due_at=body.due_at, user_id=access.user.id, now=now
    )


@router.delete("/scheduled-messages/{scheduled_id}", response_model=ScheduledRead)
async def call_off_message(
    _: AnswerDep, scheduled_id: UUID, session: SessionDep, now: NowDep
) -> ScheduledMessage:
    """Calls a message for later off, unless it was said."""
    return await desk.call_off(session, scheduled_id, now)


@router.get("/canned-replies")
async def list_canned_replies(_: TenantDep, session: SessionDep) -> CannedRepliesRead:
    """Replies to use again, by name."""
    return CannedRepliesRead(items=_read(CannedRead, await desk.canned_replies(session)))


@router.post("/canned-replies", status_code=201, response_model=CannedRead)
async def add_canned_reply(
    _: SettingsDep, body: CannedWrite, session: SessionDep, now: NowDep
) -> CannedReply:
    """Keeps a reply to use again. 409 `canned_reply_taken`."""
    return await desk.can(session, name=body.name.strip(), text=body.text, now=now)


@router.put("/canned-replies/{canned_id}", response_model=CannedRead)
async def change_canned_reply(
    _: SettingsDep, canned_id: UUID, body: CannedWrite, session: SessionDep
) -> CannedReply:
    """Another name or other words. 409 `canned_reply_taken`."""
    return await desk.change_canned(session, canned_id, name=body.name.strip(), text=body.text)


@router.delete("/canned-replies/{canned_id}", status_code=204)
async def remove_canned_reply(_: SettingsDep, canned_id: UUID, session: SessionDep) -> None:
    """Forgets a canned reply."""
    await desk.forget_canned(session, canned_id)


def _read[R: (NoteRead, ScheduledRead, CannedRead)](kind: type[R], found: Sequence[object]) -> list[R]:
    return [kind.model_validate(one) for one in found]
