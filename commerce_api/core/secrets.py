"""Keys derived from ``SECRETS_KEY``, and the encryption of tenants' credentials at rest.

Each purpose, and each tenant, has a key of its own (HKDF-SHA256), so that a sealed text is of no use under
another tenant or for another purpose.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi import Depends, Request

from commerce_api.core.settings import Settings

VERSION = "v1"
NONCE_BYTES = 12
KEY_BYTES = 32


class SealBroken(Exception):
    """A sealed text can't be opened: altered, another tenant's, or sealed under another ``SECRETS_KEY``."""


def derive(master: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose, unrelated to those of any other."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(master)


class Vault:
    """Seals and opens a tenant's credentials with AES-256-GCM; the tenant's id is authenticated with them.

    What is a person's is sealed under the person's id in the tenant's place.
    """

    def __init__(self, master: bytes) -> None:
        self._master = master

    def seal(self, tenant_id: UUID, credentials: Mapping[str, str]) -> str:
        """Text to store: ``v1:`` and base64. Sealing the same twice gives two texts."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = json.dumps(dict(credentials)).encode()
        sealed = self._cipher(tenant_id).encrypt(nonce, plain, tenant_id.bytes)
        return f"{VERSION}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, tenant_id: UUID, sealed: str) -> dict[str, str]:
        """The credentials. Raises SealBroken."""
        version, _, encoded = sealed.partition(":")
        if version != VERSION:
            raise SealBroken(f"sealed by version {version[:8]!r}, which this process does not know")
        try:
            raw = base64.urlsafe_b64decode(encoded)
            plain = self._cipher(tenant_id).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], tenant_id.bytes)
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise SealBroken("altered, another tenant's, or sealed under another SECRETS_KEY") from error
        credentials: dict[str, str] = json.loads(plain)
        return credentials

    def _cipher(self, tenant_id: UUID) -> AESGCM:
        return AESGCM(derive(self._master, f"credentials {VERSION} {tenant_id}"))


def vault(settings: Settings) -> Vault:
    """The vault under this process's ``SECRETS_KEY``."""
    return Vault(settings.master_key)


async def _request_vault(request: Request) -> Vault:
    opened: Vault = request.app.state.vault
    return opened


VaultDep = Annotated[Vault, Depends(_request_vault)]
