"""The catalogue as the bot side asks for it, on behalf of one conversation's shopper."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from commerce_api.catalogue import queries
from commerce_api.catalogue.presenting import PresenterDep, categories_read
from commerce_api.catalogue.schemas import CategoriesRead, ProductRead, ProductsRead
from commerce_api.catalogue.search import Scope
from commerce_api.conversations import service as conversations
from commerce_api.conversations.access import ConversationDep
from commerce_api.conversations.service import StepKind
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.core.listing import MAX_SKIP

router = APIRouter(route_class=IdempotentRoute)


@router.get("/categories")
async def categories_for_shopper(conversation: ConversationDep, session: SessionDep) -> CategoriesRead:
    """The categories that have something for sale, each before those below it."""
    tree, counts = await queries.categories(session)
    return categories_read(tree, counts, with_empty=False)


@router.get("/products")
async def products_for_shopper(
    *,
    conversation: ConversationDep,
    session: SessionDep,
    presenter: PresenterDep,
    q: Annotated[str | None, Query(max_length=20_000)] = None,
    category_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 10,
    skip: Annotated[int, Query(ge=0, le=MAX_SKIP)] = 0,
) -> ProductsRead:
    """Products that fit the words, best first; or a category; or all; those in stock first among equals."""
    scope = Scope(category_id=category_id, limit=limit, skip=skip)
    hits, products = await queries.shop_window(session, q, scope)
    currency = conversation.tenant.currency
    items = [presenter.product(product, currency, hits.terms) for product in products]
    return ProductsRead(items=items, total=hits.total, corrected=hits.corrected)


@router.get("/products/{product_id}")
async def product_for_shopper(
    product_id: UUID,
    conversation: ConversationDep,
    session: SessionDep,
    presenter: PresenterDep,
    now: NowDep,
) -> ProductRead:
    """One product that is for sale, which the shopper looks at."""
    product = await queries.product_for_sale(session, product_id)
    conversations.note(
        session, conversation, StepKind.PRODUCT_CLICKED, now, product_id=str(product.id), sku=product.sku
    )
    return presenter.product(product, conversation.tenant.currency)
