"""What a shopper's words come to, as a price a piece."""

from dataclasses import dataclass

from commerce_api.bargaining.ladder import Wish


@dataclass(frozen=True)
class Said:
    """What was heard: an ``amount`` of money, or so much off, or so many percent off; or only "cheaper".

    Amounts are minor units. ``quantity`` is how many were spoken of.
    """

    amount: int | None = None
    amount_off: int | None = None
    percent_off: int | None = None
    quantity: int = 1

    def wish(self, price: int) -> Wish:
        """The price a piece that is wished for, when a piece costs ``price``.

        For several, a sum above the price of one is meant for all of them: "two for 5k".
        """
        if self.amount is not None:
            is_for_all = self.quantity > 1 and self.amount > price
            each = self.amount // self.quantity if is_for_all else self.amount
            return Wish(each, self.quantity)
        if self.percent_off is not None:
            return Wish(-(-price * (100 - self.percent_off) // 100), self.quantity)
        if self.amount_off is not None:
            return Wish(max(price - self.amount_off, 0), self.quantity)
        return Wish(None, self.quantity)
