"""The trail: whoever changes something of a tenant leaves who, what and when, with the change itself.

It is written where access is granted, so that no endpoint can forget it: the entry is part of the request's
transaction, and stays exactly when the change does.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from commerce_api.core import idempotency
from commerce_api.tenants.models import User
from commerce_api.tenants.session_models import AuditEntry

READING = frozenset({"GET", "HEAD", "OPTIONS"})
# In the address of everything a tenant has, and a column of the entry already.
TENANT_PARAMETERS = frozenset({"tenant_id", "slug"})


async def note(
    session: AsyncSession, user: User, action: str, facts: Mapping[str, Any], now: datetime
) -> None:
    """Writes down that the user did something in the session's tenant."""
    session.add(AuditEntry(user_id=user.id, action=action, facts=dict(facts), at=now))


async def note_request(session: AsyncSession, user: User, request: Request, now: datetime) -> None:
    """The same for a request, named by its endpoint; nothing for one that only reads or is told again."""
    if request.method in READING or idempotency.is_replay():
        return
    route = request.scope["route"]
    facts = {name: str(value) for name, value in request.path_params.items() if name not in TENANT_PARAMETERS}
    await note(session, user, route.name, facts, now)


def entries() -> Select[AuditEntry]:
    """What was done in the session's tenant, with who did it."""
    return select(AuditEntry).join(AuditEntry.user).options(contains_eager(AuditEntry.user))
