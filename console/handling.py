"""Who has a conversation, and where it is kept: taking over, handing back, assigning, labels, sleep."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request, Response

from commerce_api.conversations import desk as desk_service
from commerce_api.conversations import service
from commerce_api.conversations.errors import NotAMember
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.tenants import service as tenants
from console import pages
from console.access import Desk
from console.thread import REFRESH, AnswerDep, Talk

MORNING = 8
SLEEPS = {"hour": timedelta(hours=1), "evening": timedelta(hours=4)}

router = APIRouter()


def done(request: Request, desk: Desk, conversation_id: UUID) -> Response:
    """After a change to a conversation: the page refreshes its parts, or is loaded again."""
    if pages.is_htmx(request):
        return Response(status_code=204, headers=REFRESH)
    return pages.go(request, desk.path(f"inbox/{conversation_id}"))


@router.post(f"{Talk}/take-over")
async def take_over(
    request: Request, desk: AnswerDep, conversation_id: UUID, session: SessionDep, now: NowDep
) -> Response:
    """The assistant is quiet from here on."""
    await service.take_over(session, conversation_id, desk.user.id, now)
    return done(request, desk, conversation_id)


@router.post(f"{Talk}/hand-back")
async def hand_back(
    request: Request, desk: AnswerDep, conversation_id: UUID, session: SessionDep, now: NowDep
) -> Response:
    """The assistant goes on where it was."""
    await service.hand_back(session, conversation_id, now, user_id=desk.user.id)
    return done(request, desk, conversation_id)


@router.post(f"{Talk}/resolve")
async def resolve(
    request: Request, desk: AnswerDep, conversation_id: UUID, session: SessionDep, now: NowDep
) -> Response:
    """Done with; back to the list."""
    await desk_service.resolve(session, conversation_id, now, user_id=desk.user.id)
    return pages.go(request, desk.path("inbox"))


@router.post(f"{Talk}/reopen")
async def reopen(request: Request, desk: AnswerDep, conversation_id: UUID, session: SessionDep) -> Response:
    """Not done with after all."""
    await desk_service.reopen(session, conversation_id)
    return done(request, desk, conversation_id)


@router.post(f"{Talk}/assign")
async def assign(
    *,
    request: Request,
    desk: AnswerDep,
    conversation_id: UUID,
    session: SessionDep,
    user_id: Annotated[str, Form(max_length=36)] = "",
) -> Response:
    """Gives it to a member, or to nobody."""
    members = {str(one): one for one in await tenants.member_names(session)}
    if user_id and user_id not in members:
        raise NotAMember("This person is no member of the shop.")
    await desk_service.assign(session, conversation_id, members.get(user_id))
    return done(request, desk, conversation_id)


@router.post(f"{Talk}/labels")
async def label(
    *,
    request: Request,
    desk: AnswerDep,
    conversation_id: UUID,
    session: SessionDep,
    labels: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Makes these its labels: one or more, between commas."""
    await desk_service.label(session, conversation_id, labels.split(","))
    return done(request, desk, conversation_id)


@router.post(f"{Talk}/snooze")
async def snooze(
    *,
    request: Request,
    desk: AnswerDep,
    conversation_id: UUID,
    session: SessionDep,
    now: NowDep,
    until: Annotated[str, Form(pattern="^(hour|evening|tomorrow)$")],
) -> Response:
    """Puts it away for a while; back to the list."""
    await desk_service.snooze(session, conversation_id, _until(until, desk.tenant.timezone, now))
    return pages.go(request, desk.path("inbox"))


@router.post("/scheduled/{scheduled_id}/cancel")
async def call_off(
    request: Request, desk: AnswerDep, scheduled_id: UUID, session: SessionDep, now: NowDep
) -> Response:
    """Calls a message for later off."""
    later = await desk_service.call_off(session, scheduled_id, now)
    return done(request, desk, later.conversation_id)


def _until(choice: str, timezone: str, now: datetime) -> datetime:
    if choice in SLEEPS:
        return now + SLEEPS[choice]
    tomorrow = now.astimezone(ZoneInfo(timezone)) + timedelta(days=1)
    return tomorrow.replace(hour=MORNING, minute=0, second=0, microsecond=0)
