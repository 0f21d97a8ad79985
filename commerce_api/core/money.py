"""Money: integer minor units and an ISO 4217 currency. No float, ever."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, Field

MINOR_DIGITS = {
    "NGN": 2,
    "KES": 2,
    "GHS": 2,
    "ZAR": 2,
    "USD": 2,
    "EUR": 2,
    "GBP": 2,
    "XOF": 0,
    "XAF": 0,
    "UGX": 0,
    "RWF": 0,
}
MAX_AMOUNT = 10**15

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


@dataclass(frozen=True, order=False)
class Money:
    """Minor units (kobo, cents; whole francs for XOF). Adding two currencies raises ValueError."""

    amount: int
    currency: str

    def __add__(self, other: Self) -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} don't add up")
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)


class MoneyRead(BaseModel):
    """Money in JSON."""

    amount: int = Field(description="minor units", ge=-MAX_AMOUNT, le=MAX_AMOUNT)
    currency: Currency
