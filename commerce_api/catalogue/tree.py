"""The tenant's tree of categories."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import words
from commerce_api.catalogue.errors import CategoryCycle
from commerce_api.catalogue.models import Category
from commerce_api.core.tenancy import current

DEEPEST = 6
SEPARATOR = " > "


@dataclass(frozen=True)
class Tree:
    """All of a tenant's categories, read at once: there are few."""

    by_id: dict[UUID, Category]
    children: dict[UUID | None, list[Category]] = field(default_factory=dict)

    @classmethod
    def of(cls, categories: Iterable[Category]) -> Self:
        """The tree of these categories, siblings by position and name."""
        ordered = sorted(categories, key=lambda c: (c.position, c.name))
        children: dict[UUID | None, list[Category]] = defaultdict(list)
        for category in ordered:
            children[category.parent_id].append(category)
        return cls({category.id: category for category in ordered}, dict(children))

    def in_order(self, parent_id: UUID | None = None) -> list[Category]:
        """The categories as they are read aloud: each one, then what is below it."""
        found = []
        for child in self.children.get(parent_id, []):
            found += [child, *self.in_order(child.id)]
        return found

    def way(self, category_id: UUID | None) -> list[Category]:
        """From the root to the category, both included; empty for None."""
        found: list[Category] = []
        while category_id is not None:
            category = self.by_id[category_id]
            found.insert(0, category)
            category_id = category.parent_id
        return found

    def path(self, category_id: UUID | None) -> str:
        """``Food > Oils``."""
        return SEPARATOR.join(category.name for category in self.way(category_id))

    def subtree(self, category_id: UUID) -> list[UUID]:
        """The category's id and those of all below it."""
        return [category_id, *(category.id for category in self.in_order(category_id))]

    def child(self, parent_id: UUID | None, name: str) -> Category | None:
        """The category of that name there, whatever its case and accents."""
        folded = words.fold(name)
        return next((c for c in self.children.get(parent_id, []) if words.fold(c.name) == folded), None)

    def check_place(self, category_id: UUID | None, parent_id: UUID | None) -> None:
        """Raises CategoryCycle when the category can't stand below that parent."""
        below = self.subtree(category_id) if category_id in self.by_id else []
        if parent_id is not None and parent_id in below:
            raise CategoryCycle("A category can't stand below itself.")
        depth = max((len(self.way(i)) for i in below), default=1)
        own_depth = depth - len(self.way(category_id)) + 1 if below else 1
        if len(self.way(parent_id)) + own_depth > DEEPEST:
            raise CategoryCycle(f"Categories can be {DEEPEST} deep at most.")


async def load(session: AsyncSession) -> Tree:
    """The tenant's tree."""
    return Tree.of((await session.scalars(select(Category))).all())


async def load_to_change(session: AsyncSession) -> Tree:
    """The same, held until the transaction ends: two moves at once could else make a ring."""
    await session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:tree, 0))"),
        {"tree": f"categories:{current(session)}"},
    )
    statement = select(Category).execution_options(populate_existing=True)
    return Tree.of((await session.scalars(statement)).all())


def slug(name: str, taken: Iterable[str]) -> str:
    """A slug for the name that none of ``taken`` has."""
    plain = re.sub(r"[^a-z0-9]+", "-", words.fold(name)).strip("-")[:60] or "category"
    others = set(taken)
    number = 2
    candidate = plain
    while candidate in others:
        candidate = f"{plain}-{number}"
        number += 1
    return candidate
