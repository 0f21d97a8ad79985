"""The second step of signing in, for the person whose it is."""

from fastapi import APIRouter, Request

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.secrets import VaultDep
from commerce_api.tenants import second_step
from commerce_api.tenants.access import UserDep, source_of
from commerce_api.tenants.second_step_schemas import (
    CodeGiven,
    RecoveryCodesRead,
    SecondStepBegin,
    SecondStepEnd,
    SecondStepRead,
    SecondStepSecret,
)

# Not of IdempotentRoute: that keeps answers, and these hold secrets.
router = APIRouter(prefix="/me/second-step")


@router.get("")
async def read_second_step(user: UserDep, session: SessionDep) -> SecondStepRead:
    """Whether there is a second step."""
    left = await second_step.codes_left(session, user)
    return SecondStepRead(is_on=await second_step.is_on(session, user), recovery_codes_left=left)


@router.post("")
async def begin_second_step(
    body: SecondStepBegin, user: UserDep, session: SessionDep, now: NowDep, vault: VaultDep
) -> SecondStepSecret:
    """A secret for the app, to be confirmed within fifteen minutes."""
    secret = await second_step.begin(session, vault, user, password=body.password, now=now)
    return SecondStepSecret(secret=secret, address=second_step.address(user, secret))


@router.post("/confirm")
async def confirm_second_step(
    *, request: Request, body: CodeGiven, user: UserDep, session: SessionDep, now: NowDep, vault: VaultDep
) -> RecoveryCodesRead:
    """Turns the step on by the app's first code."""
    source = source_of(request)
    codes = await second_step.confirm(session, vault, user, body.code, now, source=source)
    return RecoveryCodesRead(recovery_codes=codes)


@router.post("/recovery-codes")
async def make_recovery_codes(
    *, request: Request, body: CodeGiven, user: UserDep, session: SessionDep, now: NowDep, vault: VaultDep
) -> RecoveryCodesRead:
    """Ten other recovery codes; the old ones end."""
    source = source_of(request)
    codes = await second_step.new_codes(session, vault, user, body.code, now, source=source)
    return RecoveryCodesRead(recovery_codes=codes)


@router.post("/off", status_code=204)
async def end_second_step(
    *, request: Request, body: SecondStepEnd, user: UserDep, session: SessionDep, now: NowDep, vault: VaultDep
) -> None:
    """Asks for no code any more."""
    await second_step.turn_off(
        session,
        vault,
        user,
        password=body.password,
        code=body.code,
        now=now,
        source=source_of(request),
    )
