"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.tenants import sessions, signing_in
from commerce_api.tenants.access import source_of
from commerce_api.tenants.passwords import LONGEST
from console import cookies, entering, pages, visiting
from console.access import SignedInDep

router = APIRouter()


@router.get("/")
async def show_start(request: Request, _: SignedInDep) -> Response:
    """The way in."""
    return pages.go(request, entering.START)


@router.get("/sign-in")
async def show_sign_in(request: Request, next_path: Annotated[str, Query(alias="next")] = "") -> Response:
    """The form."""
    wanted = pages.own_path(next_path) or ""
    return visiting.show(request, "sign_in.html", problem="", email="", next_path=wanted)


@router.post("/sign-in", dependencies=[visiting.VISITOR_CHECKED])
async def sign_in(
    *,
    request: Request,
    session: SessionDep,
    now: NowDep,
    email: Annotated[str, Form(max_length=254)] = "",
    password: Annotated[str, Form(max_length=LONGEST)] = "",
    next_path: Annotated[str, Form(alias="next", max_length=500)] = "",
) -> Response:
    """Signs in, after the second step of who has one; a wrong password is answered with the form again."""
    wanted = pages.own_path(next_path)
    request.state.email, request.state.next_path = email, wanted or ""
    source = source_of(request)
    user = await signing_in.sign_in(session, email=email, password=password, now=now, source=source)
    return await entering.enter(request, session, user, now, wanted=wanted)


@router.post("/sign-out")
async def sign_out(request: Request, signed: SignedInDep, session: SessionDep, now: NowDep) -> Response:
    """Ends the session of this browser."""
    await sessions.end(session, signed.token, now)
    answer = pages.go(request, f"{pages.BASE}/sign-in")
    cookies.forget(request, answer, cookies.SESSION)
    return answer
