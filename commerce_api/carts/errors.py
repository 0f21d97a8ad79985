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


class DiscountTooLarge(AppError):
    """The shop lets its members take off less than that; ``allowed`` is the most, in percent."""

    status = 409
    code = "discount_too_large"

    def __init__(self, allowed: int) -> None:
        said = f"{allowed} % can be taken off at most." if allowed else "This shop gives no discounts."
        super().__init__(f"{said} The limit is under Settings, Bargaining and discounts.", allowed=allowed)
