"""The inbox: every conversation of the shop, who waits first, and the stream that keeps pages current."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from channels.registry import PROVIDERS
from commerce_api.conversations import inbox
from commerce_api.conversations.inbox import InboxRow, View, Wanted
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.tenants import service as tenants
from console import pages
from console.access import Desk, DeskDep
from console.live import Hub

PAGE = 40
VIEWS = {
    View.OPEN: "All",
    View.WAITING: "Waiting",
    View.MINE: "Mine",
    View.UNASSIGNED: "Unassigned",
    View.BOT: "Assistant",
    View.SNOOZED: "Asleep",
    View.RESOLVED: "Resolved",
}
CHANNELS = {
    "whatsapp": "WhatsApp",
    "whatsapp_twilio": "WhatsApp",
    "instagram": "Instagram",
    "sms_twilio": "SMS",
    "sms_africastalking": "SMS",
    "ussd_africastalking": "USSD",
    "shell": "Shell",
}
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

router = APIRouter()


@router.get("/inbox")
async def show_inbox(
    *,
    request: Request,
    desk: DeskDep,
    session: SessionDep,
    now: NowDep,
    view: View = View.OPEN,
    channel: Annotated[str, Query(max_length=40)] = "",
    label: Annotated[str, Query(max_length=40)] = "",
    search: Annotated[str, Query(max_length=100)] = "",
    before: datetime | None = None,
) -> Response:
    """The list."""
    wanted = Wanted(view, channel or None, label or None, search.strip() or None, before, PAGE)
    facts = await list_facts(session, desk, wanted, now)
    part = "_inbox_rows.html" if pages.is_htmx(request) and before else "inbox.html"
    return pages.show(request, part, desk, conversation=None, **facts)


@router.get("/inbox/waiting")
async def count_waiting(_: DeskDep, session: SessionDep) -> dict[str, int]:
    """How many wait. An open page asks now and then, which is how we know that somebody is at the desk."""
    return {"waiting": await inbox.waiting_count(session)}


@router.get("/inbox/events")
async def stream_events(request: Request, desk: DeskDep, watching: UUID | None = None) -> Response:
    """What happens in the shop's conversations from now on, as server-sent events (``live.py``)."""
    hub: Hub = request.app.state.hub
    page = hub.join(desk.tenant.id, desk.user.id, watching)

    async def told() -> AsyncIterator[bytes]:
        with page:
            yield b"retry: 2000\nevent: ready\ndata: {}\n\n"
            async for event in page:
                yield event

    return StreamingResponse(told(), media_type="text/event-stream", headers=STREAM_HEADERS)


async def list_facts(session: AsyncSession, desk: Desk, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """What the list's templates show."""
    rows = await inbox.rows(session, wanted, desk.user.id, now)
    names = await tenants.member_names(session)
    kept = {"channel": wanted.channel, "label": wanted.label, "search": wanted.search}
    query = {name: value for name, value in kept.items() if value}
    return {
        "rows": rows,
        "wanted": wanted,
        "views": VIEWS,
        "channels": channels(),
        "channel_names": CHANNELS,
        "labels": await inbox.labels(session),
        "waiting": await inbox.waiting_count(session),
        "names": names,
        "query": urlencode(query),
        "older": _older(rows, wanted),
        "search_open": bool(query),
    }


def channels() -> dict[str, str]:
    """Every channel a conversation may be on, as people call it."""
    return {name: CHANNELS.get(name, name) for name in PROVIDERS}


def _older(rows: list[InboxRow], wanted: Wanted) -> str | None:
    if len(rows) < PAGE or rows[-1].conversation.last_message_at is None:
        return None
    kept = {
        "view": wanted.view.value,
        "channel": wanted.channel,
        "label": wanted.label,
        "search": wanted.search,
        "before": rows[-1].conversation.last_message_at.isoformat(),
    }
    return urlencode({name: value for name, value in kept.items() if value})
