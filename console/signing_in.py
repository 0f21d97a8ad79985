"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.tenants import sessions, signing_in
from commerce_api.tenants.passwords import LONGEST
from console import access, cookies, pages
from console.access import SignedInDep

START = f"{pages.BASE}/shops"

router = APIRouter()


async def check_visitor(request: Request) -> None:
    """Checks the form's token against the visitor's cookie. Raises FormExpired."""
    await access.check_token(request, cookies.read(request, cookies.VISITOR))


@router.get("/")
async def show_start(request: Request, _: SignedInDep) -> Response:
    """The way in."""
    return pages.go(request, START)


@router.get("/sign-in")
async def show_sign_in(request: Request, next_path: Annotated[str, Query(alias="next")] = "") -> Response:
    """The form."""
    cookie = cookies.read(request, cookies.VISITOR) or cookies.new_visitor()
    answer = pages.show(
        request,
        "sign_in.html",
        cookie=cookie,
        problem="",
        email="",
        next_path=pages.own_path(next_path) or "",
    )
    cookies.write(request, answer, cookies.VISITOR, cookie)
    return answer


@router.post("/sign-in", dependencies=[Depends(check_visitor)])
async def sign_in(
    *,
    request: Request,
    session: SessionDep,
    now: NowDep,
    email: Annotated[str, Form(max_length=254)] = "",
    password: Annotated[str, Form(max_length=LONGEST)] = "",
    next_path: Annotated[str, Form(alias="next", max_length=500)] = "",
) -> Response:
    """Starts a session under a new token; a wrong password is answered with the form again."""
    wanted = pages.own_path(next_path)
    request.state.email, request.state.next_path = email, wanted or ""
    source = request.client.host if request.client else None
    user = await signing_in.sign_in(session, email=email, password=password, now=now, source=source)
    before = cookies.read(request, cookies.SESSION)
    if before:
        await sessions.end(session, before, now)
    token = await sessions.start(
        session, user, source=source, agent=request.headers.get("user-agent"), now=now
    )
    answer = pages.go(request, wanted or START)
    cookies.write(request, answer, cookies.SESSION, token)
    cookies.forget(request, answer, cookies.VISITOR)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, signed: SignedInDep, session: SessionDep, now: NowDep) -> Response:
    """Ends the session of this browser."""
    await sessions.end(session, signed.token, now)
    answer = pages.go(request, f"{pages.BASE}/sign-in")
    cookies.forget(request, answer, cookies.SESSION)
    return answer
