"""Which shop to sit down at: straight in for a member of one, a choice for a member of several."""

from fastapi import APIRouter, Request, Response

from commerce_api.core.database import SessionDep
from commerce_api.tenants import queries
from commerce_api.tenants.models import TenantStatus
from console import pages
from console.access import DeskDep, SignedInDep

SHOP = "/shops/{slug}"

router = APIRouter()


@router.get("/shops")
async def show_shops(request: Request, signed: SignedInDep, session: SessionDep) -> Response:
    """The person's shops; the inbox at once when there is but one."""
    standings = await queries.standings(session, signed.user.id)
    open_ones = [one for one in standings if one.status == TenantStatus.ACTIVE]
    if len(standings) == 1 and open_ones and "choose" not in request.query_params:
        return pages.go(request, f"{pages.BASE}/shops/{open_ones[0].slug}/inbox")
    return pages.show(request, "shops.html", signed, standings=standings, open_ones=open_ones)


@router.get(SHOP)
async def show_shop(request: Request, desk: DeskDep) -> Response:
    """The shop's first page."""
    return pages.go(request, desk.path("inbox"))
