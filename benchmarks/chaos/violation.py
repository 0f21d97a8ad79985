"""What can go wrong, as the table counts it."""

from dataclasses import dataclass
from enum import StrEnum


class Wrong(StrEnum):
    """What kind of thing went wrong; the columns of the table."""

    LOST = "lost"
    DOUBLED = "doubled"
    DISORDER = "out of order"
    OTHER = "other"


@dataclass(frozen=True)
class Violation:
    """One thing that must not be. ``number`` is the shopper's, empty when it is nobody's alone."""

    wrong: Wrong
    number: str
    what: str
