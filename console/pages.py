"""Templates, and what all of them are given. Everything is escaped, and an unknown name is an error."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from commerce_api.core import clock
from commerce_api.core.money import Money
from commerce_api.core.settings import Settings
from console import filters, icons
from console.access import TOKEN_FIELD, Desk, SignedIn
from console.assets import ASSETS
from console.bubbles import preview
from console.csrf import FormTokens

BASE = "/console"
TEMPLATES = Path(__file__).parent / "templates"
# What a page says once after it was changed; the address names it.
NOTICES = {
    "saved": "Saved.",
    "sent": "Sent.",
    "deleted": "Deleted.",
    "password-changed": "Your password is changed. You are signed out everywhere else.",
    "signed-out-elsewhere": "You are signed out everywhere else.",
    "reset": "Your password is changed. Sign in with the new one.",
    "reset-asked": "If there is an account with this address, a letter with a link is on its way to it.",
    "second-step-off": "The second step is off. Signing in takes your password alone.",
    "second-step-removed": "The second step is taken away. They are signed out, and sign in by password.",
    "joined": "Welcome to the team.",
    "revoked": "The invitation is taken back; its link no longer works.",
}

environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters.update(filters.FILTERS)


def asset(name: str) -> str:
    """The address of an asset: ``asset("js/inbox.js")``."""
    return BASE + ASSETS[name].path


environment.globals.update(asset=asset, icon=icons.icon, base=BASE, preview=preview, Money=Money)


def show(
    request: Request,
    template: str,
    who: Desk | SignedIn | None = None,
    *,
    status: int = 200,
    cookie: str | None = None,
    **facts: Any,
) -> HTMLResponse:
    """A page, or a part of one for htmx.

    Every template knows ``desk`` (None outside a shop), ``user``, ``now``, ``csrf`` and ``token_field`` (the
    hidden field every form has), ``notice``, ``is_htmx`` and ``provider_name`` (None without one), beside
    ``facts``.
    """
    return HTMLResponse(render(request, template, who, cookie=cookie, **facts), status_code=status)


def render(
    request: Request,
    template: str,
    who: Desk | SignedIn | None = None,
    *,
    cookie: str | None = None,
    **facts: Any,
) -> str:
    """The text that ``show`` answers."""
    settings: Settings = request.app.state.settings
    signed = who.signed if isinstance(who, Desk) else who
    token = _token(request, cookie or (signed.token if signed else None))
    shared = {
        "desk": who if isinstance(who, Desk) else None,
        "user": signed.user if signed else None,
        "now": clock.now(),
        "timezone": who.tenant.timezone if isinstance(who, Desk) else "UTC",
        "csrf": token,
        "token_field": Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN_FIELD, token),
        "notice": NOTICES.get(request.query_params.get("notice", "")),
        "is_htmx": is_htmx(request),
        "provider_name": settings.oidc_name if settings.oidc_issuer else None,
        "sections": _sections(who) if isinstance(who, Desk) else (),
        "here": request.url.path,
    }
    return environment.get_template(template).render(**shared, **facts)


def is_htmx(request: Request) -> bool:
    """Whether htmx asks, for a part of the page it is on."""
    return request.headers.get("hx-request") == "true"


def go(request: Request, path: str, *, notice: str | None = None) -> Response:
    """Sends the browser to another page of ours after something was done; ``notice`` is a key of NOTICES."""
    address = f"{path}{'&' if '?' in path else '?'}notice={notice}" if notice else path
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


def own_path(address: str | None) -> str | None:
    """The address when it is a page of the desk, else None: nobody is sent to another site."""
    if not address or "\\" in address or any(ord(one) < 33 for one in address):
        return None
    parts = urlsplit(address)
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(f"{BASE}/")
    is_ours = is_ours and ".." not in parts.path.split("/")
    return address if is_ours else None


def _token(request: Request, cookie: str | None) -> str:
    tokens: FormTokens = request.app.state.form_tokens
    return tokens.make(cookie) if cookie else ""


def _sections(desk: Desk) -> list[Any]:
    # Sections name their routers, and those the pages: the other way round would be a circle.
    from console.sections import SECTIONS  # noqa: PLC0415

    return [section for section in SECTIONS if section.permission is None or desk.may(section.permission)]
