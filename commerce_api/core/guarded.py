"""A client for addresses that strangers name: it connects to the open Internet alone.

The check is made on the address a name resolves to, at the moment of connecting, and the connection goes to
that very address: a name that answers otherwise the second time gains nothing. Redirects are the caller's to
follow, one request each, so that every hop is checked anew.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from commerce_api.core.http import USER_AGENT

TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=5.0)
LIMITS = httpx.Limits(max_connections=10, max_keepalive_connections=0)
# Addresses that hold another one: what they lead to is what counts.
NAT64 = ipaddress.ip_network("64:ff9b::/96")

Host = tuple[str, int]


class AddressRefused(httpx.ConnectError):
    """The address is a private, loopback, link-local or otherwise not public one, or no ``https`` one."""


def open_guarded_client(allowed: Collection[Host] = ()) -> httpx.AsyncClient:
    """A client that follows no redirect, keeps no connection and unpacks nothing; close it with ``aclose``.

    ``allowed`` are hosts with their ports that may be anywhere, and be spoken to without TLS: those of our
    own settings. Raises AddressRefused before a byte is sent.
    """
    return httpx.AsyncClient(
        timeout=TIMEOUT,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
        transport=_GuardedTransport(frozenset(allowed)),
    )


def host_of(url: str) -> Host:
    """The host and port ``url`` leads to. Raises ValueError when there is none."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("an address without a host")
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open Internet, whatever it is wrapped in."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


class _GuardedTransport(httpx.AsyncHTTPTransport):
    def __init__(self, allowed: frozenset[Host]) -> None:
        super().__init__(trust_env=False, limits=LIMITS)
        self._allowed = allowed
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=LIMITS.max_connections,
            max_keepalive_connections=LIMITS.max_keepalive_connections,
            network_backend=_GuardedBackend(allowed),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80)
        if request.url.scheme != "https" and host not in self._allowed:
            raise AddressRefused("only https is fetched", request=request)
        return await super().handle_async_request(request)


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, allowed: frozenset[Host]) -> None:
        self._allowed = allowed
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first of the host's public addresses that answers."""
        fault: Exception = httpcore.ConnectError("the name resolves to nothing")
        for address in await self._addresses(host, port, timeout):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                fault = failed
        raise fault

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("no stranger names a socket of ours")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def _addresses(self, host: str, port: int, wait: float | None) -> list[str]:
        resolving = asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        try:
            found = await asyncio.wait_for(resolving, wait)
        except TimeoutError as late:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from late
        except (OSError, UnicodeError) as fault:
            raise httpcore.ConnectError(f"the name is not resolved ({type(fault).__name__})") from fault
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if (host, port) in self._allowed:
            return addresses
        public = [address for address in addresses if is_public(address)]
        if not public:
            raise AddressRefused("the name leads to no public address")
        return public
