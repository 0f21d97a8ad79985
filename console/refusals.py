"""Errors as pages: a person reads what went wrong and what to do; htmx shows it on the page they are on."""

from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException

from commerce_api.core.errors import DATABASE_AWAY, AppError, NotFound
from commerce_api.tenants.errors import CodeWrong, SignInRefused, TooManySignIns, TooManyTries
from console import cookies, pages
from console.errors import SignInNeeded

log = structlog.get_logger(__name__)

TITLES = {
    403: "You can't do this",
    404: "There is nothing here",
    409: "That doesn't fit any more",
    410: "This link is over",
    413: "That is too large",
    422: "Something is missing",
    429: "Too often",
    503: "A moment, please",
}
# Of errors whose status says too little.
TITLES_BY_CODE = {
    "code_wrong": "That code is wrong",
    "password_wrong": "That password is wrong",
    "provider_refused": "That didn't work",
    "provider_sign_in_stale": "Please sign in again",
    "email_not_verified": "Your e-mail address is not confirmed",
    "not_invited": "You are not invited yet",
    "tied_to_another": "This account is another person's",
}


def install(desk: FastAPI) -> None:
    """Makes ``desk`` answer every error as a page."""
    desk.add_exception_handler(SignInNeeded, _sign_in_needed)
    desk.add_exception_handler(SignInRefused, _sign_in_refused)
    desk.add_exception_handler(TooManySignIns, _sign_in_refused)
    desk.add_exception_handler(CodeWrong, _code_refused)
    desk.add_exception_handler(TooManyTries, _code_refused)
    desk.add_exception_handler(AppError, _refused)
    desk.add_exception_handler(HTTPException, _http_error)
    desk.add_exception_handler(RequestValidationError, _malformed)
    for away in DATABASE_AWAY:
        desk.add_exception_handler(away, _database_away)
    for clash in (IntegrityError, DataError):
        desk.add_exception_handler(clash, _conflict)
    desk.add_exception_handler(Exception, _unknown)


def _say(
    request: Request, status: int, detail: str, headers: Any = None, *, title: str | None = None
) -> Response:
    title = title or TITLES.get(status, "That didn't work")
    # The page of the form, where an endpoint has said which that is.
    back: str | None = getattr(request.state, "back", None)
    if pages.is_htmx(request):
        answer = pages.show(request, "_refusal.html", status=status, detail=detail)
        answer.headers["HX-Retarget"] = "#notices"
        answer.headers["HX-Reswap"] = "innerHTML"
    else:
        answer = pages.show(request, "refusal.html", status=status, title=title, detail=detail, back=back)
    answer.headers.update(headers or {})
    return answer


async def _sign_in_needed(request: Request, _: Exception) -> Response:
    wanted = request.url.path if request.method == "GET" and not pages.is_htmx(request) else ""
    address = f"{pages.BASE}/sign-in" + (f"?next={quote(wanted)}" if wanted else "")
    if pages.is_htmx(request):
        return Response(status_code=401, headers={"HX-Redirect": address})
    return pages.go(request, address)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101 -- registered for this class alone
    title = TITLES_BY_CODE.get(error.code)
    return _say(request, error.status, error.detail, error.headers, title=title)


async def _sign_in_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101 -- registered for such classes alone
    answer = pages.show(
        request,
        "sign_in.html",
        status=error.status,
        cookie=cookies.read(request, cookies.VISITOR),
        problem=error.detail,
        email=getattr(request.state, "email", ""),
        next_path=getattr(request.state, "next_path", ""),
    )
    answer.headers.update(error.headers)
    return answer


async def _code_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101 -- registered for such classes alone
    template: str | None = getattr(request.state, "form_again", None)
    if template is None:
        return await _refused(request, error)
    cookie = cookies.read(request, cookies.VISITOR)
    answer = pages.show(request, template, status=error.status, cookie=cookie, problem=error.detail)
    answer.headers.update(error.headers)
    return answer


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 -- registered for this class alone
    detail = NotFound().detail if error.status_code == NotFound.status else str(error.detail)
    return _say(request, error.status_code, detail, error.headers)


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for this class alone
    faults = error.errors()
    if any(fault["loc"][0] == "path" for fault in faults):
        return _say(request, NotFound.status, NotFound().detail)
    said = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in faults[:5])
    return _say(request, 422, f"Please look again at {said}.")


async def _database_away(request: Request, error: Exception) -> Response:
    log.error("database_away", reason=type(error).__name__)
    detail = "The database can't be reached just now. Try again in a few seconds."
    return _say(request, 503, detail, {"Retry-After": "2"})


async def _conflict(request: Request, error: Exception) -> Response:
    log.warning("conflict", reason=type(error).__name__)
    return _say(request, 409, "This clashes with something that changed meanwhile. Load the page again.")


async def _unknown(request: Request, _: Exception) -> Response:
    # The server logs the error itself, with its traceback: Starlette raises it again after this answer.
    return _say(request, 500, "Something went wrong on our side. It has been logged.")
