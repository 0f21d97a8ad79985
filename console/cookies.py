"""The cookies: ``session`` of who is signed in, ``visitor`` of who is about to, and links they opened.

``invitation`` and ``reset`` hold the token of such a link, so that no later address shows it;
``halfway`` says who is at the second step. All go over HTTPS alone, under the ``__Host-`` prefix, which no
other host can set; a demo on plain HTTP has neither.
"""

import secrets

from fastapi import Request, Response

from commerce_api.core.settings import Settings
from commerce_api.tenants.sessions import LONGEST

SESSION = "session"
VISITOR = "visitor"
INVITATION = "invitation"
RESET = "reset"
HALFWAY = "halfway"


def read(request: Request, name: str) -> str | None:
    """A cookie of ours; None without one."""
    return request.cookies.get(_name(request, name))


def write(request: Request, response: Response, name: str, value: str) -> None:
    """Gives the browser a cookie that scripts can't read and other sites' requests don't carry."""
    response.set_cookie(
        _name(request, name),
        value,
        max_age=int(LONGEST.total_seconds()) if name == SESSION else None,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def forget(request: Request, response: Response, name: str) -> None:
    """Takes a cookie back."""
    response.delete_cookie(
        _name(request, name), path="/", secure=_is_secure(request), httponly=True, samesite="lax"
    )


def new_visitor() -> str:
    """A value for a visitor's cookie."""
    return secrets.token_urlsafe(24)


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if _is_secure(request) else name


def _is_secure(request: Request) -> bool:
    settings: Settings = request.app.state.settings
    return not settings.demo or settings.public_url.startswith("https:")
