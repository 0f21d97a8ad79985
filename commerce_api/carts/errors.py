"""How a request to a cart can fail, beside the catalogue's OutOfStock."""

from commerce_api.carts.models import MAX_LINES, MAX_QUANTITY
from commerce_api.core.errors import AppError


class QuantityInvalid(AppError):
    """A line can hold 1 to 999; ``allowed`` is the most."""

    status = 409
    code = "quantity_invalid"

    def __init__(self) -> None:
        super().__init__(f"A quantity is a whole number from 1 to {MAX_QUANTITY}.", allowed=MAX_QUANTITY)


class CartFull(AppError):
    """A cart can have 50 lines."""

    status = 409
    code = "cart_full"

    def __init__(self) -> None:
        super().__init__(f"A cart can have {MAX_LINES} lines; remove one first.", allowed=MAX_LINES)
