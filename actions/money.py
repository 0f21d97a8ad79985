"""How an amount is written: the way the shop's own market writes it."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

from commerce_client.models import Money

_LOCALES = {"NGN": "en_NG", "KES": "en_KE", "XOF": "fr_CI", "XAF": "fr_CM", "GHS": "en_GH"}
_OWN_SIGNS = {"KES": ("Ksh", "KSh ")}


def written(money: Money) -> str:
    """An amount as shoppers read it: ``₦4,500``, ``KSh 350``, ``2 500 F CFA``; no empty cents."""
    precision = get_currency_precision(money.currency)
    units = Decimal(money.amount).scaleb(-precision)
    is_whole = money.amount % 10**precision == 0
    text = format_currency(
        units,
        money.currency,
        locale=_LOCALES.get(money.currency, "en"),
        currency_digits=not is_whole,
        format=_whole_format(money.currency) if is_whole else None,
    )
    sign, own = _OWN_SIGNS.get(money.currency, ("", ""))
    text = text.replace(sign, own) if sign else text
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def minor(units: float, currency: str) -> int:
    """Whole units as a shopper names them ("5k" is 5000) in minor units."""
    precision: int = get_currency_precision(currency)
    return int(Decimal(str(units)).scaleb(precision))


def _whole_format(currency: str) -> str:
    return "#,##0 ¤" if _LOCALES.get(currency, "en").startswith("fr") else "¤#,##0"
