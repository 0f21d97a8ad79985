"""The light transport answers and fails as httpx's own does."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web

from channels.connector.transport import LightTransport
from commerce_client.client import CommerceClient
from commerce_client.errors import ApiUnavailable


async def echo(request: web.Request) -> web.Response:
    """What came, as JSON."""
    told = {
        "method": request.method,
        "path": request.raw_path,
        "body": (await request.read()).decode(),
        "key": request.headers.get("Idempotency-Key"),
        "type": request.headers.get("Content-Type"),
    }
    return web.json_response(told, status=int(request.query.get("status", 200)))


async def zipped(_: web.Request) -> web.Response:
    body = gzip.compress(b'{"a": 1}')
    return web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})


async def moved(_: web.Request) -> web.Response:
    return web.Response(status=307, headers={"Location": "/echo"})


async def hang(_: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    raise AssertionError


async def drop(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.close()
    return web.Response()


@pytest.fixture
async def url() -> AsyncIterator[str]:
    app = web.Application()
    for path, handler in (("/zipped", zipped), ("/moved", moved), ("/hang", hang), ("/drop", drop)):
        app.router.add_route("*", path, handler)
    app.router.add_route("*", "/{rest:.*}", echo)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def light() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=LightTransport(), timeout=httpx.Timeout(0.3)) as client:
        yield client


@pytest.mark.parametrize("path", ["/a", "/a%2Fb/%C3%A9?q=a%20b&x=%2B", "/a?q=", "/with?status=404"])
async def test_a_request_arrives_as_httpx_would_send_it(
    light: httpx.AsyncClient, url: str, path: str
) -> None:
    headers = {"Idempotency-Key": "k"}
    async with httpx.AsyncClient() as own:
        expected = await own.post(url + path, json={"text": "é\u0000"}, headers=headers)
    answer = await light.post(url + path, json={"text": "é\u0000"}, headers=headers)
    assert (answer.status_code, answer.json()) == (expected.status_code, expected.json())


async def test_an_answer_may_be_compressed(light: httpx.AsyncClient, url: str) -> None:
    assert (await light.get(f"{url}/zipped")).json() == {"a": 1}


async def test_no_redirect_is_followed(light: httpx.AsyncClient, url: str) -> None:
    assert (await light.get(f"{url}/moved")).status_code == 307


async def test_what_hangs_is_a_timeout(light: httpx.AsyncClient, url: str) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await light.get(f"{url}/hang")


async def test_a_dropped_connection_is_a_transport_error(light: httpx.AsyncClient, url: str) -> None:
    with pytest.raises(httpx.TransportError):
        await light.post(f"{url}/drop")


async def test_nobody_there_is_a_connect_error(light: httpx.AsyncClient) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(httpx.ConnectError):
            await light.get(f"http://127.0.0.1:{port}/")


async def test_the_apis_client_sees_faults_as_ever(url: str) -> None:
    client = CommerceClient(f"{url}/drop?", "token", transport=LightTransport())
    with pytest.raises(ApiUnavailable, match="ReadError"):
        await client.claim_turn("w")
    await client.close()
