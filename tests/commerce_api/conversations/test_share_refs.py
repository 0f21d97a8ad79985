"""What a shared link's ``ref`` says comes back as the SKU it was made of; any other says nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce_api.conversations.share_refs import ref_of, sku_of


@given(st.text(min_size=1, max_size=64).filter(lambda text: text.isprintable()))
def test_a_sku_comes_back_and_travels_as_meta_allows(sku: str) -> None:
    ref = ref_of(sku)
    assert sku_of(ref) == sku
    assert re.fullmatch(r"[\w=-]+", ref)


@pytest.mark.parametrize("ref", [None, "", "summer", "sku-", "sku-!", "sku-_w", "SKU-UC0w"])
def test_what_is_not_ours_names_no_sku(ref: str | None) -> None:
    assert not sku_of(ref)
