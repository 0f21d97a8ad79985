"""Forgotten passwords: asking for a link, and what the link leads to."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.secrets import VaultDep
from commerce_api.core.settings import Settings
from commerce_api.tenants import random_tokens, resets
from commerce_api.tenants.access import source_of
from commerce_api.tenants.passwords import LONGEST, SHORTEST
from commerce_api.tenants.schemas import Password
from console import cookies, pages, visiting

router = APIRouter()


@router.get("/forgot")
async def show_forgot(request: Request) -> Response:
    """The form; where no mail is sent, what to do instead."""
    settings: Settings = request.app.state.settings
    return visiting.show(request, "forgot.html", sends_mail=settings.sends_mail)


@router.post("/forgot", dependencies=[visiting.VISITOR_CHECKED])
async def ask_for_reset(
    *,
    request: Request,
    session: SessionDep,
    now: NowDep,
    vault: VaultDep,
    email: Annotated[str, Form(max_length=254)],
) -> Response:
    """Says the same of every address."""
    settings: Settings = request.app.state.settings
    source = source_of(request)
    await resets.ask(session, vault, email, now, sends_mail=settings.sends_mail, source=source)
    return pages.go(request, f"{pages.BASE}/sign-in", notice="reset-asked")


@router.get("/reset")
async def show_reset(
    request: Request,
    session: SessionDep,
    now: NowDep,
    token: Annotated[str, Query(max_length=random_tokens.LONGEST)] = "",
) -> Response:
    """The form for a new password. Looking uses nothing up."""
    if token:
        return visiting.keep_token(request, cookies.RESET, token)
    person = await resets.find(session, _token(request), now, source=source_of(request))
    return visiting.show(request, "reset.html", person=person, shortest=SHORTEST, longest=LONGEST)


@router.post("/reset", dependencies=[visiting.VISITOR_CHECKED])
async def finish_reset(
    *, request: Request, session: SessionDep, now: NowDep, password: Annotated[Password, Form()]
) -> Response:
    """Sets the password, and ends everything the person was signed in by."""
    await resets.use(session, _token(request), password, now, source=source_of(request))
    answer = pages.go(request, f"{pages.BASE}/sign-in", notice="reset")
    cookies.forget(request, answer, cookies.RESET)
    cookies.forget(request, answer, cookies.SESSION)
    return answer


def _token(request: Request) -> str:
    return cookies.read(request, cookies.RESET) or ""
