"""The light client asks, answers and fails as httpx does."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp import web

from channels.connector import transport
from channels.connector.transport import LightHttp
from commerce_client.client import CommerceClient
from commerce_client.errors import ApiRefused, ApiUnavailable


async def echo(request: web.Request) -> web.Response:
    """What came, as JSON."""
    told = {
        "method": request.method,
        "path": request.raw_path,
        "body": (await request.read()).decode(),
        "key": request.headers.get("Idempotency-Key"),
        "type": request.headers.get("Content-Type"),
        "token": request.headers.get("Authorization"),
    }
    return web.json_response(told, status=int(request.query.get("status", 200)))


async def peer(request: web.Request) -> web.Response:
    assert request.transport
    return web.Response(text=str(request.transport.get_extra_info("peername")))


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
    for path, handler in (
        ("/peer", peer),
        ("/zipped", zipped),
        ("/moved", moved),
        ("/hang", hang),
        ("/drop", drop),
    ):
        app.router.add_route("*", path, handler)
    app.router.add_route("*", "/{rest:.*}", echo)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def light(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LightHttp]:
    """One that is impatient."""
    monkeypatch.setattr(transport, "TIMEOUT", aiohttp.ClientTimeout(sock_read=0.3))
    light = LightHttp(url, {"Authorization": "Bearer t"})
    yield light
    await light.aclose()


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/a", None),
        ("/a%2Fb/%C3%A9?q=a%20b&x=%2B", None),
        ("/a?q=", None),
        ("/with?status=404", None),
        ("/a", {"q": "é b&c", "n": 2, "yes": True, "no": None}),
    ],
)
async def test_a_request_arrives_as_httpx_would_send_it(
    light: LightHttp, url: str, path: str, params: dict[str, Any] | None
) -> None:
    headers, body = {"Idempotency-Key": "k"}, {"text": "é\u0000", "list": [1, None]}
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": "Bearer t"}) as own:
        expected = await own.request("POST", path, json=body, params=params, headers=headers)
    answer = await light.request("POST", path, json=body, params=params, headers=headers)
    assert (answer.status_code, answer.json()) == (expected.status_code, expected.json())
    assert (answer.is_success, answer.text) == (expected.is_success, expected.text)


async def test_a_request_without_a_body_has_none(light: LightHttp) -> None:
    told = (await light.request("GET", "/a")).json()
    assert (told["body"], told["type"], told["token"]) == ("", None, "Bearer t")


async def test_what_is_no_json_is_not_sent(light: LightHttp) -> None:
    with pytest.raises(ValueError, match="JSON"):
        await light.request("POST", "/a", json={"n": float("nan")})


async def test_an_answer_may_be_compressed(light: LightHttp) -> None:
    assert (await light.request("GET", "/zipped")).json() == {"a": 1}


async def test_no_redirect_is_followed(light: LightHttp) -> None:
    assert (await light.request("GET", "/moved")).status_code == 307


async def test_what_hangs_is_a_timeout(light: LightHttp) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await light.request("GET", "/hang")


async def test_a_dropped_connection_is_a_transport_error(light: LightHttp) -> None:
    with pytest.raises(httpx.TransportError):
        await light.request("POST", "/drop")


async def test_nobody_there_is_a_connect_error() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = LightHttp(f"http://127.0.0.1:{closed.getsockname()[1]}", {})
        with pytest.raises(httpx.ConnectError):
            await nobody.request("GET", "/")
        await nobody.aclose()


async def test_calls_one_after_another_share_a_connection(light: LightHttp) -> None:
    assert len({(await light.request("POST", "/peer", json={})).text for _ in range(5)}) == 1


async def test_the_apis_client_sees_faults_as_ever(url: str) -> None:
    client = CommerceClient(f"{url}/drop?", "token", opener=LightHttp)
    with pytest.raises(ApiUnavailable, match="ReadError"):
        await client.claim_turn("w")
    await client.close()


@pytest.mark.parametrize("status", [404, 503])
async def test_the_apis_client_reads_refusals_as_ever(url: str, status: int) -> None:
    client = CommerceClient(f"{url}/a?status={status}&", "token", opener=LightHttp)
    with pytest.raises(
        ApiRefused if status == 404 else ApiUnavailable, match="unknown" if status == 404 else "503"
    ):
        await client.claim_turn("w")
    await client.close()
