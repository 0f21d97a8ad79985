"""Shoppers' files, for the members of the shop they were sent to."""

from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Response

from commerce_api.conversations import media, media_types
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.tenants.access import TenantDep

router = APIRouter(route_class=IdempotentRoute)

HEADERS = {
    # The id never names another file, but who may see it can change.
    "Cache-Control": "private, max-age=3600",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@router.get(
    "/media/{media_id}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def read_media(_: TenantDep, media_id: UUID, session: SessionDep) -> Response:
    """A file a shopper sent, once it is stored; 404 before, and when it was refused."""
    found = await media.stored(session, media_id)
    content_type = found.content_type or "application/octet-stream"
    shown = "inline" if media_types.is_inline(content_type) else "attachment"
    name = f"; filename*=UTF-8''{quote(found.filename, safe='')}" if found.filename else ""
    headers = {**HEADERS, "Content-Disposition": f"{shown}{name}"}
    return Response(found.content, media_type=content_type, headers=headers)
