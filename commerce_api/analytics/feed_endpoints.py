"""Conversation events as they happen: a WebSocket for those who run a shop."""

from time import monotonic
from uuid import UUID

import anyio
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from commerce_api.analytics.feed import Feed
from commerce_api.analytics.schemas import EventRead
from commerce_api.core.clock import now as clock
from commerce_api.core.database import Database
from commerce_api.core.errors import AppError
from commerce_api.core.tokens import bearer_token, of
from commerce_api.tenants.access import grant, user_of
from commerce_api.tenants.permissions import Permission

# RFC 6455 leaves 4000 to 4999 to applications; these end in what HTTP would say.
CLOSED_FOR = {401: 4401, 403: 4403, 404: 4404}
REFUSED, FELL_BEHIND = 4400, 4409
# How often a line whose events are few is looked after, and its right to them proved again.
BEAT = 20.0
# What a browser, which can send no header of its own, offers before its token.
PROTOCOL = "bearer"

router = APIRouter()


@router.websocket("/conversation-events/feed")
async def feed_events(socket: WebSocket, tenant_id: UUID, kind: str | None = None) -> None:
    """Each event as JSON, as ``/conversation-events`` shows it; of one ``kind`` alone when it is named.

    The token comes as ``Authorization: Bearer``, or as the second of the subprotocols ``bearer, <token>``.
    Needs the right to edit the shop's settings, proved again every 20 seconds. Closed with 4401, 4403 or 4404
    as HTTP would say, and with 4409 when the line fell behind or may have missed something: what happened
    meanwhile is in ``/conversation-events``.
    """
    token, protocol = _token(socket)
    await socket.accept(subprotocol=protocol)
    async with anyio.create_task_group() as group:
        group.start_soon(_hang_up, socket, group.cancel_scope)
        try:
            await _check(socket, token, tenant_id)
            await _tell(socket, token, tenant_id, kind)
            await socket.close(FELL_BEHIND, "ask /conversation-events for what was missed")
        except AppError as refusal:
            await socket.close(CLOSED_FOR.get(refusal.status, REFUSED), refusal.code)
        except (WebSocketDisconnect, RuntimeError):
            # They left while something was being sent.
            pass
        group.cancel_scope.cancel()


async def _tell(socket: WebSocket, token: str | None, tenant_id: UUID, kind: str | None) -> None:
    """Sends events until the line ends. Raises what ``_check`` raises."""
    feed: Feed = socket.app.state.feed
    with feed.line(tenant_id, clock()) as line:
        proved = monotonic()
        while True:
            if monotonic() - proved > BEAT:
                await _check(socket, token, tenant_id)
                proved = monotonic()
            try:
                event = await line.next(BEAT)
            except TimeoutError:
                continue
            if event is None:
                return
            if kind in (None, event.kind):
                await socket.send_text(EventRead.model_validate(event).model_dump_json())


async def _hang_up(socket: WebSocket, line: anyio.CancelScope) -> None:
    """Waits until they leave. What they say meanwhile is for nobody."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
    line.cancel()


async def _check(socket: WebSocket, token: str | None, tenant_id: UUID) -> None:
    """Raises Unauthenticated, NotFound, TenantSuspended and Forbidden."""
    database: Database = socket.app.state.database
    async with database.transaction() as session:
        user = await user_of(session, of(socket), token, clock())
        (await grant(session, user, tenant_id)).check(Permission.EDIT_SETTINGS)


def _token(socket: WebSocket) -> tuple[str | None, str | None]:
    """The token, and the subprotocol to agree on."""
    offered = [part.strip() for part in socket.headers.get("sec-websocket-protocol", "").split(",")]
    if len(offered) == 2 and offered[0] == PROTOCOL:
        return offered[1], PROTOCOL
    return bearer_token(socket), None
