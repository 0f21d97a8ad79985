"""Who changed what: the shop's trail, newest first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from commerce_api.core.database import SessionDep
from commerce_api.core.listing import MAX_SKIP, ListParams, page
from commerce_api.tenants import audit
from commerce_api.tenants.permissions import Permission
from commerce_api.tenants.session_models import AuditEntry
from console import pages
from console.access import Desk, require

PAGE = 50

router = APIRouter()


@router.get("/settings/audit")
async def show_audit(
    request: Request,
    desk: Annotated[Desk, require(Permission.MANAGE_MEMBERS)],
    session: SessionDep,
    skip: Annotated[int, Query(ge=0, le=MAX_SKIP)] = 0,
) -> Response:
    """A page of the trail."""
    found = await page(session, audit.entries(), ListParams(limit=PAGE, skip=skip), {"-at": AuditEntry.at})
    older = skip + PAGE if skip + PAGE < found.total else None
    return pages.show(request, "audit.html", desk, entries=found.items, older=older)
