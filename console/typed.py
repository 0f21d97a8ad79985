"""What people type into fields, read as the catalogue's sheet reads it: prices in major units, counts."""

from pydantic import ValidationError

from commerce_api.catalogue import cells
from commerce_api.catalogue.cells import CellFault
from commerce_api.core.errors import AppError
from commerce_api.core.money import MINOR_DIGITS
from commerce_api.tenants.models import Tenant


class Written:
    """Writes amounts as they are typed: ``2500`` or ``2500.50``, never with a sign of the currency."""

    def __init__(self, digits: int) -> None:
        self._digits = digits

    def __call__(self, amount: int) -> str:
        """Minor units, as ``price`` reads them; decimals only where there are any."""
        text = cells.price_cell(amount, self._digits)
        return text.removesuffix("." + "0" * self._digits) if self._digits else text


def line(text: str, longest: int) -> str:
    """Words on one line, which must be there. Raises CellFault."""
    return cells.line(" ".join(text.split()), longest)


def price(text: str, tenant: Tenant) -> int:
    """Minor units of the shop's currency, from ``1,500.50`` or ``₦1500``. Raises CellFault."""
    bare = text.strip().lstrip("₦$€£₵").removeprefix(tenant.currency).strip()
    return cells.price(cells.line(bare, 40), MINOR_DIGITS.get(tenant.currency, 2))


def stock(text: str) -> int:
    """A count. Raises CellFault."""
    return cells.stock(cells.line(text.strip(), 40))


def said(fault: CellFault | AppError) -> str:
    """What a fault says beside its field, as a sentence."""
    words = str(fault)
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")


def first_fault(error: ValidationError) -> str:
    """What is wrong with the first field at fault, as a sentence."""
    fault = error.errors()[0]
    field = " ".join(str(part).replace("_", " ") for part in fault["loc"][:1]) or "This"
    return f"{field.capitalize()}: {fault['msg']}."
