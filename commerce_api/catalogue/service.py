"""What the rest of the API may ask of the catalogue."""

from commerce_api.catalogue.prices import price_at
from commerce_api.catalogue.queries import (
    Upsell,
    find_variant,
    find_variants,
    product,
    product_for_sale,
    products,
    shop_window,
    upsell_beside,
    upsell_of,
)
from commerce_api.catalogue.stock import adjust_stock, hold_stock, release_stock

__all__ = [
    "Upsell",
    "adjust_stock",
    "find_variant",
    "find_variants",
    "hold_stock",
    "price_at",
    "product",
    "product_for_sale",
    "products",
    "release_stock",
    "shop_window",
    "upsell_beside",
    "upsell_of",
]
