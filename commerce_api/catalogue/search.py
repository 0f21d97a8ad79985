"""Finding products by what a shopper wrote.

Every word must be met, in any order: by the name, the category, the attributes or the description, in that
order of weight. A word that the catalogue doesn't know is mended (``vocabulary.repair``); when nothing has
all the words, those that name no product are let go. Nothing alike is an empty page, never a guess.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, cast, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import vocabulary, words
from commerce_api.catalogue.indexing import whole_name
from commerce_api.catalogue.models import Product, Variant
from commerce_api.catalogue.search_models import ProductSearch
from commerce_api.catalogue.vocabulary import Term
from commerce_api.catalogue.words import Word

LONGEST_QUERY = 200
MOST_WORDS = 12
MOST_COUNTED = 2000
"""Nobody pages through so many, and to count or rank more would take longer than a shopper's answer may."""

BEST_PRODUCTS = text(
    "select id, total_found"
    " from lookup.best_products(cast(:tiers as jsonb), :for_sale, :wanted, :skipped, :most)"
)

Tiers = list[dict[str, list[str]]]


@dataclass(frozen=True)
class Scope:
    """Which products are searched, and which of those found are wanted."""

    category_id: UUID | None = None
    for_sale: bool = True
    limit: int = 10
    skip: int = 0


@dataclass(frozen=True)
class Hits:
    """Product ids, best first; ``total`` counts all that were found, to ``MOST_COUNTED``.

    ``corrected`` is the query as it was understood, None when it was taken as written; ``terms`` are the
    stems that were searched for.
    """

    product_ids: tuple[UUID, ...] = ()
    total: int = 0
    corrected: str | None = None
    terms: tuple[str, ...] = ()


async def find(session: AsyncSession, query: str, scope: Scope) -> Hits:
    """The products that ``query`` may mean. What is longer than 200 characters or 12 words is cut."""
    asked = _content(query[:LONGEST_QUERY])
    if not asked:
        return Hits()
    by_sku = await _find_sku(session, query, scope)
    if by_sku.total:
        return by_sku
    terms, lost = await _understand(session, asked, scope)
    if not _is_enough(terms, lost):
        return Hits()
    hits = await _find_terms(session, terms, scope) if terms else Hits()
    if not hits.total:
        terms, hits = await _try_otherwise(session, asked, terms, scope)
    if not hits.total or not (lost or [t.stem for t in terms] != [w.stem for w in asked]):
        return hits
    return replace(hits, corrected=" ".join(term.shown for term in terms))


async def browse(session: AsyncSession, scope: Scope, categories: Sequence[UUID] | None = None) -> Hits:
    """All that is for sale, or so in these categories: in stock first, then in the seller's order."""
    row = ProductSearch
    for_sale = select(row.id).where(row.is_for_sale)
    order = (row.in_stock.desc(), row.position, row.name_key, row.id)
    if categories is None:
        inside, best = for_sale, for_sale.order_by(*order)
    else:
        inside = for_sale.where(row.category_id.in_(categories))
        best = _best_of_each(categories, scope.skip + scope.limit)
    total = await session.scalar(select(func.count()).select_from(inside.limit(MOST_COUNTED).subquery()))
    ids = await session.scalars(best.limit(scope.limit).offset(scope.skip))
    return Hits(tuple(ids), total or 0)


def _best_of_each(categories: Sequence[UUID], count: int) -> Select[UUID]:
    """The best of the categories' best: each one's come from the index in order, so little is sorted."""
    each = select(func.unnest(cast(list(categories), ARRAY(Uuid))).label("id")).subquery("each")
    row = ProductSearch
    order = (row.in_stock.desc(), row.position, row.name_key, row.id)
    first = (
        select(row.id, row.in_stock, row.position, row.name_key)
        .where(row.category_id == each.c.id, row.is_for_sale)
        .order_by(*order)
        .limit(count)
        .lateral("first")
    )
    return (
        select(first.c.id)
        .select_from(each.join(first, true()))
        .order_by(first.c.in_stock.desc(), first.c.position, first.c.name_key, first.c.id)
    )


def matched(product: Product, variants: Sequence[Variant], terms: Sequence[str]) -> list[UUID]:
    """The ids of those variants that the terms could mean: all, unless some of the terms name one."""
    own = {word.stem for word in words.words(product.name)}
    meant = [len(_variant_stems(variant) & (set(terms) - own)) for variant in variants]
    most = max(meant, default=0)
    return [variant.id for variant, count in zip(variants, meant, strict=True) if count == most]


def _variant_stems(variant: Variant) -> set[str]:
    written = [variant.name or "", *map(str, variant.attributes.values())]
    return {word.stem for part in written for word in words.words(part)}


def _content(query: str) -> list[Word]:
    found = {word.stem: word for word in words.words(query)}
    content = [word for word in found.values() if words.fold(word.shown) not in words.STOP_WORDS]
    return (content or list(found.values()))[:MOST_WORDS]


def _is_enough(terms: Sequence[Term], lost: Sequence[Word]) -> bool:
    """Whether what was understood carries the query: lost sizes and numbers don't matter, lost words do."""
    gone = [word for word in lost if not word.is_exact]
    return not gone or (len(gone) <= len(terms) and any(term.is_thing for term in terms))


async def _find_sku(session: AsyncSession, query: str, scope: Scope) -> Hits:
    key = words.sku_key(query)
    if len(query.split()) != 1 or not any(character.isdigit() or character == "-" for character in query):
        return Hits()
    return await _best(session, _in_category([{"needed": [f"#{key}"]}], scope), scope)


async def _understand(
    session: AsyncSession, asked: Sequence[Word], scope: Scope
) -> tuple[list[Term], list[Word]]:
    """The terms that the words mean, in order, and the words that mean nothing here."""
    joins = {_join(a, b) for a, b in pairwise(asked)}
    vocabulary_of_query = await vocabulary.known(session, {word.stem for word in asked} | joins)
    terms: list[Term] = []
    lost: list[Word] = []
    rest = list(asked)
    while rest:
        word = rest.pop(0)
        join = _join(word, rest[0]) if rest else None
        is_known = word.stem in vocabulary_of_query
        if join in vocabulary_of_query and not (is_known and rest[0].stem in vocabulary_of_query):
            rest.pop(0)
            terms.append(vocabulary_of_query[join])
        elif is_known:
            terms.append(replace(vocabulary_of_query[word.stem], shown=word.shown, is_measure=word.is_exact))
        else:
            mended = await vocabulary.repair(session, word, for_sale=scope.for_sale)
            terms += mended
            lost += [] if mended else [word]
    return list({term.stem: term for term in terms}.values()), lost


async def _try_otherwise(
    session: AsyncSession, asked: Sequence[Word], terms: Sequence[Term], scope: Scope
) -> tuple[list[Term], Hits]:
    """When nothing has all the terms: other meanings first, then fewer terms, then any of them."""
    alive = await vocabulary.uses(session, [term.stem for term in terms], for_sale=scope.for_sale)
    used = [term for term in terms if alive.get(term.stem)]
    for attempt in (*await _other_meanings(session, asked, terms), *_fewer(used)):
        hits = await _find_terms(session, attempt, scope)
        if hits.total:
            return attempt, hits
    things = [term for term in used if term.is_thing]
    if len(things) < 2:
        return things, Hits()
    stems = [term.stem for term in things]
    tiers: Tiers = [{"needed": [], "wished": [f"{kind}{stem}" for stem in stems]} for kind in "!+."]
    hits = await _best(session, _in_category(tiers, scope), scope)
    return things, replace(hits, terms=tuple(stems))


async def _other_meanings(
    session: AsyncSession, asked: Sequence[Word], terms: Sequence[Term]
) -> list[list[Term]]:
    joins = [_join(a, b) for a, b in pairwise(asked)]
    joined = await vocabulary.known(session, joins)
    found = []
    for place, join in enumerate(joins):
        if join in joined:
            pair = {asked[place].stem, asked[place + 1].stem}
            found.append([joined[join], *(term for term in terms if term.stem not in pair)])
    for place, term in enumerate(terms):
        found += [[*terms[:place], other, *terms[place + 1 :]] for other in term.others]
    return found


def _fewer(terms: Sequence[Term]) -> list[list[Term]]:
    """Without what no product has, without sizes and numbers, then without colours and the like."""
    unmeasured = [term for term in terms if not term.is_measure]
    things = [term for term in terms if term.is_thing]
    attempts = [list(terms), unmeasured, things]
    return [attempt for attempt in attempts if any(term.is_thing for term in attempt)]


def _join(first: Word, second: Word) -> str:
    return words.stem(words.fold(first.shown + second.shown))


async def _find_terms(session: AsyncSession, terms: Sequence[Term], scope: Scope) -> Hits:
    stems = [term.stem for term in terms]
    named, strong = [f"!{stem}" for stem in stems], [f"+{stem}" for stem in stems]
    tiers: Tiers = [
        {"needed": [whole_name(stems)]},
        {"needed": named},
        {"needed": strong, "wished": named},
        {"needed": strong},
        {"needed": [f".{stem}" for stem in stems]},
    ]
    if len(stems) == 1:
        del tiers[2]
    hits = await _best(session, _in_category(tiers, scope), scope)
    return replace(hits, terms=tuple(stems))


def _in_category(tiers: Tiers, scope: Scope) -> Tiers:
    if scope.category_id is None:
        return tiers
    inside = f"/{scope.category_id.hex}"
    return [{**tier, "needed": [*tier["needed"], inside]} for tier in tiers]


async def _best(session: AsyncSession, tiers: Tiers, scope: Scope) -> Hits:
    facts: dict[str, Any] = {
        "tiers": json.dumps(tiers),
        "for_sale": scope.for_sale,
        "wanted": scope.limit,
        "skipped": scope.skip,
        "most": max(MOST_COUNTED, scope.limit),
    }
    rows = (await session.execute(BEST_PRODUCTS, facts)).all()
    total = rows[0].total_found if rows else 0
    return Hits(tuple(row.id for row in rows if row.id is not None), total)
