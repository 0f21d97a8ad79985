"""A person's own page: the password, and where they are signed in."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.tenants import sessions, signing_in
from commerce_api.tenants.passwords import LONGEST, SHORTEST
from console import cookies, pages
from console.access import SignedIn, SignedInDep

HERE = f"{pages.BASE}/account"

router = APIRouter()


@router.get("/account")
async def show_account(request: Request, signed: SignedInDep, session: SessionDep, now: NowDep) -> Response:
    """The account."""
    devices = await sessions.of_user(session, signed.user.id, now)
    current = await sessions.find(session, signed.token, now)
    return pages.show(
        request,
        "account.html",
        signed,
        devices=devices,
        current_id=current.id if current else None,
        shortest=SHORTEST,
        longest=LONGEST,
    )


@router.post("/account/password")
async def change_password(
    *,
    request: Request,
    signed: SignedInDep,
    session: SessionDep,
    now: NowDep,
    current: Annotated[str, Form(max_length=LONGEST)],
    new: Annotated[str, Form(min_length=SHORTEST, max_length=LONGEST)],
) -> Response:
    """Changes the password: every session ends, and this browser gets a new one."""
    await signing_in.change_password(session, signed.user, current=current, new=new, now=now)
    return await _start_anew(request, signed, session, now, notice="password-changed")


@router.post("/account/sign-out-elsewhere")
async def sign_out_elsewhere(
    request: Request, signed: SignedInDep, session: SessionDep, now: NowDep
) -> Response:
    """Ends every session but this browser's, which gets a new one."""
    await sessions.end_all(session, signed.user, now)
    return await _start_anew(request, signed, session, now, notice="signed-out-elsewhere")


async def _start_anew(
    request: Request, signed: SignedIn, session: SessionDep, now: NowDep, *, notice: str
) -> Response:
    source = request.client.host if request.client else None
    agent = request.headers.get("user-agent")
    token = await sessions.start(session, signed.user, source=source, agent=agent, now=now)
    answer = pages.go(request, HERE, notice=notice)
    cookies.write(request, answer, cookies.SESSION, token)
    return answer
