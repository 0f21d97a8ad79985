"""The base of every error a caller can cause, and its problem-details form (RFC 9457)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


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
    body = {
        "type": "about:blank",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }
    return JSONResponse(
        {**body, **(facts or {})},
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Makes ``app`` answer every error as problem-details."""

    async def app_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AppError)  # noqa: S101 -- registered for this class alone
        return problem(error.status, error.code, error.detail, error.facts, error.headers)

    async def http_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 -- registered for this class alone
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        detail = NotFound().detail if error.status_code == NotFound.status else str(error.detail)
        return problem(error.status_code, code, detail, headers=error.headers)

    async def malformed(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for this class alone
        faults = [{"at": ".".join(map(str, e["loc"])), "fault": e["msg"]} for e in error.errors()]
        return problem(
            422, "malformed_request", "The request can't be read; `errors` says where.", {"errors": faults}
        )

    app.add_exception_handler(AppError, app_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, malformed)
