"""Writing what search reads. Whoever changes a product calls ``index`` in the same transaction."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from itertools import batched
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from commerce_api.catalogue import spelling, words
from commerce_api.catalogue.models import Product, Variant
from commerce_api.catalogue.search_models import ProductSearch
from commerce_api.catalogue.tree import Tree
from commerce_api.core.tenancy import current

BATCH = 1000
IN_STOCK = "$"


class Kind(IntFlag):
    """Where a word stands in a product."""

    NAME = 1
    CATEGORY = 2
    ATTRIBUTE = 4
    DESCRIPTION = 8


STRONG = Kind.NAME | Kind.CATEGORY | Kind.ATTRIBUTE

ADD_WORDS = text("""
    insert into product_words (tenant_id, word, shown, kinds)
    select :tenant, word, shown, kinds
    from unnest(cast(:words as text[]), cast(:shown as text[]), cast(:kinds as int[]))
        as new (word, shown, kinds)
    order by word
    on conflict (tenant_id, word) do update set kinds = product_words.kinds | excluded.kinds
    where product_words.kinds | excluded.kinds <> product_words.kinds
    returning word, kinds
""")
ADD_KEYS = text("""
    insert into word_keys (tenant_id, key, word)
    select :tenant, key, word from unnest(cast(:keys as text[]), cast(:words as text[])) as new (key, word)
    order by key, word
    on conflict do nothing
""")


@dataclass
class Document:
    """A product as search will see it: the stems of its name, and ``kinds`` and ``shown`` of each stem."""

    name: frozenset[str] = frozenset()
    kinds: dict[str, Kind] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    skus: set[str] = field(default_factory=set)

    def add(self, written: str | None, kind: Kind) -> None:
        """Takes in the words of a text."""
        found, joins = words.words_and_joins(written or "")
        for word in (*found, *joins):
            self.kinds[word.stem] = self.kinds.get(word.stem, Kind(0)) | kind
            self.shown.setdefault(word.stem, word.shown)

    def tokens(self, tenant_id: UUID, categories: Iterable[UUID], *, in_stock: bool) -> list[str]:
        """What ``ProductSearch.tokens`` holds."""
        found = [IN_STOCK] if in_stock else []
        found.append(whole_name(self.name))
        found += [f"#{sku}" for sku in self.skus] + [f"/{category_id.hex}" for category_id in categories]
        for word, kinds in self.kinds.items():
            found.append(f".{word}")
            if kinds & STRONG:
                found.append(f"+{word}")
            if kinds & Kind.NAME:
                found.append(f"!{word}")
        return sorted(f"{prefix(tenant_id)}{token}" for token in found)


def prefix(tenant_id: UUID) -> str:
    """What the tenant's tokens begin with, so that shops don't share the entries of the token index."""
    return str(tenant_id)[:8]


def whole_name(stems: Iterable[str]) -> str:
    """The token of a name with just these stems."""
    return f"={' '.join(sorted(stems))}"


def document(product: Product, variants: Sequence[Variant], tree: Tree) -> Document:
    """The document of a product with the variants that are for sale."""
    made = Document()
    made.add(product.name, Kind.NAME)
    made.name = frozenset(word.stem for word in words.words(product.name))
    for category in tree.way(product.category_id):
        made.add(category.name, Kind.CATEGORY)
    made.add(product.unit, Kind.ATTRIBUTE)
    made.skus.add(words.sku_key(product.sku))
    for variant in variants:
        made.add(variant.name, Kind.ATTRIBUTE)
        for name, value in variant.attributes.items():
            made.add(name, Kind.DESCRIPTION)
            made.add(value, Kind.ATTRIBUTE)
        made.skus.add(words.sku_key(variant.sku))
    made.add(product.description, Kind.DESCRIPTION)
    return made


async def index(session: AsyncSession, product_ids: Collection[UUID], tree: Tree) -> None:
    """Makes search see these products as they are now, their categories being those of ``tree``."""
    await session.flush()
    for batch in batched(sorted(product_ids), BATCH):
        # Held first, so that stock which moves meanwhile is told to search after this, not before.
        statement = (
            select(Product)
            .where(Product.id.in_(batch))
            .order_by(Product.id)
            .options(selectinload(Product.variants))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        products = (await session.scalars(statement)).all()
        documents = {p.id: document(p, [v for v in p.variants if v.is_active], tree) for p in products}
        await _write_rows(session, [_row(session, p, documents[p.id], tree) for p in products])
        await write_words(session, documents.values())


def _row(session: AsyncSession, product: Product, made: Document, tree: Tree) -> dict[str, Any]:
    tenant_id = current(session)
    categories = [category.id for category in tree.way(product.category_id)]
    in_stock = any(variant.is_active and variant.stock > 0 for variant in product.variants)
    return {
        "tenant_id": tenant_id,
        "id": product.id,
        "category_id": product.category_id,
        "is_for_sale": product.is_active and any(variant.is_active for variant in product.variants),
        "in_stock": in_stock,
        "position": product.position,
        "name_words": len(made.name),
        "name_key": words.fold(product.name),
        "tokens": made.tokens(tenant_id, categories, in_stock=in_stock),
    }


async def _write_rows(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(ProductSearch)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in {"tenant_id", "id"}}
    await session.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=changed), rows
    )


async def write_words(session: AsyncSession, documents: Iterable[Document]) -> None:
    """Adds the documents' words to the tenant's vocabulary, where misspelt ones are looked up.

    Words stay when their last product goes; search leaves out those that nothing has any more.
    """
    kinds: dict[str, Kind] = {}
    shown: dict[str, str] = {}
    for made in documents:
        shown = made.shown | shown
        for word, kind in made.kinds.items():
            kinds[word] = kinds.get(word, Kind(0)) | kind
    if not kinds:
        return
    facts = {
        "tenant": current(session),
        "words": list(kinds),
        "shown": [shown[word] for word in kinds],
        "kinds": [int(kind) for kind in kinds.values()],
    }
    changed = [(word, Kind(kind)) for word, kind in await session.execute(ADD_WORDS, facts)]
    pairs = list(_keys(changed))
    await session.execute(
        ADD_KEYS,
        {"tenant": current(session), "keys": [key for key, _ in pairs], "words": [word for _, word in pairs]},
    )


def _keys(changed: Iterable[tuple[str, Kind]]) -> Iterator[tuple[str, str]]:
    for word, kind in changed:
        if not any(character.isdigit() for character in word):
            # Descriptions have many words that nobody shops for: one edit is enough for those.
            for key in spelling.keys(word, edits=2 if kind & STRONG else 1):
                yield key, word
