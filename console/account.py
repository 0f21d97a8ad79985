"""A person's own page: the password, and where they are signed in."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.tenants import accounts, second_step, sessions, signing_in
from commerce_api.tenants.access import source_of
from commerce_api.tenants.account_models import AccountAction
from commerce_api.tenants.passwords import LONGEST, SHORTEST
from console import cookies, pages
from console.access import SignedIn, SignedInDep

HERE = f"{pages.BASE}/account"
SAID = {
    AccountAction.SIGNED_IN: "Signed in",
    AccountAction.JOINED: "Joined a shop",
    AccountAction.PASSWORD_CHANGED: "Changed the password",
    AccountAction.RESET: "Chose a new password by a link",
    AccountAction.RESET_LINK_MADE: "An owner made a link to a new password",
    AccountAction.RESET_LINK_MAILED: "A link to a new password was mailed",
    AccountAction.SIGNED_OUT_ELSEWHERE: "Signed out everywhere else",
    AccountAction.PROVIDER_TIED: "Signed in by another service for the first time",
    AccountAction.SECOND_STEP_ON: "Turned the second step on",
    AccountAction.SECOND_STEP_OFF: "The second step was turned off",
    AccountAction.RECOVERY_CODE_USED: "Used a recovery code",
    AccountAction.RECOVERY_CODES_MADE: "Made new recovery codes",
}

router = APIRouter()


@router.get("/account")
async def show_account(request: Request, signed: SignedInDep, session: SessionDep, now: NowDep) -> Response:
    """The account."""
    devices = await sessions.of_user(session, signed.user.id, now)
    current = await sessions.find(session, signed.token, now)
    befell = await accounts.events(session, signed.user.id)
    return pages.show(
        request,
        "account.html",
        signed,
        events=[(SAID[AccountAction(event.action)], event) for event in befell],
        devices=devices,
        current_id=current.id if current else None,
        shortest=SHORTEST,
        longest=LONGEST,
        has_second_step=await second_step.is_on(session, signed.user),
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
    request.state.back = HERE
    await signing_in.change_password(
        session, signed.user, current=current, new=new, now=now, source=source_of(request)
    )
    return await _start_anew(request, signed, session, now, notice="password-changed")


@router.post("/account/sign-out-elsewhere")
async def sign_out_elsewhere(
    request: Request, signed: SignedInDep, session: SessionDep, now: NowDep
) -> Response:
    """Ends every session but this browser's, which gets a new one."""
    await sessions.end_all(session, signed.user, now)
    elsewhere = AccountAction.SIGNED_OUT_ELSEWHERE
    await accounts.note(session, signed.user, elsewhere, now, source=source_of(request))
    return await _start_anew(request, signed, session, now, notice="signed-out-elsewhere")


async def _start_anew(
    request: Request, signed: SignedIn, session: SessionDep, now: NowDep, *, notice: str
) -> Response:
    source = source_of(request)
    agent = request.headers.get("user-agent")
    token = await sessions.start(session, signed.user, source=source, agent=agent, now=now)
    answer = pages.go(request, HERE, notice=notice)
    cookies.write(request, answer, cookies.SESSION, token)
    return answer
