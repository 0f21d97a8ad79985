"""Credentials at rest open for their own tenant, under their own key, unaltered, or not at all."""

import base64
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce_api.core.secrets import SealBroken, Vault, derive

MASTER = bytes(range(32))
CREDENTIALS = {"access_token": "EAAG-secret", "app_secret": "ẹ̀kọ́"}


@given(st.dictionaries(st.text(), st.text()), st.uuids())
def test_what_is_sealed_comes_back(credentials: dict[str, str], tenant: object) -> None:
    vault, tenant_id = Vault(MASTER), uuid4()
    assert vault.unseal(tenant_id, vault.seal(tenant_id, credentials)) == credentials


def test_another_tenant_or_another_key_opens_nothing() -> None:
    tenant_id = uuid4()
    sealed = Vault(MASTER).seal(tenant_id, CREDENTIALS)
    with pytest.raises(SealBroken):
        Vault(MASTER).unseal(uuid4(), sealed)
    with pytest.raises(SealBroken):
        Vault(bytes(32)).unseal(tenant_id, sealed)


def test_a_change_anywhere_breaks_the_seal() -> None:
    vault, tenant_id = Vault(MASTER), uuid4()
    version, _, encoded = vault.seal(tenant_id, CREDENTIALS).partition(":")
    raw = base64.urlsafe_b64decode(encoded)
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(SealBroken):
            vault.unseal(tenant_id, f"{version}:{base64.urlsafe_b64encode(changed).decode()}")


@pytest.mark.parametrize("sealed", ["", "v1:", "v1:AAAA", "v1:!", "v2:AAAA", "plain text"])
def test_what_was_never_sealed_is_refused(sealed: str) -> None:
    with pytest.raises(SealBroken):
        Vault(MASTER).unseal(uuid4(), sealed)


def test_a_seal_shows_nothing_and_never_repeats() -> None:
    vault, tenant_id = Vault(MASTER), uuid4()
    first, second = (vault.seal(tenant_id, CREDENTIALS) for _ in range(2))
    assert first != second
    assert first.startswith("v1:")
    assert b"EAAG" not in base64.urlsafe_b64decode(first[3:])


def test_each_purpose_has_its_own_key() -> None:
    assert derive(MASTER, "one") == derive(MASTER, "one")
    assert len({derive(MASTER, "one"), derive(MASTER, "two"), derive(bytes(32), "one")}) == 3
