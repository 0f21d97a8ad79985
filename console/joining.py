"""What an invitation's link leads to: joining a shop, with an account or with a new one."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.tenants import invitations, random_tokens, sessions
from commerce_api.tenants.access import source_of
from commerce_api.tenants.invitations import Opened
from commerce_api.tenants.passwords import LONGEST, SHORTEST
from commerce_api.tenants.schemas import Name, Password
from console import cookies, entering, pages, visiting
from console.errors import SignInNeeded
from console.team import ROLES

HERE = f"{pages.BASE}/invitation"

router = APIRouter()


@router.get("/invitation")
async def show_invitation(
    request: Request,
    session: SessionDep,
    now: NowDep,
    token: Annotated[str, Query(max_length=random_tokens.LONGEST)] = "",
) -> Response:
    """What the invitation is for, and how to take it up. Looking uses nothing up: phones look ahead."""
    if token:
        return visiting.keep_token(request, cookies.INVITATION, token)
    opened = await _opened(request, session, now)
    held = cookies.read(request, cookies.SESSION)
    found = await sessions.find(session, held, now) if held else None
    return visiting.show(
        request,
        "invitation.html",
        opened=opened,
        role=ROLES[opened.role],
        here_as=found.user if found else None,
        shortest=SHORTEST,
        longest=LONGEST,
    )


@router.post("/invitation/join", dependencies=[visiting.VISITOR_CHECKED])
async def join(request: Request, session: SessionDep, now: NowDep) -> Response:
    """Makes who is signed in a member. Raises SignInNeeded, and as ``invitations.join_as``."""
    opened = await _opened(request, session, now)
    held = cookies.read(request, cookies.SESSION)
    found = await sessions.find(session, held, now) if held else None
    if found is None:
        raise SignInNeeded
    await invitations.join_as(session, opened, found.user, now)
    return _joined(request, opened)


@router.post("/invitation/new", dependencies=[visiting.VISITOR_CHECKED])
async def join_anew(
    *,
    request: Request,
    session: SessionDep,
    now: NowDep,
    name: Annotated[Name, Form()],
    password: Annotated[Password, Form()],
) -> Response:
    """Makes an account and a member of it, and signs them in."""
    opened = await _opened(request, session, now)
    member = await invitations.join_anew(session, opened, name=name, password=password, now=now)
    answer = _joined(request, opened)
    await entering.start(request, answer, session, member.user, now)
    return answer


@router.post("/invitation/sign-out", dependencies=[visiting.VISITOR_CHECKED])
async def sign_out_to_join(request: Request, session: SessionDep, now: NowDep) -> Response:
    """Signs another person out of this browser, and goes on to sign in as the invited one."""
    held = cookies.read(request, cookies.SESSION)
    if held:
        await sessions.end(session, held, now)
    answer = pages.go(request, f"{pages.BASE}/sign-in?next={HERE}")
    cookies.forget(request, answer, cookies.SESSION)
    return answer


async def _opened(request: Request, session: SessionDep, now: NowDep) -> Opened:
    token = cookies.read(request, cookies.INVITATION) or ""
    return await invitations.find(session, token, now, source=source_of(request))


def _joined(request: Request, opened: Opened) -> Response:
    answer = pages.go(request, f"{pages.BASE}/shops/{opened.tenant.slug}/inbox", notice="joined")
    cookies.forget(request, answer, cookies.INVITATION)
    return answer
