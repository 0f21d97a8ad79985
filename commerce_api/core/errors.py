"""The base of every error a caller can cause, and the problem-details form (RFC 9457) of them all."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

log = structlog.get_logger(__name__)

MOST_FAULTS = 50
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)


class AppError(Exception):
    """An error with its own HTTP status and stable code.

    A subclass sets ``status`` and ``code``; the constructor's text says what to do. ``facts`` become members
    of the problem-details body, ``headers`` go with it. There is no default status: an error without one is a
    programming fault. The request's work is undone, unless the class says ``keeps_effects``: then what was
    done up to the error is committed (a failed sign-in is counted).
    """

    status: ClassVar[int]
    code: ClassVar[str]
    keeps_effects: ClassVar[bool] = False
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class NotFound(AppError):
    """What does not exist, or is another tenant's: the two answer exactly alike."""

    status = 404
    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is nothing here.")


def problem(
    status: int,
    code: str,
    detail: str,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem-details answer."""
    title = code.replace("_", " ")
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return JSONResponse(
        {**(facts or {}), **body},
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


def answer(error: AppError) -> JSONResponse:
    """An error's problem-details answer."""
    return problem(error.status, error.code, error.detail, error.facts, error.headers)


def install(app: FastAPI) -> None:
    """Makes ``app`` answer every error as problem-details."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _malformed)
    for away in DATABASE_AWAY:
        app.add_exception_handler(away, _database_away)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(IntegrityError, _conflict)
    app.add_exception_handler(Exception, _unknown)


async def _app_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)  # noqa: S101 -- registered for this class alone
    return answer(error)


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 -- registered for this class alone
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    detail = NotFound().detail if error.status_code == NotFound.status else str(error.detail)
    return problem(error.status_code, code, detail, headers=error.headers)


async def _malformed(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for this class alone
    first = error.errors()[:MOST_FAULTS]
    faults = [{"at": ".".join(map(str, fault["loc"])), "fault": fault["msg"]} for fault in first]
    detail = "The request can't be read; `errors` says where."
    return problem(422, "malformed_request", detail, {"errors": faults})


async def _database_away(_: Request, error: Exception) -> JSONResponse:
    log.error("database_away", reason=_reason(error))
    detail = "The database can't be reached just now. Try again in a few seconds."
    return problem(503, "database_unavailable", detail, headers={"Retry-After": "2"})


async def _unstorable(_: Request, error: Exception) -> JSONResponse:
    log.warning("value_unstorable", reason=_reason(error))
    return problem(422, "value_unstorable", "A value is too large, or is text that can't be stored.")


async def _conflict(_: Request, error: Exception) -> JSONResponse:
    log.warning("conflict", reason=_reason(error))
    detail = "This clashes with something that changed meanwhile, or refers to something that is gone."
    return problem(409, "conflict", detail)


def _reason(error: Exception) -> str:
    # PostgreSQL's first line only: its details quote the values.
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {str(cause).partition(chr(10))[0]}"


async def _unknown(_: Request, __: Exception) -> JSONResponse:
    # The server logs the error itself, with its traceback: Starlette raises it again after this answer.
    return problem(500, "internal_error", "Something went wrong on our side. It has been logged.")
