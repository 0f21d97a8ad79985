"""What a variant costs at a moment."""

from datetime import datetime

from commerce_api.catalogue.errors import PriceInvalid
from commerce_api.catalogue.models import Variant


def price_at(variant: Variant, now: datetime) -> int:
    """Minor units: the sale price from ``sale_from`` until just before ``sale_until``, else the regular."""
    if variant.sale_price is not None and _is_on_sale(variant, now):
        return variant.sale_price
    return variant.regular_price


def _is_on_sale(variant: Variant, now: datetime) -> bool:
    has_begun = variant.sale_from is None or variant.sale_from <= now
    return has_begun and (variant.sale_until is None or now < variant.sale_until)


def check_schedule(variant: Variant) -> None:
    """Raises PriceInvalid for a sale that is no bargain, or ends before it begins."""
    if variant.sale_price is None and (variant.sale_from or variant.sale_until):
        raise PriceInvalid("A sale that begins or ends needs a sale price.")
    if variant.sale_price is not None and variant.sale_price >= variant.regular_price:
        raise PriceInvalid("The sale price must be below the regular price.")
    if variant.sale_from and variant.sale_until and variant.sale_from >= variant.sale_until:
        raise PriceInvalid("The sale must begin before it ends.")
