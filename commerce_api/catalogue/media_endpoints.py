"""Photos in public: providers fetch them from here to show a shopper."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from commerce_api.catalogue import queries
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute

router = APIRouter(route_class=IdempotentRoute)

HEADERS = {
    # A key never names another picture: a changed photo has another key.
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@router.get("/media/{key}.jpg", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
async def photo(key: Annotated[str, Path(max_length=64)], session: SessionDep) -> Response:
    """A product's photo; whoever has its key may see it."""
    found = await queries.photo_by_key(session, key)
    return Response(found.content, media_type="image/jpeg", headers=HEADERS)
