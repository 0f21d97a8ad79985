"""The second step: asked for while signing in, set up and taken away on a page of the account."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.secrets import VaultDep
from commerce_api.tenants import second_step
from commerce_api.tenants.access import source_of
from commerce_api.tenants.passwords import LONGEST
from console import entering, pages, visiting
from console.access import SignedInDep
from console.sharing import code as qr_code

HERE = f"{pages.BASE}/account/second-step"

router = APIRouter()

CodeField = Annotated[str, Form(max_length=40)]
PasswordField = Annotated[str, Form(max_length=LONGEST)]


@router.get("/sign-in/code")
async def show_code(request: Request, session: SessionDep) -> Response:
    """The form for the code."""
    await entering.halfway(request, session)
    return visiting.show(request, "sign_in_code.html", problem="")


@router.post("/sign-in/code", dependencies=[visiting.VISITOR_CHECKED])
async def sign_in_by_code(
    *, request: Request, session: SessionDep, now: NowDep, vault: VaultDep, code: CodeField
) -> Response:
    """Starts the session; a wrong code is answered with the form again."""
    request.state.form_again = "sign_in_code.html"
    found = await entering.halfway(request, session)
    await second_step.check(session, vault, found.user, code, now, source=source_of(request))
    answer = pages.go(request, pages.own_path(found.wanted) or entering.START)
    await entering.start(request, answer, session, found.user, now)
    return answer


@router.get("/account/second-step")
async def show_second_step(
    request: Request, signed: SignedInDep, session: SessionDep, now: NowDep, vault: VaultDep
) -> Response:
    """Where it is set up, or taken away."""
    secret = await second_step.pending(session, vault, signed.user, now)
    return pages.show(
        request,
        "second_step.html",
        signed,
        is_on=await second_step.is_on(session, signed.user),
        left=await second_step.codes_left(session, signed.user),
        secret=secret,
        drawn=qr_code(second_step.address(signed.user, secret)) if secret else None,
        has_password=signed.user.password_hash is not None,
    )


@router.post("/account/second-step/begin")
async def begin_second_step(
    *,
    request: Request,
    signed: SignedInDep,
    session: SessionDep,
    now: NowDep,
    vault: VaultDep,
    password: PasswordField = "",
) -> Response:
    """Makes the secret, which the page then shows."""
    request.state.back = HERE
    await second_step.begin(session, vault, signed.user, password=password, now=now)
    return pages.go(request, HERE)


@router.post("/account/second-step/confirm")
async def confirm_second_step(
    *,
    request: Request,
    signed: SignedInDep,
    session: SessionDep,
    now: NowDep,
    vault: VaultDep,
    code: CodeField,
) -> Response:
    """Turns it on; the page that answers shows the recovery codes, this once."""
    request.state.back = HERE
    source = source_of(request)
    codes = await second_step.confirm(session, vault, signed.user, code, now, source=source)
    return pages.show(request, "recovery_codes.html", signed, codes=codes)


@router.post("/account/second-step/recovery-codes")
async def make_recovery_codes(
    *,
    request: Request,
    signed: SignedInDep,
    session: SessionDep,
    now: NowDep,
    vault: VaultDep,
    code: CodeField,
) -> Response:
    """Ten other recovery codes, shown this once."""
    request.state.back = HERE
    source = source_of(request)
    codes = await second_step.new_codes(session, vault, signed.user, code, now, source=source)
    return pages.show(request, "recovery_codes.html", signed, codes=codes)


@router.post("/account/second-step/off")
async def end_second_step(
    *,
    request: Request,
    signed: SignedInDep,
    session: SessionDep,
    now: NowDep,
    vault: VaultDep,
    code: CodeField,
    password: PasswordField = "",
) -> Response:
    """Asks for no code any more."""
    request.state.back = HERE
    await second_step.turn_off(
        session, vault, signed.user, password=password, code=code, now=now, source=source_of(request)
    )
    return pages.go(request, f"{pages.BASE}/account", notice="second-step-off")
