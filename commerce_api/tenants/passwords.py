"""Passwords: argon2id, checked off the event loop, and as slow for an unknown user as for a known one."""

import asyncio
import secrets
from dataclasses import dataclass
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 256

_hasher = PasswordHasher()


@dataclass(frozen=True)
class Verdict:
    """Whether the password was right, and the hash to store instead when the parameters have changed."""

    is_right: bool
    new_hash: str | None = None


async def make_hash(password: str) -> str:
    """A hash to store."""
    return await asyncio.to_thread(_hasher.hash, password)


async def check(password_hash: str | None, password: str) -> Verdict:
    """Checks a password; takes as long without a hash to check it against, and is then always wrong."""
    return await asyncio.to_thread(_check, password_hash, password)


def _check(password_hash: str | None, password: str) -> Verdict:
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return Verdict(is_right=False)
    if password_hash is None:
        return Verdict(is_right=False)
    is_old = _hasher.check_needs_rehash(password_hash)
    return Verdict(is_right=True, new_hash=_hasher.hash(password) if is_old else None)


@lru_cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe())
