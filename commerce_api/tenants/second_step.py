"""The second step of signing in: a code of an authenticator app (RFC 6238), for who wants one.

A code is taken once, from the half minute it is of or the one before or after. Ten recovery codes stand in
for a lost phone, each once. Five wrong ones within fifteen minutes close the step for the rest of them.
"""

import base64
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.secrets import Vault
from commerce_api.tenants import accounts, attempts, random_tokens, signing_in
from commerce_api.tenants.account_models import AccountAction
from commerce_api.tenants.errors import CodeNeeded, CodeWrong, SecondStepOff, SecondStepOn
from commerce_api.tenants.models import User
from commerce_api.tenants.second_step_models import RecoveryCode, SecondStep

ISSUER = "Conversational Commerce"
MOST_WRONG_CODES = 5
RECOVERY_CODES = 10
# 80 random bits: what is kept is a plain hash, which must not be guessed back.
RECOVERY_BYTES = 10
# A secret that was shown and never confirmed is shown no longer.
PENDING = timedelta(minutes=15)
NEIGHBOURS = (0, -1, 1)
_APP_CODE = re.compile(r"[0-9]{6}")


async def begin(
    session: AsyncSession, vault: Vault, user: User, *, password: str | None, now: datetime
) -> str:
    """The secret for the app; ``confirm`` turns the step on. Raises PasswordWrong, and SecondStepOn."""
    if await is_on(session, user):
        raise SecondStepOn
    await _prove(session, user, password, now)
    secret = pyotp.random_base32()
    await session.execute(delete(SecondStep).where(SecondStep.user_id == user.id))
    sealed = vault.seal(user.id, {"secret": secret})
    session.add(SecondStep(user_id=user.id, sealed_secret=sealed, created_at=now))
    await session.flush()
    return secret


async def pending(session: AsyncSession, vault: Vault, user: User, now: datetime) -> str | None:
    """The secret that ``begin`` gave and nobody confirmed yet."""
    step = await _step(session, user)
    if step is None or step.confirmed_at or step.created_at <= now - PENDING:
        return None
    return vault.unseal(user.id, step.sealed_secret)["secret"]


def address(user: User, secret: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


async def confirm(
    session: AsyncSession, vault: Vault, user: User, code: str, now: datetime, *, source: str | None = None
) -> list[str]:
    """Turns the step on by the app's first code; the recovery codes, told this once.

    Raises SecondStepOff without a pending secret, CodeWrong, and TooManyTries.
    """
    if await pending(session, vault, user, now) is None:
        raise SecondStepOff
    await _take(session, vault, user, code, now, source=source)
    step = await _step(session, user)
    assert step is not None  # noqa: S101 -- it was pending a moment ago, in this transaction
    step.confirmed_at = now
    await accounts.note(session, user, AccountAction.SECOND_STEP_ON, now, source=source)
    return await _new_codes(session, user)


async def is_on(session: AsyncSession, user: User) -> bool:
    """Whether signing in asks for a code."""
    step = await _step(session, user)
    return step is not None and step.confirmed_at is not None


async def those_with(session: AsyncSession, user_ids: Collection[UUID]) -> set[UUID]:
    """Those of the users who have a second step."""
    confirmed = select(SecondStep.user_id).where(
        SecondStep.user_id.in_(user_ids), SecondStep.confirmed_at.is_not(None)
    )
    return set(await session.scalars(confirmed))


async def codes_left(session: AsyncSession, user: User) -> int:
    """How many recovery codes are unused."""
    counted = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user.id)
    return await session.scalar(counted) or 0


async def check(
    session: AsyncSession,
    vault: Vault,
    user: User,
    code: str | None,
    now: datetime,
    *,
    source: str | None = None,
) -> None:
    """Lets who needs no second step pass, and the others by a code of the app or a recovery code.

    Raises CodeNeeded without a code, CodeWrong, and TooManyTries.
    """
    if not await is_on(session, user):
        return
    if code is None:
        raise CodeNeeded
    await _take(session, vault, user, code, now, source=source)


async def new_codes(
    session: AsyncSession, vault: Vault, user: User, code: str, now: datetime, *, source: str | None = None
) -> list[str]:
    """Ten other recovery codes; the old ones end. Raises SecondStepOff, CodeWrong, and TooManyTries."""
    if not await is_on(session, user):
        raise SecondStepOff
    await _take(session, vault, user, code, now, source=source)
    await accounts.note(session, user, AccountAction.RECOVERY_CODES_MADE, now, source=source)
    return await _new_codes(session, user)


async def turn_off(
    session: AsyncSession,
    vault: Vault,
    user: User,
    *,
    password: str | None,
    code: str,
    now: datetime,
    source: str | None = None,
) -> None:
    """Asks for no code any more. Raises SecondStepOff, PasswordWrong, CodeWrong, and TooManyTries."""
    if not await is_on(session, user):
        raise SecondStepOff
    await _prove(session, user, password, now)
    await _take(session, vault, user, code, now, source=source)
    await remove(session, user, now, source=source)


async def remove(
    session: AsyncSession, user: User, now: datetime, *, source: str | None = None, **facts: str
) -> None:
    """Takes the step away without asking: for who may decide so."""
    await session.execute(delete(SecondStep).where(SecondStep.user_id == user.id))
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    await accounts.note(session, user, AccountAction.SECOND_STEP_OFF, now, source=source, **facts)


async def _prove(session: AsyncSession, user: User, password: str | None, now: datetime) -> None:
    # Who signs in by a provider alone has no password to prove themselves by.
    if user.password_hash is not None:
        await signing_in.check_password(session, user, password or "", now)


async def _take(
    session: AsyncSession, vault: Vault, user: User, code: str, now: datetime, *, source: str | None
) -> None:
    name = f"code {user.id}"
    await attempts.check(session, name, now, most=MOST_WRONG_CODES)
    plain = re.sub(r"[\s-]", "", code).lower()
    if _APP_CODE.fullmatch(plain):
        is_right = await _take_app_code(session, vault, user, plain, now)
    else:
        is_right = await _take_recovery_code(session, user, plain)
    if not is_right:
        await attempts.count(session, name, now)
        raise CodeWrong
    if not _APP_CODE.fullmatch(plain):
        await accounts.note(session, user, AccountAction.RECOVERY_CODE_USED, now, source=source)
    await attempts.forget(session, name)


async def _take_app_code(session: AsyncSession, vault: Vault, user: User, code: str, now: datetime) -> bool:
    step = await _step(session, user)
    if step is None:
        return False
    app = pyotp.TOTP(vault.unseal(user.id, step.sealed_secret)["secret"])
    here = app.timecode(now)
    of = [here + by for by in NEIGHBOURS if strings_equal(app.generate_otp(here + by), code)]
    if not of:
        return False
    # One statement: of two who use the same code at once, one is refused.
    is_newer = or_(SecondStep.last_counter.is_(None), SecondStep.last_counter < of[0])
    taken = update(SecondStep).where(SecondStep.user_id == user.id, is_newer).values(last_counter=of[0])
    return await session.scalar(taken.returning(SecondStep.user_id)) is not None


async def _take_recovery_code(session: AsyncSession, user: User, code: str) -> bool:
    used = delete(RecoveryCode).where(
        RecoveryCode.user_id == user.id, RecoveryCode.code_hash == random_tokens.digest(code)
    )
    return await session.scalar(used.returning(RecoveryCode.user_id)) is not None


async def _new_codes(session: AsyncSession, user: User) -> list[str]:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [
        base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)
    ]
    session.add_all(RecoveryCode(user_id=user.id, code_hash=random_tokens.digest(code)) for code in codes)
    await session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


async def _step(session: AsyncSession, user: User) -> SecondStep | None:
    return await session.get(SecondStep, user.id, populate_existing=True)
