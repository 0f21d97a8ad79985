"""The client for strangers' addresses: public ones alone, looked at when connecting."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpcore
import httpx
import pytest

from commerce_api.core import guarded

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_the_open_internet_is_public(address: str) -> None:
    assert guarded.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.9.9", "192.168.1.1"),  # noqa: S104
        *("169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1", "203.0.113.9", "224.0.0.1"),
        *("240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1"),
        *("ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe"),
        *("", "example.com", "1", "0x7f000001"),
    ],
)
def test_what_is_ours_or_nobodys_is_not(address: str) -> None:
    assert not guarded.is_public(address)


class Page:
    """A server on the loopback that says hello, and counts who came."""

    def __init__(self) -> None:
        self.visits = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()


@pytest.fixture
async def page() -> AsyncIterator[tuple[Page, int]]:
    """The server and its port."""
    held = Page()
    server = await asyncio.start_server(held.serve, "127.0.0.1", 0)
    yield held, server.sockets[0].getsockname()[1]
    server.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "127.1", "0.0.0.0"])  # noqa: S104
async def test_a_host_of_ours_is_never_called(page: tuple[Page, int], host: str) -> None:
    held, port = page
    async with guarded.open_guarded_client() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"https://{host}:{port}/")
    assert held.visits == 0


async def test_a_name_that_leads_home_is_refused(
    page: tuple[Page, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    held, port = page
    resolve_to(monkeypatch, "127.0.0.1")
    async with guarded.open_guarded_client() as client:
        with pytest.raises(guarded.AddressRefused):
            await client.get(f"https://files.example:{port}/")
    assert held.visits == 0


async def test_the_address_that_was_looked_at_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, "10.0.0.1", PUBLIC)
    called: list[str] = []

    async def connect(_: Any, host: str, *__: Any, **___: Any) -> None:
        called.append(host)
        raise httpcore.ConnectError("far away")

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    async with guarded.open_guarded_client() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("https://files.example/")
    assert called == [PUBLIC]


async def test_a_host_of_the_settings_may_be_anywhere(page: tuple[Page, int]) -> None:
    _, port = page
    async with guarded.open_guarded_client([("127.0.0.1", port)]) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).text == "hello"


async def test_its_neighbours_may_not(page: tuple[Page, int]) -> None:
    held, port = page
    async with guarded.open_guarded_client([("127.0.0.1", port + 1)]) as client:
        with pytest.raises(guarded.AddressRefused):
            await client.get(f"http://127.0.0.1:{port}/")
    assert held.visits == 0


async def test_nothing_goes_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, PUBLIC)
    async with guarded.open_guarded_client() as client:
        with pytest.raises(guarded.AddressRefused):
            await client.get("http://files.example/")


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Has every name resolve to these."""

    async def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
