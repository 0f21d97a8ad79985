"""How the bargaining module says no."""

from commerce_api.core.errors import AppError


class FloorNeedsProduct(AppError):
    """A floor in money fits one product; for the whole shop it is a percentage."""

    status = 409
    code = "floor_needs_product"

    def __init__(self) -> None:
        super().__init__("A floor price needs a product; for all products, set the floor in percent.")


class BargainOver(AppError):
    """The bargain ended meanwhile: it lapsed, was refused, or its price was used by an order."""

    status = 409
    code = "bargain_over"

    def __init__(self) -> None:
        super().__init__("This bargain is over. Ask for a price again.")
