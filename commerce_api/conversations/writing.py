"""Messages written as rows, many in one statement. Whoever writes holds the conversation."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core import tenancy
from commerce_api.core.statements import Statement

COLUMNS = (
    "id, conversation_id, channel_account_id, position, direction, kind, author, seller_id, text, body, raw,"
    " provider_message_id, reply_to_id, ordinal, status, due_at, failure_code, sent_at, created_at"
)
TYPED = (
    "id uuid, conversation_id uuid, channel_account_id uuid, position int, direction text, kind text,"
    " author text, seller_id uuid, text text, body jsonb, raw jsonb, provider_message_id text,"
    " reply_to_id uuid, ordinal int, status text, due_at timestamptz, failure_code text,"
    " sent_at timestamptz, created_at timestamptz, said_at timestamptz"
)
ADD = (
    "insert into messages (tenant_id, maybe_doubled, said_at, {columns})"
    " select %(tenant)s, false, coalesce(said_at, clock_timestamp()), {columns}"
    " from jsonb_to_recordset(%(rows)s) as given ({typed})"
)
# What the account has by that provider's id already is left as it is.
IN = Statement(f"{ADD} on conflict do nothing returning id", columns=COLUMNS, typed=TYPED)
# Of that key alone: any other clash is a fault, and must not lose a message unnoticed.
OUT = Statement(
    f"{ADD} on conflict (tenant_id, reply_to_id, ordinal) do nothing returning id",
    columns=COLUMNS,
    typed=TYPED,
)


async def write(session: AsyncSession, adding: Statement, rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """Adds messages of the session's tenant by column (``IN`` or ``OUT``); the ids of those that were new."""
    if session.sync_session.new:
        await session.flush()
    given = Jsonb(list(rows), dumps=partial(json.dumps, default=str))
    return {row.id for row in await adding.all(session, tenant=tenancy.current(session), rows=given)}
