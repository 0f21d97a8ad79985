"""A catalogue's CSV file as rows: decoding, the header, and every fault there is, row by row. Pure.

UTF-8 where the bytes are UTF-8 (with or without a byte order mark), UTF-16 where they say so, else
Windows-1252. Columns are parted by commas, semicolons or tabs, whichever the header uses. One row a variant;
what concerns the product may be left blank after its first row.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from commerce_api.catalogue import cells, words
from commerce_api.catalogue.cells import CellFault
from commerce_api.core import formulas

COLUMNS = (
    "product_sku",
    "name",
    "description",
    "category",
    "unit",
    "variant_sku",
    "variant",
    "attributes",
    "price",
    "sale_price",
    "sale_from",
    "sale_until",
    "stock",
    "is_active",
    "upsells",
)
REQUIRED = ("product_sku", "name", "price")
OF_PRODUCT = ("name", "description", "category", "unit", "is_active", "upsells")
MAX_ROWS = 10_000
MAX_VARIANTS = 100


@dataclass(frozen=True)
class Fault:
    """A cell at fault; the header is row 1."""

    row: int
    column: str
    fault: str


@dataclass(frozen=True)
class Row:
    """A row that could be read. ``values`` has the columns that the sheet has; a blank cell is None."""

    number: int
    values: Mapping[str, Any]

    @property
    def product_sku(self) -> str:
        """The product it is of."""
        return str(self.values["product_sku"])

    @property
    def variant_sku(self) -> str:
        """The variant it is: the product's own SKU when the sheet gives none."""
        return str(self.values.get("variant_sku") or self.product_sku)


@dataclass
class Sheet:
    """What could be read, and what could not."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def products(self) -> dict[str, list[Row]]:
        """The rows by their product, in the sheet's order."""
        grouped: dict[str, list[Row]] = {}
        for row in self.rows:
            grouped.setdefault(row.product_sku, []).append(row)
        return grouped


@dataclass(frozen=True)
class Dialect:
    """How a shop writes numbers and times: its currency's decimal places and its time zone."""

    digits: int
    zone: ZoneInfo


def read(content: bytes, dialect: Dialect) -> Sheet:
    """The sheet, with a fault for every cell and row that can't be taken as it is."""
    sheet = Sheet()
    try:
        written = _decode(content)
    except UnicodeDecodeError:
        sheet.faults.append(Fault(1, "", "this is no text file; save the sheet as CSV UTF-8"))
        return sheet
    records = _records(written, sheet)
    _, header = next(records, (1, []))
    columns = [name.strip().casefold() for name in header]
    sheet.faults += _header_faults(columns)
    if sheet.faults:
        return sheet
    for number, record in records:
        if len(sheet.rows) >= MAX_ROWS:
            sheet.faults.append(
                Fault(number, "", f"a file can have {MAX_ROWS} rows; import the rest by another")
            )
            break
        _read_record(sheet, columns, number, record, dialect)
    _compare(sheet)
    return sheet


def write(rows: Iterator[Mapping[str, str]]) -> str:
    """Rows as a CSV file that ``read`` reads back and a spreadsheet takes no formula from."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([formulas.neutral(row[column]) for column in COLUMNS] for row in rows)
    return out.getvalue()


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _records(written: str, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """The records that aren't blank, with their numbers; the header is 1."""
    header = written.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for record in reader:
            number += 1
            if any(cell.strip() for cell in record):
                yield number, record
    except csv.Error as error:
        sheet.faults.append(
            Fault(number + 1, "", f"the quotes of this row don't match up ({error}); mend them")
        )


def _header_faults(columns: Sequence[str]) -> list[Fault]:
    known = ", ".join(COLUMNS)
    faults = [
        Fault(1, name, f"there is no such column; use {known}") for name in columns if name not in COLUMNS
    ]
    twice = [name for name, count in Counter(columns).items() if count > 1 and name in COLUMNS]
    faults += [Fault(1, name, "this column is there twice; remove one") for name in twice]
    missing = [name for name in REQUIRED if name not in columns]
    return faults + [Fault(1, name, "this column is missing; add it") for name in missing]


def _read_record(
    sheet: Sheet, columns: Sequence[str], number: int, record: Sequence[str], dialect: Dialect
) -> None:
    if len(record) > len(columns) and any(cell.strip() for cell in record[len(columns) :]):
        sheet.faults.append(
            Fault(number, "", "this row has more cells than the header; put quotes around text with commas")
        )
        return
    values: dict[str, Any] = {}
    faults = []
    for column, cell in zip(columns, [*record, *[""] * len(columns)], strict=False):
        try:
            values[column] = _value(column, formulas.original(cell.strip()).strip(), dialect)
        except CellFault as fault:
            faults.append(Fault(number, column, str(fault)))
    faults = faults or _row_faults(number, values)
    sheet.faults += faults
    if not faults:
        sheet.rows.append(Row(number, values))


READERS: dict[str, Callable[[str, Dialect], Any]] = {
    "product_sku": lambda cell, _: cells.sku(cell),
    "name": lambda cell, _: cells.text(cell, 200),
    "description": lambda cell, _: cells.text(cell, 5_000),
    "category": lambda cell, _: cells.category(cell),
    "unit": lambda cell, _: cells.text(cell, 80),
    "variant_sku": lambda cell, _: cells.sku(cell),
    "variant": lambda cell, _: cells.text(cell, 80),
    "attributes": lambda cell, _: cells.attributes(cell),
    "price": lambda cell, dialect: cells.price(cell, dialect.digits),
    "sale_price": lambda cell, dialect: cells.price(cell, dialect.digits),
    "sale_from": lambda cell, dialect: cells.moment(cell, dialect.zone),
    "sale_until": lambda cell, dialect: cells.moment(cell, dialect.zone, is_end=True),
    "stock": lambda cell, _: cells.stock(cell),
    "is_active": lambda cell, _: cells.yes_or_no(cell),
    "upsells": lambda cell, _: cells.skus(cell),
}


def _value(column: str, cell: str, dialect: Dialect) -> Any:
    if cell:
        return READERS[column](cell, dialect)
    if column in {"product_sku", "price"}:
        raise CellFault("this is missing; fill it in")
    return None


def _row_faults(number: int, values: Mapping[str, Any]) -> list[Fault]:
    sale = values.get("sale_price")
    begins: datetime | None = values.get("sale_from")
    ends: datetime | None = values.get("sale_until")
    faults = []
    if sale is None and (begins or ends):
        faults.append(Fault(number, "sale_price", "a sale that begins or ends needs a price; fill it in"))
    if sale is not None and sale >= values["price"]:
        faults.append(
            Fault(number, "sale_price", "a sale price is below the price; lower it or leave it blank")
        )
    if begins and ends and begins >= ends:
        faults.append(Fault(number, "sale_until", "the sale ends before it begins; change one of the dates"))
    if values["product_sku"] in (values.get("upsells") or ()):
        faults.append(Fault(number, "upsells", "a product can't be offered beside itself; remove it"))
    return faults


def _compare(sheet: Sheet) -> None:
    """Faults between rows: a variant twice, a product told in two ways, variants nobody can tell apart."""
    seen: dict[str, Row] = {}
    for row in sheet.rows:
        other = seen.setdefault(row.variant_sku, row)
        if other is not row:
            fault = f"row {other.number} has this SKU already; give each variant its own"
            sheet.faults.append(Fault(row.number, "variant_sku", fault))
    for rows in sheet.products().values():
        sheet.faults += _product_faults(rows)
    sheet.faults.sort(key=lambda fault: (fault.row, COLUMNS.index(fault.column) if fault.column else -1))


def _product_faults(rows: Sequence[Row]) -> Iterator[Fault]:
    first = rows[0]
    if first.values.get("name") is None:
        yield Fault(first.number, "name", "this is missing; fill it in")
    for row in rows[1:]:
        for column in OF_PRODUCT:
            value = row.values.get(column)
            if value is not None and value != first.values.get(column):
                yield Fault(
                    row.number, column, f"row {first.number} says otherwise of this product; make them alike"
                )
    names = [words.fold(row.values.get("variant") or "") for row in rows]
    for row, name in zip(rows, names, strict=True):
        if len(rows) > 1 and not name:
            yield Fault(
                row.number, "variant", "a product with several variants needs a name for each; fill it in"
            )
        elif len(rows) > 1 and names.count(name) > 1:
            yield Fault(row.number, "variant", "two variants of this product have this name; change one")
    if len(rows) > MAX_VARIANTS:
        yield Fault(
            rows[MAX_VARIANTS].number, "product_sku", f"a product can have {MAX_VARIANTS} variants; split it"
        )
