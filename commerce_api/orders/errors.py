"""How the orders module says no."""

from typing import Any

from commerce_api.core.errors import AppError


class CartEmpty(AppError):
    """There is nothing in the cart to order."""

    status = 409
    code = "cart_empty"

    def __init__(self) -> None:
        super().__init__("The cart is empty. Add something first.")


class LinesOutOfStock(AppError):
    """The cart holds more than there is. The cart stays open and nothing is held.

    ``lines`` are the short ones: product and variant, ids and names, ``quantity`` and ``available``.
    """

    status = 409
    code = "out_of_stock"

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        super().__init__("Some of the cart is not in stock any more.", lines=lines)


class ZoneUnknown(AppError):
    """The delivery zone is missing, not served any more, or never was."""

    status = 409
    code = "zone_unknown"

    def __init__(self) -> None:
        super().__init__("The shop doesn't deliver there. Choose one of its delivery zones, or pickup.")


class AddressMissing(AppError):
    """A delivery needs an address or a location."""

    status = 409
    code = "address_missing"

    def __init__(self) -> None:
        super().__init__("A delivery needs an address or a location.")


class PaymentMethodUnknown(AppError):
    """The shop doesn't take this payment method; ``methods`` are those it takes."""

    status = 409
    code = "payment_method_unknown"

    def __init__(self, methods: list[str]) -> None:
        super().__init__("The shop doesn't take this payment method.", methods=methods)


class PriceChanged(AppError):
    """The order would cost something else than expected; ``expected`` and ``total`` are minor units."""

    status = 409
    code = "price_changed"

    def __init__(self, expected: int, total: int, currency: str) -> None:
        super().__init__(
            "The price has changed. Show the shopper the new total and ask again.",
            expected={"amount": expected, "currency": currency},
            total={"amount": total, "currency": currency},
        )


class OrderTooLarge(AppError):
    """The total is past what the system counts to."""

    status = 409
    code = "order_too_large"

    def __init__(self) -> None:
        super().__init__("The order is too large. Split it.")


class OrderMoveIllegal(AppError):
    """The order can't go there from its ``state``; ``allowed`` is where it can go."""

    status = 409
    code = "order_move_illegal"

    def __init__(self, state: str, to: str, allowed: list[str], **facts: Any) -> None:
        super().__init__(
            f"An order that is {state} can't be moved to {to}.", state=state, allowed=allowed, **facts
        )


class OrderNotPayable(AppError):
    """The order takes no money: ``state`` and ``is_paid`` say why."""

    status = 409
    code = "order_not_payable"

    def __init__(self, state: str, *, is_paid: bool) -> None:
        why = "is paid already" if is_paid else f"can't be paid (it is {state})"
        super().__init__(f"The order {why}.", state=state, is_paid=is_paid)


class ZoneNameTaken(AppError):
    """Another delivery zone has the name."""

    status = 409
    code = "zone_name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a delivery zone named {name} already.")
