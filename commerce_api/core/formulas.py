"""CSV cells that no spreadsheet runs: what looks like a formula goes out with an apostrophe before it."""

import re

_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_QUOTED_FORMULA = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")


def neutral(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def original(cell: str) -> str:
    """The text of a cell that ``neutral`` made."""
    return cell[1:] if _QUOTED_FORMULA.match(cell) else cell
