"""How a request to the catalogue can fail."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from commerce_api.core.errors import AppError


class OutOfStock(AppError):
    """More was asked for than there is.

    ``lines`` are ``{"variant_id", "available"}``, one a variant that falls short; ``available`` repeats the
    first one's.
    """

    status = 409
    code = "out_of_stock"

    def __init__(self, short: Sequence[tuple[UUID, int]]) -> None:
        lines = [{"variant_id": str(variant_id), "available": available} for variant_id, available in short]
        super().__init__("There is not enough in stock.", available=lines[0]["available"], lines=lines)


class StockInvalid(AppError):
    """A stock adjustment would leave less than nothing, or more than a shop can have."""

    status = 409
    code = "stock_invalid"


class SkuTaken(AppError):
    """Another product, or another variant, of the shop has this SKU."""

    status = 409
    code = "sku_taken"

    def __init__(self, sku: str) -> None:
        super().__init__(f"The SKU {sku!r} is taken; choose another.", sku=sku)


class PriceInvalid(AppError):
    """The sale price is not below the regular one, or the sale ends before it begins."""

    status = 409
    code = "price_invalid"


class VariantNameMissing(AppError):
    """A product with several variants needs a name for each, and no two alike."""

    status = 409
    code = "variant_name_missing"


class CategoryCycle(AppError):
    """A category can't stand below itself, nor deeper than the tree may go."""

    status = 409
    code = "category_cycle"


class CategoryInUse(AppError):
    """A category that holds categories or products can't go."""

    status = 409
    code = "category_in_use"


class CategoryNameTaken(AppError):
    """Beside it stands a category of this name, whatever its case and accents."""

    status = 409
    code = "category_name_taken"


class CategoryUnknown(AppError):
    """The category that was named is none of this shop's."""

    status = 409
    code = "category_unknown"

    def __init__(self) -> None:
        super().__init__("The shop has no such category; make it first.")


class UpsellInvalid(AppError):
    """A product can't be offered beside itself."""

    status = 409
    code = "upsell_invalid"


class PhotoUnreadable(AppError):
    """The upload is no picture that can be read."""

    status = 415
    code = "photo_unreadable"


class PhotoTooLarge(AppError):
    """The picture has more pixels than we are willing to decode."""

    status = 413
    code = "photo_too_large"


class TooManyPhotos(AppError):
    """A product has as many photos as it may."""

    status = 409
    code = "too_many_photos"


class CsvInvalid(AppError):
    """Rows of an import are at fault, and nothing of it was written.

    ``errors`` are ``{"row", "column", "fault"}``, every one there is; the header is row 1.
    """

    status = 422
    code = "csv_invalid"

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(
            "Nothing was imported. Mend the rows in `errors` and send the file again.",
            imported=0,
            updated=0,
            errors=errors,
        )
