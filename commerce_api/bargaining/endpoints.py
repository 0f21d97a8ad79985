"""Bargaining for people: how far prices may come down, and what came of it."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from commerce_api.bargaining import queries, terms
from commerce_api.bargaining.schemas import (
    BargainRead,
    BargainsRead,
    ResultRead,
    ResultsRead,
    TermsBody,
    TermsListRead,
    TermsRead,
)
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.core.listing import ListDep
from commerce_api.core.money import MoneyRead
from commerce_api.tenants.access import Access, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute, prefix="/bargaining")

# A floor is the seller's secret: who may not edit prices may not read it.
CatalogueDep = Annotated[Access, require(Permission.EDIT_CATALOGUE)]
SettingsDep = Annotated[Access, require(Permission.EDIT_SETTINGS)]
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@router.get("/terms")
async def list_bargain_terms(_: CatalogueDep, session: SessionDep, params: ListDep) -> TermsListRead:
    """The terms of the shop and of single products."""
    found = await terms.terms_page(session, params)
    return TermsListRead.of(list(found.items), found.total)


@router.put("/terms")
async def lay_down_bargain_terms(body: TermsBody, _: SettingsDep, session: SessionDep) -> TermsRead:
    """Makes these the terms of a product or of the shop. 409 `floor_needs_product`."""
    return TermsRead.model_validate(await terms.lay_down(session, body.product_id, body.read()))


@router.delete("/terms/{terms_id}", status_code=204)
async def forget_bargain_terms(terms_id: UUID, _: SettingsDep, session: SessionDep) -> None:
    """Takes terms away."""
    await terms.forget(session, terms_id)


@router.get("/bargains")
async def list_bargains(_: CatalogueDep, session: SessionDep, params: ListDep) -> BargainsRead:
    """Every bargain, the latest first; sort by updated_at, created_at or state."""
    found = await queries.bargains_page(session, params)
    return BargainsRead(items=[BargainRead.of(one) for one in found.items], total=found.total)


@router.get("/results")
async def read_bargaining_results(
    access: CatalogueDep,
    session: SessionDep,
    now: NowDep,
    since: Annotated[datetime, Query()] = BEGINNING,
) -> ResultsRead:
    """How many bargains are open, agreed, used, refused and lapsed, of those begun since a time."""
    found = await queries.results(session, since, now)
    items = [
        ResultRead(
            outcome=outcome,
            count=count,
            given_away=MoneyRead(amount=given, currency=access.tenant.currency),
        )
        for outcome, (count, given) in sorted(found.items())
    ]
    return ResultsRead(items=items, total=len(items))
