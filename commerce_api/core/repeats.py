"""A form that is sent twice is acted on once: its key is kept in the transaction of its effect.

What ``core/idempotency.py`` does for the API's callers by a header, for pages by a hidden field.
"""

import hashlib
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.idempotency import IdempotencyKey, IdempotencyKeyReused


async def is_first(session: AsyncSession, scope: str, key: str, content: str, now: datetime) -> bool:
    """Whether nobody used this key in this scope yet; it is used from now on.

    While another transaction uses it for the first time, waits for its end. Raises IdempotencyKeyReused when
    it was used with another content.
    """
    scope_hash = hashlib.sha256(f"form\0{scope}\0{key}".encode()).digest()
    values = {
        "scope_hash": scope_hash,
        "principal": "form",
        "request_hash": hashlib.sha256(content.encode()).digest(),
        "created_at": now,
    }
    taken = (
        insert(IdempotencyKey).values(values).on_conflict_do_nothing().returning(IdempotencyKey.scope_hash)
    )
    if (await session.execute(taken)).first() is not None:
        return True
    before = await session.get(IdempotencyKey, scope_hash)
    if before is not None and before.request_hash != values["request_hash"]:
        raise IdempotencyKeyReused(
            "This form was sent before with something else in it. Load the page again."
        )
    return False
