"""The one pooled client for calls to the outside: providers and payment gateways. Always with time-outs."""

from typing import Annotated

import httpx
from fastapi import Depends, Request

TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=5.0)
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)
USER_AGENT = "conversational-commerce/1"


def open_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client that follows no redirect and reads no proxy from the environment; close it with ``aclose``."""
    return httpx.AsyncClient(
        timeout=TIMEOUT,
        limits=LIMITS,
        headers={"User-Agent": USER_AGENT},
        follow_redirects=False,
        trust_env=False,
        transport=transport,
    )


async def _request_client(request: Request) -> httpx.AsyncClient:
    client: httpx.AsyncClient = request.app.state.http
    return client


HttpDep = Annotated[httpx.AsyncClient, Depends(_request_client)]
