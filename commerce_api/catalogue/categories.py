"""Making and changing categories. What is below one, and every product in it, follows in the search index."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import indexing, tree
from commerce_api.catalogue.errors import CategoryInUse, CategoryNameTaken, CategoryUnknown
from commerce_api.catalogue.models import Category, Product
from commerce_api.catalogue.schemas import CategoryCreate, CategoryPatch
from commerce_api.catalogue.tree import Tree
from commerce_api.core.errors import NotFound


async def create(session: AsyncSession, facts: CategoryCreate) -> Category:
    """A new category. Raises CategoryUnknown for its parent, CategoryCycle or CategoryNameTaken."""
    whole = await tree.load_to_change(session)
    _check_parent(whole, None, facts.parent_id)
    _check_name(whole, None, facts.parent_id, facts.name)
    return await _add(session, whole, facts.name, facts.parent_id, facts.position)


async def change(session: AsyncSession, category_id: UUID, facts: CategoryPatch) -> Category:
    """The category, changed. Raises NotFound, and as ``create``."""
    whole = await tree.load_to_change(session)
    category = _of(whole, category_id)
    given = facts.model_dump(exclude_unset=True)
    if "parent_id" in given:
        _check_parent(whole, category_id, given["parent_id"])
    place = given.get("parent_id", category.parent_id)
    _check_name(whole, category_id, place, given.get("name", category.name))
    for name, value in given.items():
        setattr(category, name, value)
    await session.flush()
    if given.keys() & {"name", "parent_id"}:
        await _index_products(session, whole.subtree(category_id))
    return category


async def delete(session: AsyncSession, category_id: UUID) -> None:
    """Removes an empty category. Raises NotFound and CategoryInUse."""
    whole = await tree.load_to_change(session)
    category = _of(whole, category_id)
    has_products = await session.scalar(select(Product.id).where(Product.category_id == category_id).limit(1))
    if has_products or whole.children.get(category_id):
        raise CategoryInUse("Move or archive away what is in this category first; it isn't empty.")
    await session.delete(category)
    await session.flush()


async def ensure(session: AsyncSession, whole: Tree, path: Sequence[str]) -> tuple[Tree, UUID | None]:
    """The category at the end of a path of names, made with all above it if need be; and the tree with it.

    Raises CategoryCycle for a path that is too deep. ``whole`` comes from ``tree.load_to_change``.
    """
    parent_id: UUID | None = None
    for name in path:
        category = whole.child(parent_id, name)
        if category is None:
            whole.check_place(None, parent_id)
            position = len(whole.children.get(parent_id, []))
            category = await _add(session, whole, name, parent_id, position)
            whole = Tree.of([*whole.by_id.values(), category])
        parent_id = category.id
    return whole, parent_id


async def _add(
    session: AsyncSession, whole: Tree, name: str, parent_id: UUID | None, position: int
) -> Category:
    slug = tree.slug(name, (other.slug for other in whole.by_id.values()))
    category = Category(id=uuid4(), name=name, slug=slug, parent_id=parent_id, position=position)
    session.add(category)
    await session.flush()
    return category


def _of(whole: Tree, category_id: UUID) -> Category:
    if category_id not in whole.by_id:
        raise NotFound
    return whole.by_id[category_id]


def _check_parent(whole: Tree, category_id: UUID | None, parent_id: UUID | None) -> None:
    if parent_id is not None and parent_id not in whole.by_id:
        raise CategoryUnknown
    whole.check_place(category_id, parent_id)


def _check_name(whole: Tree, category_id: UUID | None, parent_id: UUID | None, name: str) -> None:
    other = whole.child(parent_id, name)
    if other is not None and other.id != category_id:
        raise CategoryNameTaken(f"There is a category {other.name!r} there already; choose another name.")


async def _index_products(session: AsyncSession, category_ids: Sequence[UUID]) -> None:
    inside = await session.scalars(select(Product.id).where(Product.category_id.in_(category_ids)))
    await indexing.index(session, inside.all(), await tree.load(session))
