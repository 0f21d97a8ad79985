"""Signing in with a provider: there, and back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.errors import NotFound
from commerce_api.core.http import HttpDep
from commerce_api.core.oidc import Provider, ProviderRefused
from commerce_api.core.settings import Settings
from commerce_api.tenants import provider_sign_in, random_tokens
from commerce_api.tenants.access import source_of
from console import cookies, entering, pages

SIGN_IN = f"{pages.BASE}/sign-in"

router = APIRouter()


@router.get("/sign-in/provider")
async def go_to_provider(
    request: Request,
    session: SessionDep,
    now: NowDep,
    http: HttpDep,
    next_path: Annotated[str, Query(alias="next", max_length=500)] = "",
) -> Response:
    """Sends the browser to the provider."""
    request.state.back = SIGN_IN
    provider = _provider(request)
    visitor = cookies.read(request, cookies.VISITOR) or cookies.new_visitor()
    wanted = pages.own_path(next_path) or ""
    leaving = await provider_sign_in.depart(
        session, visitor=visitor, wanted=wanted, now=now, source=source_of(request)
    )
    address = await provider.address(
        http, state=leaving.state, nonce=leaving.nonce, verifier=leaving.verifier, now=now
    )
    answer = pages.go(request, address)
    cookies.write(request, answer, cookies.VISITOR, visitor)
    return answer


@router.get("/sign-in/provider/callback")
async def come_from_provider(
    *,
    request: Request,
    session: SessionDep,
    now: NowDep,
    http: HttpDep,
    state: Annotated[str, Query(max_length=random_tokens.LONGEST)] = "",
    code: Annotated[str, Query(max_length=4096)] = "",
    issuer: Annotated[str, Query(alias="iss", max_length=500)] = "",
) -> Response:
    """Takes the provider's answer, once, from the browser that was sent."""
    request.state.back = SIGN_IN
    provider, visitor = _provider(request), cookies.read(request, cookies.VISITOR) or ""
    left = await provider_sign_in.come_back(session, state=state, visitor=visitor, now=now)
    if not code or (issuer and not provider.is_issuer(issuer)):
        raise ProviderRefused
    identity = await provider.identify(http, code=code, verifier=left.verifier, nonce=left.nonce, now=now)
    arrival = await provider_sign_in.arrive(session, identity, now, source=source_of(request))
    # Who was made from an invitation has joined by now: the invitation's page is over.
    wanted = None if arrival.is_new else pages.own_path(left.wanted)
    return await entering.enter(request, session, arrival.user, now, wanted=wanted)


def _provider(request: Request) -> Provider:
    settings: Settings = request.app.state.settings
    if not settings.oidc_issuer:
        raise NotFound
    provider: Provider = request.app.state.provider
    return provider
