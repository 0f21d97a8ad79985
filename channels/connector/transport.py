"""httpx over aiohttp, which Rasa brings along: a call of the API at a fifth of the processor's time.

httpx's own connection pool looks at each of its connections for each request, which costs most just when the
API is slow and connections are many; webhooks would wait for that.
"""

from __future__ import annotations

import asyncio
from typing import Optional

import aiohttp
import httpx
from yarl import URL

CONNECTIONS = 50


class LightTransport(httpx.AsyncBaseTransport):
    """Sends requests and reads answers whole, on one event loop; faults are httpx's own."""

    def __init__(self) -> None:
        self._session: Optional[aiohttp.ClientSession] = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request. Raises httpx.TransportError."""
        session = self._opened()
        limits = request.extensions.get("timeout", {})
        timeout = aiohttp.ClientTimeout(
            sock_connect=limits.get("connect"), sock_read=limits.get("read"), connect=limits.get("pool")
        )
        try:
            async with session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
                timeout=timeout,
            ) as answer:
                return httpx.Response(
                    answer.status,
                    headers=[(name, value) for name, value in answer.headers.items()],
                    content=await answer.read(),
                )
        except aiohttp.ClientConnectorError as fault:
            raise httpx.ConnectError(str(fault), request=request) from fault
        except asyncio.TimeoutError as fault:
            raise httpx.ReadTimeout("no answer in time", request=request) from fault
        except aiohttp.ClientError as fault:
            raise httpx.ReadError(f"{type(fault).__name__}: {fault}", request=request) from fault

    async def aclose(self) -> None:
        """Closes every connection."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            )
        return self._session
