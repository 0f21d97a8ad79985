"""What comes after the password, or a provider's word: the second step of who has one, then a session.

Between the two a cookie says who is about to sign in: signed, for five minutes, and void once the person
signs out everywhere.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.tenants import accounts, second_step, sessions
from commerce_api.tenants.access import source_of
from commerce_api.tenants.account_models import AccountAction
from commerce_api.tenants.models import User
from console import cookies, pages
from console.errors import SignInNeeded

START = f"{pages.BASE}/shops"
CODE_PAGE = f"{pages.BASE}/sign-in/code"
PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Halfway:
    """Somebody whose password, or provider, was right, and the page they wanted."""

    user: User
    wanted: str


class HalfwayTokens:
    """Makes and reads the cookie's value under one key."""

    def __init__(self, key: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="halfway")

    def make(self, user: User, wanted: str) -> str:
        """A value that names the user, and when it was made."""
        return self._serializer.dumps([str(user.id), wanted])

    def read(self, value: str) -> tuple[UUID, str, datetime] | None:
        """Whom it names, the page, and when it was made, to the second; None for any other or an old one."""
        try:
            (user_id, wanted), made = self._serializer.loads(
                value, max_age=int(PATIENCE.total_seconds()), return_timestamp=True
            )
        except BadData:
            return None
        return UUID(user_id), wanted, made.astimezone(UTC)


async def enter(
    request: Request, session: AsyncSession, user: User, now: datetime, *, wanted: str | None
) -> Response:
    """Signs the user in on this browser, or sends it to the second step first."""
    if await second_step.is_on(session, user):
        answer = pages.go(request, CODE_PAGE)
        tokens: HalfwayTokens = request.app.state.halfway_tokens
        cookies.write(request, answer, cookies.HALFWAY, tokens.make(user, wanted or ""))
        return answer
    answer = pages.go(request, wanted or START)
    await start(request, answer, session, user, now)
    return answer


async def halfway(request: Request, session: AsyncSession) -> Halfway:
    """Who is about to sign in on this browser. Raises SignInNeeded."""
    tokens: HalfwayTokens = request.app.state.halfway_tokens
    found = tokens.read(cookies.read(request, cookies.HALFWAY) or "")
    if found is None:
        raise SignInNeeded
    user_id, wanted, made = found
    user = await session.get(User, user_id)
    if user is None or not user.is_active or (user.signed_out_at and made <= user.signed_out_at):
        raise SignInNeeded
    return Halfway(user, wanted)


async def start(request: Request, answer: Response, session: AsyncSession, user: User, now: datetime) -> None:
    """Signs the user in on this browser: a session of its own, and the one before ends."""
    before = cookies.read(request, cookies.SESSION)
    if before:
        await sessions.end(session, before, now)
    source = source_of(request)
    token = await sessions.start(
        session, user, source=source, agent=request.headers.get("user-agent"), now=now
    )
    await accounts.note(session, user, AccountAction.SIGNED_IN, now, source=source)
    cookies.write(request, answer, cookies.SESSION, token)
    cookies.forget(request, answer, cookies.VISITOR)
    cookies.forget(request, answer, cookies.HALFWAY)
