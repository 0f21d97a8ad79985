"""The table at the end, and the story of each violation."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.chaos.ledger import Book
from benchmarks.chaos.rounds import Outcome
from benchmarks.chaos.violation import Violation, Wrong

HEAD = (
    "fault",
    "shoppers",
    "messages",
    "injected",
    "lost",
    "doubled",
    "out of order",
    "other",
    "put off",
    "handed off",
    "given up",
)
TAIL = ("recovered in",)


def table(outcomes: Sequence[Outcome]) -> str:
    """All rounds, a line each, and their sums; a star stands where the machine had nothing left."""
    rows = [_row(outcome) for outcome in outcomes]
    numbers = [[int(cell) for cell in row[1:-1]] for row in rows]
    sums = [str(sum(column)) for column in zip(*numbers, strict=True)]
    worst = max((outcome.recovered for outcome in outcomes), default=0.0)
    rows.append(["all", *sums, f"{max(worst, 0.0):.1f} s"])
    widths = [max(len(row[place]) for row in [[*HEAD, *TAIL], *rows]) for place in range(len(HEAD) + 1)]
    lines = [_line([*HEAD, *TAIL], widths), "  ".join("-" * width for width in widths)]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def _row(outcome: Outcome) -> list[str]:
    counts = [outcome.conversations, outcome.messages, outcome.injected]
    counts += [outcome.count(wrong) for wrong in Wrong]
    counts += [outcome.put_off, outcome.handed_off, outcome.given_up]
    return [
        outcome.fault + (" *" if outcome.is_slow else ""),
        *map(str, counts),
        f"{max(outcome.recovered, 0.0):.1f} s",
    ]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if not place else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *rest])


def write_stories(
    path: Path,
    outcomes: Sequence[Outcome],
    whole: Sequence[Violation],
    seed: int,
    *,
    all_of_them: bool = False,
) -> None:
    """Tells of each violation what was done and seen in its conversation, and what the books say.

    ``all_of_them`` tells also of the conversations in which nothing went wrong.
    """
    parts = [f"Seed {seed}\n"]
    for outcome in outcomes:
        numbers = sorted({violation.number for violation in outcome.violations})
        if all_of_them:
            numbers = sorted({book.number for book in outcome.books})
        parts += [_story(outcome, number) for number in numbers]
    parts += [f"The whole shop: {violation.wrong}: {violation.what}\n" for violation in whole]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")


def _story(outcome: Outcome, number: str) -> str:
    lines = [f"== {outcome.fault}" + (f", shopper {number}" if number else "")]
    lines += [f"   {one.wrong}: {one.what}" for one in outcome.violations if one.number == number]
    began = outcome.events[0].at if outcome.events else 0.0
    lines += [
        f"   {event.at - began:8.2f} s  {event.who or '(fault)':<13}  {event.what}"
        for event in outcome.events
        if event.who in ("", number)
    ]
    for book in outcome.books:
        if book.number == number:
            lines += _told(book)
    return "\n".join([*lines, ""])


def _told(book: Book) -> list[str]:
    lines = [f"   The books of {book.number} with {book.seller}: in the cart and orders {book.lines}"]
    lines += [
        f"     in  {message.position:3} {message.provider_id} sent {message.sent_at:%d %H:%M:%S}"
        f" {message.kind} {message.state} {message.failure or ''} ({message.attempts} attempts)"
        for message in book.inbound
    ]
    for reply in book.outbound:
        parts = ", ".join(f"{part.provider_id} {part.status} {part.doubts}" for part in reply.parts)
        doubled = " maybe doubled" if reply.maybe_doubled else ""
        state = f"{reply.author} {reply.status}{doubled}"
        lines.append(f"     out {reply.position:3} {state} {reply.text[:70]!r} [{parts}]")
    lines += [f"     got     {bubble.id} {bubble.text[:70]!r}" for bubble in book.received]
    return lines
