"""What a link that shares a product says in its ``ref``, so that whoever follows it is understood.

Meta takes letters, digits, ``-``, ``_`` and ``=`` there, and a SKU may hold anything: it goes as base64.
"""

import base64
import binascii

PREFIX = "sku-"


def ref_of(sku: str) -> str:
    """The ``ref`` of a link to the product with this SKU."""
    return PREFIX + base64.urlsafe_b64encode(sku.encode()).decode().rstrip("=")


def sku_of(ref: str | None) -> str | None:
    """The SKU in a ``ref`` of ours; None for any other."""
    if not ref or not ref.startswith(PREFIX):
        return None
    written = ref.removeprefix(PREFIX)
    try:
        return base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
