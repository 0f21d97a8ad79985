"""The words of a tenant's catalogue, and what a word that is none of them was meant to be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import spelling, words
from commerce_api.catalogue.indexing import STRONG, Kind
from commerce_api.catalogue.search_models import ProductWord, WordKey
from commerce_api.catalogue.words import Word
from commerce_api.core.tenancy import current

SHORTEST_PIECE = 3
SHORTEST_START = 4
LONGEST_SPLIT = 24
CANDIDATES = 5


@dataclass(frozen=True)
class Term:
    """A word of the catalogue that a query means. ``others`` are what it might mean instead."""

    stem: str
    shown: str
    kinds: Kind
    is_measure: bool = False
    others: tuple["Term", ...] = ()

    @property
    def is_thing(self) -> bool:
        """Whether it names what is sold, rather than its colour or size."""
        return bool(self.kinds & (Kind.NAME | Kind.CATEGORY)) and not self.kinds & Kind.ATTRIBUTE


Repair = tuple[Term, ...]


async def known(session: AsyncSession, stems: Collection[str]) -> dict[str, Term]:
    """Those stems that the tenant's catalogue has, or had."""
    if not stems:
        return {}
    statement = select(ProductWord).where(
        ProductWord.tenant_id == current(session), ProductWord.word.in_(list(stems))
    )
    return {row.word: _term(row) for row in await session.scalars(statement)}


async def uses(session: AsyncSession, stems: Collection[str], *, for_sale: bool) -> dict[str, int]:
    """How many products have each stem now, counted to 1000."""
    if not stems:
        return {}
    rows = await session.execute(
        text("select word, uses from lookup.word_uses(cast(:words as text[]), :for_sale)"),
        {"words": list(stems), "for_sale": for_sale},
    )
    return {row.word: row.uses for row in rows}


async def repair(session: AsyncSession, word: Word, *, for_sale: bool) -> Repair:
    """What an unknown word was meant to be: a term, or two when words were run together; else nothing."""
    if word.is_exact or len(word.stem) < SHORTEST_PIECE:
        return ()
    near = await _near(session, word.stem)
    pieces = await known(session, {piece for pair in _splits(word) for piece in pair})
    splits = [(pieces[a], pieces[b]) for a, b in _splits(word) if {a, b} <= pieces.keys()]
    whole = [pair for pair in splits if min(len(term.stem) for term in pair) >= SHORTEST_PIECE]
    if whole:
        return max(whole, key=lambda pair: min(len(term.stem) for term in pair))
    ranked = (
        await _in_use(session, [term for cost, term in near if cost < 2 * spelling.EDIT], for_sale)
        or await _in_use(session, await _starting_with(session, word.stem), for_sale)
        or await _in_use(session, [term for cost, term in near if cost >= 2 * spelling.EDIT], for_sale)
    )
    if ranked:
        first, *others = ranked
        return (replace(first, others=tuple(others)),)
    if splits:
        return splits[0]
    return await _split_and_mend(session, word, pieces, for_sale)


async def _near(session: AsyncSession, stem: str) -> list[tuple[int, Term]]:
    allowed = spelling.edits_allowed(stem)
    statement = (
        select(ProductWord)
        .join(WordKey, (WordKey.tenant_id == ProductWord.tenant_id) & (WordKey.word == ProductWord.word))
        .where(
            ProductWord.tenant_id == current(session),
            WordKey.tenant_id == current(session),
            WordKey.key.in_(list(spelling.keys(stem, edits=allowed))),
        )
        .distinct()
    )
    found = {row.word: _term(row) for row in await session.scalars(statement)}
    return [(cost, found[w]) for cost, w in spelling.rank(stem, found) if _is_worth_it(found[w], cost)]


def _is_worth_it(term: Term, cost: int) -> bool:
    """A word that stands in descriptions alone is meant only when it is nearly what was written."""
    return bool(term.kinds & STRONG) or (cost < 2 * spelling.EDIT and len(term.stem) > SHORTEST_START)


async def _starting_with(session: AsyncSession, stem: str) -> list[Term]:
    if len(stem) < SHORTEST_START:
        return []
    statement = (
        select(ProductWord)
        .where(
            ProductWord.tenant_id == current(session),
            ProductWord.word > stem,
            ProductWord.word < f"{stem}\U0010ffff",
        )
        .order_by(ProductWord.word)
        .limit(20)
    )
    return [_term(row) for row in await session.scalars(statement) if row.kinds & STRONG]


async def _in_use(session: AsyncSession, terms: Sequence[Term], for_sale: bool) -> list[Term]:
    """Those of the first few that some product has now."""
    first = terms[:CANDIDATES]
    counted = await uses(session, [term.stem for term in first], for_sale=for_sale)
    return [term for term in first if counted.get(term.stem)]


async def _split_and_mend(
    session: AsyncSession, word: Word, pieces: dict[str, Term], for_sale: bool
) -> Repair:
    """Two words run together, one of them misspelt."""
    for left, right in _splits(word):
        for sound_one, other in ((left, right), (right, left)):
            if sound_one not in pieces or min(len(left), len(right)) < SHORTEST_PIECE:
                continue
            near = [term for cost, term in await _near(session, other) if cost < 2 * spelling.EDIT]
            mended = await _in_use(session, near, for_sale)
            if mended:
                pair = (pieces[sound_one], mended[0])
                return pair if sound_one == left else pair[::-1]
    return ()


def _splits(word: Word) -> list[tuple[str, str]]:
    folded = words.fold(word.shown)
    if len(folded) > LONGEST_SPLIT:
        return []
    return [(words.stem(folded[:i]), words.stem(folded[i:])) for i in range(2, len(folded) - 1)]


def _term(row: ProductWord) -> Term:
    return Term(row.word, row.shown, Kind(row.kinds))
