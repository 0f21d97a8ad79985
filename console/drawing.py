"""What the live stream sends: a conversation's line, and its newest messages, drawn once for everybody."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from commerce_api.conversations import inbox
from commerce_api.conversations.models import Conversation, HandledBy
from commerce_api.core import clock, tenancy
from commerce_api.core.database import Database
from commerce_api.core.errors import NotFound
from commerce_api.tenants import service as tenants
from console import bubbles, pages
from console.inbox import CHANNELS
from console.live import Draw


def drawer(app: FastAPI) -> Draw:
    """Draws from the application's database. Nothing drawn here is one person's: no form, no ``desk``."""

    async def draw(
        tenant_id: UUID, conversation_id: UUID, with_thread: bool
    ) -> tuple[dict[str, Any], dict[str, Any] | None] | None:
        database: Database = app.state.database
        async with database.transaction() as session:
            await tenancy.enter(session, tenant_id)
            try:
                row = await inbox.row(session, conversation_id)
            except NotFound:
                return None
            tenant = await tenants.tenant(session, tenant_id)
            names = await tenants.member_names(session)
            waiting = await inbox.waiting_count(session)
            thread = await bubbles.read(session, conversation_id, names) if with_thread else None
        shared: dict[str, Any] = {"now": clock.now(), "timezone": tenant.timezone, "slug": tenant.slug}
        facts = {"row": row, "names": names, "channel_names": CHANNELS, "selected": None}
        html = pages.environment.get_template("_row.html").render(**shared, **facts)
        told = {"html": html, "waiting": waiting, **_facts(row.conversation, shared["now"])}
        if thread is None:
            return told, None
        drawn = pages.environment.get_template("_bubbles.html").render(**shared, thread=thread)
        return told, {"id": str(conversation_id), "html": drawn}

    return draw


def _facts(talk: Conversation, now: datetime) -> dict[str, Any]:
    """What a page must know to tell whether the line belongs to what it shows, and where."""
    is_waiting = talk.handled_by is HandledBy.WAITING
    return {
        "id": str(talk.id),
        "handled": talk.handled_by.value,
        "assignee": str(talk.assignee_id or ""),
        "channel": talk.channel,
        "labels": talk.labels,
        "away": inbox.is_put_away(talk, now),
        "resolved": talk.resolved_at is not None,
        "at": talk.last_message_at.timestamp() if talk.last_message_at else 0,
        "since": talk.handoff_at.timestamp() if is_waiting and talk.handoff_at else 0,
        "name": talk.contact.name or talk.contact.phone or "A shopper",
    }
