"""The inbox: every conversation of the shop, who waits first."""

from fastapi import APIRouter, Request, Response

from commerce_api.conversations import queries
from commerce_api.core.database import SessionDep
from commerce_api.core.listing import ListParams
from console import pages
from console.access import DeskDep

router = APIRouter()


@router.get("/inbox")
async def show_inbox(request: Request, desk: DeskDep, session: SessionDep) -> Response:
    """The list."""
    found = await queries.conversations(session, ListParams())
    return pages.show(request, "inbox.html", desk, conversations=found.items)
