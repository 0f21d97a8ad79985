"""A POST with an ``Idempotency-Key`` happens once.

The key's row is written in the same transaction as the effect, so both stay or neither does, and a second
request with the key waits for the first. The same key and body get the stored answer (with
``Idempotent-Replayed: true``), once the caller's rights have been checked anew; another body gets 422. Failed
requests are not remembered. A key is one caller's, for one method and address.
"""

import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from psycopg.types.json import Jsonb
from sqlalchemy import LargeBinary, Text, delete
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core import clock
from commerce_api.core.database import Base, Database
from commerce_api.core.errors import AppError
from commerce_api.core.rows import settle
from commerce_api.core.statements import Statement
from commerce_api.core.tokens import bearer_token, of

LONGEST_KEY = 255
# Providers repeat a webhook for seven days; a key must outlive that.
KEPT = timedelta(days=9)
# Less than the five seconds after which the bot side's client gives up and tries again.
PATIENCE = "4s"
LOCK_NOT_AVAILABLE = "55P03"
KEPT_HEADERS = ("content-type", "location")

# Patience holds for the waiting alone: who has the key does the rest as patiently as any other request.
TAKE = Statement(
    "insert into idempotency_keys (scope_hash, principal, request_hash, created_at)"
    " select %(scope)s, %(principal)s, %(request)s, %(at)s"
    " where set_config('lock_timeout', %(patience)s, true) is not null"
    " on conflict do nothing returning set_config('lock_timeout', '0', true)"
)
TAKEN = Statement(
    "select request_hash, status, headers, body, set_config('lock_timeout', '0', true)"
    " from idempotency_keys where scope_hash = %(scope)s"
)
KEEP = Statement(
    "update idempotency_keys set status = %(status)s, headers = %(headers)s, body = %(body)s"
    " where scope_hash = %(scope)s"
)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_replay: ContextVar[Response | None] = ContextVar("replay", default=None)


class IdempotencyKeyInvalid(AppError):
    """The key is empty or longer than 255 characters."""

    status = 400
    code = "idempotency_key_invalid"


class IdempotencyKeyReused(AppError):
    """The key was used for another body."""

    status = 422
    code = "idempotency_key_reused"


class IdempotencyKeyBusy(AppError):
    """The first request with the key is still at work; asking again later gets its answer."""

    status = 503
    code = "idempotency_key_busy"

    def __init__(self) -> None:
        super().__init__("The first request with this key is still at work. Ask again in a second.")
        self.headers = {"Retry-After": "1"}


class IdempotencyKey(Base):
    """A used key and its answer. ``scope_hash`` is of caller, method, address and key."""

    __tablename__ = "idempotency_keys"

    scope_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    principal: Mapped[str] = mapped_column(Text)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class _Refused(Exception):
    """Carries an answer of 4xx or 5xx out of the transaction, so that it is rolled back."""

    def __init__(self, response: Response) -> None:
        self.response = response


class IdempotentRoute(APIRoute):
    """A route that honours ``Idempotency-Key`` on POST; every router's ``route_class``."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if not iscoroutinefunction(endpoint):
            raise TypeError(f"{endpoint.__name__} must be an async function")
        super().__init__(path, _replayable(endpoint), **options)

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, in a keyed transaction when there is a key."""
        return _keyed(super().get_route_handler())


def is_replay() -> bool:
    """Whether the request under way was done before, and gets the stored answer."""
    return _replay.get() is not None


async def delete_old_keys(session: AsyncSession, now: datetime) -> int:
    """Forgets keys older than ``KEPT``; how many."""
    result = await session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEPT))
    return int(getattr(result, "rowcount", 0))


def _replayable(endpoint: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @wraps(endpoint)
    async def answer(*args: Any, **kwargs: Any) -> Any:
        # The dependencies have run by now: who lost the right to ask doesn't get the stored answer.
        return _replay.get() or await endpoint(*args, **kwargs)

    return answer


def _keyed(handle: Handler) -> Handler:
    async def handler(request: Request) -> Response:
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        principal = of(request).principal(bearer_token(request), clock.now()) if key is not None else None
        if key is None or principal is None:
            return await handle(request)
        if not 0 < len(key) <= LONGEST_KEY:
            raise IdempotencyKeyInvalid(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.")
        row = IdempotencyKey(
            scope_hash=_scope_hash(principal.name, request, key),
            principal=principal.name,
            request_hash=await _request_hash(request),
            created_at=clock.now(),
        )
        return await _once(request, handle, row)

    return handler


async def _once(request: Request, handle: Handler, row: IdempotencyKey) -> Response:
    database: Database = request.app.state.database
    try:
        async with database.sessions() as session, session.begin() as transaction:
            stored = await _take(session, row)
            if stored is not None and stored.request_hash != row.request_hash:
                raise IdempotencyKeyReused(
                    "This Idempotency-Key was used for another request; take a new key."
                )
            request.state.session = session
            token = _replay.set(_stored_answer(stored) if stored else None)
            try:
                response = await handle(request)
            except AppError as error:
                if error.keeps_effects:
                    # What the refusal wrote stays (a wrong password is counted); the key is free again.
                    await session.execute(
                        delete(IdempotencyKey).where(IdempotencyKey.scope_hash == row.scope_hash)
                    )
                    await transaction.commit()
                raise
            finally:
                _replay.reset(token)
            if response.status_code >= 400:
                raise _Refused(response)
            if stored is None:
                await _keep(session, row, response)
            return response
    except _Refused as refused:
        return refused.response


async def _take(session: AsyncSession, row: IdempotencyKey) -> Any:
    """Writes the key's row and returns None, or returns the row of the request that came first."""
    key = {"scope": row.scope_hash}
    values = {"principal": row.principal, "request": row.request_hash, "at": row.created_at}
    try:
        if await TAKE.first(session, **key, **values, patience=PATIENCE) is not None:
            return None
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise IdempotencyKeyBusy from error
        raise
    return await TAKEN.first(session, **key)


async def _keep(session: AsyncSession, row: IdempotencyKey, response: Response) -> None:
    await settle(session)
    kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    answer = {"status": response.status_code, "headers": Jsonb(kept), "body": bytes(response.body)}
    await KEEP.run(session, scope=row.scope_hash, **answer)


def _stored_answer(stored: Any) -> Response:
    headers = {**(stored.headers or {}), "Idempotent-Replayed": "true"}
    return Response(stored.body, status_code=stored.status or 200, headers=headers)


def _scope_hash(principal: str, request: Request, key: str) -> bytes:
    return hashlib.sha256("\0".join((principal, request.method, request.url.path, key)).encode()).digest()


async def _request_hash(request: Request) -> bytes:
    """Of the query and the body; a form's boundary, which clients draw anew for each try, is left out."""
    body = await request.body()
    _, found, boundary = request.headers.get("content-type", "").partition("boundary=")
    if found:
        mark = boundary.partition(";")[0].strip().strip('"').encode()
        body = body.replace(mark, b"") if mark else body
    return hashlib.sha256(request.url.query.encode() + b"\0" + body).digest()
