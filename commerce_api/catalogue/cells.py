"""What the cells of a catalogue's CSV mean, both ways. Pure functions; a cell at fault raises CellFault.

A text goes out as no spreadsheet runs it, and comes in as it was (``core/formulas.py``).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from commerce_api.catalogue.models import EARLIEST, LATEST, MAX_PRICE, MAX_STOCK
from commerce_api.catalogue.tree import DEEPEST, SEPARATOR

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_AMOUNT = re.compile(r"(\d{1,12})(?:[.,](\d+))?")
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_SKU = re.compile(r"[^\s;]+( [^\s;]+)*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

YES = frozenset({"yes", "y", "true", "1", "oui", "ndiyo"})
NO = frozenset({"no", "n", "false", "0", "non", "hapana"})


class CellFault(Exception):
    """A cell that can't be read; the text says what to write instead."""


def line(cell: str, longest: int) -> str:
    """A text on one line, which must be there."""
    if not cell:
        raise CellFault("this is missing; fill it in")
    return text(cell, longest)


def text(cell: str, longest: int) -> str:
    """A text of so many characters at most."""
    if len(cell) > longest:
        raise CellFault(f"this has {len(cell)} characters; shorten it to {longest}")
    if _CONTROL.search(cell):
        raise CellFault("this holds control characters; remove them")
    return cell


def sku(cell: str) -> str:
    """A SKU."""
    if not _SKU.fullmatch(line(cell, 64)):
        raise CellFault("a SKU has no semicolons and no double spaces; change it")
    return cell


def price(cell: str, digits: int) -> int:
    """Minor units, from major ones with so many decimal places: ``1500``, ``1,500.50``, ``1500,5``."""
    plain = _SPACES.sub("", cell)
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    match = _AMOUNT.fullmatch(plain)
    if not match or not plain.isascii():
        raise CellFault(
            "this is no price; write digits alone, such as 1500" + (" or 1500.50" if digits else "")
        )
    whole, decimals = match[1], match[2] or ""
    if len(decimals.rstrip("0")) > digits or (len(decimals) > digits and decimals.strip("0")):
        raise CellFault(
            f"the currency has {digits} decimal places; write such as 1500" + (".50" if digits else "")
        )
    amount = int(whole + decimals[:digits].ljust(digits, "0"))
    if amount > MAX_PRICE:
        raise CellFault(f"this is too much; the most is {price_cell(MAX_PRICE, digits)}")
    return amount


def price_cell(amount: int | None, digits: int) -> str:
    """Minor units as ``price`` reads them."""
    if amount is None:
        return ""
    if not digits:
        return str(amount)
    return f"{amount // 10**digits}.{amount % 10**digits:0{digits}d}"


def stock(cell: str) -> int:
    """A count."""
    if not re.fullmatch(r"[0-9]{1,9}", cell) or int(cell) > MAX_STOCK:
        raise CellFault(f"this is no count; write a whole number from 0 to {MAX_STOCK}")
    return int(cell)


def yes_or_no(cell: str) -> bool:
    """A claim."""
    if cell.casefold() in YES:
        return True
    if cell.casefold() in NO:
        return False
    raise CellFault("write yes or no")


def moment(cell: str, zone: ZoneInfo, *, is_end: bool = False) -> datetime:
    """A time, aware, UTC. Without an offset it is the shop's; a date alone is its whole day."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell):
            day = date.fromisoformat(cell) + timedelta(days=1 if is_end else 0)
            found = datetime.combine(day, time(), zone)
        else:
            found = datetime.fromisoformat(cell)
        aware = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        if EARLIEST <= aware <= LATEST:
            return aware
        raise CellFault("this is too long ago or too far ahead; write a date from 2000 to 2100")
    except (ValueError, OverflowError) as error:
        raise CellFault("this is no date; write such as 2026-12-24 or 2026-12-24T18:00") from error


def moment_cell(when: datetime | None, zone: ZoneInfo) -> str:
    """A time as ``moment`` reads it, in the shop's zone."""
    return when.astimezone(zone).isoformat() if when else ""


def attributes(cell: str) -> dict[str, str]:
    """``colour=Blue; size=M``."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in cell.split(";"))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value) or "=" in value or max(len(name), len(value)) > 80:
            raise CellFault("write attributes as colour=Blue; size=M, each side 80 characters at most")
        if name in found:
            raise CellFault(f"{name!r} is there twice; remove one")
        found[text(name, 80)] = text(value, 80)
    if len(found) > 20:
        raise CellFault("these are too many attributes; keep 20")
    return found


def attributes_cell(values: Mapping[str, str]) -> str:
    """Attributes as ``attributes`` reads them."""
    return "; ".join(f"{name}={value}" for name, value in values.items())


def category(cell: str) -> tuple[str, ...]:
    """``Food > Oils``, from the root down."""
    names = tuple(name.strip() for name in cell.split(">")) if cell else ()
    if any(not name or len(name) > 80 for name in names) or len(names) > DEEPEST:
        raise CellFault(
            f"write a path such as Food{SEPARATOR}Oils, {DEEPEST} names at most, 80 characters each"
        )
    return tuple(text(name, 80) for name in names)


def skus(cell: str) -> tuple[str, ...]:
    """SKUs with semicolons between them, each once."""
    return tuple(dict.fromkeys(sku(part.strip()) for part in cell.split(";") if part.strip()))


def skus_cell(values: Iterable[str]) -> str:
    """SKUs as ``skus`` reads them."""
    return ";".join(values)
