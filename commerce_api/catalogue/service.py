"""What the rest of the API may ask of the catalogue."""

from commerce_api.catalogue.prices import price_at
from commerce_api.catalogue.queries import (
    find_variant,
    product,
    product_for_sale,
    products,
    shop_window,
    upsells,
)
from commerce_api.catalogue.stock import adjust_stock, hold_stock, release_stock

__all__ = [
    "adjust_stock",
    "find_variant",
    "hold_stock",
    "price_at",
    "product",
    "product_for_sale",
    "products",
    "release_stock",
    "shop_window",
    "upsells",
]
