"""The API's requests over aiohttp, which Rasa brings along: a call at a tenth of the processor's time.

httpx makes a request, a response, their headers and addresses anew for each call, and its connection pool
looks at each of its connections; that costs most just when the API is slow and connections are many, and
webhooks would wait for it. Here the address and headers are made once, and an answer is its status and body.
"""

from __future__ import annotations

import asyncio
import json as json_module
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional

import aiohttp
import httpx
from yarl import URL

CONNECTIONS = 50
TIMEOUT = aiohttp.ClientTimeout(total=None, connect=5.0, sock_connect=2.0, sock_read=5.0)
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class LightAnswer:
    """An answer, read whole."""

    status_code: int
    content: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status_code < 300

    @property
    def text(self) -> str:
        """The body as text, with a sign for each byte that is none."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it isn't."""
        return json_module.loads(self.content)


class LightHttp:
    """Sends requests to one API and reads answers whole, on one event loop; faults are httpx's own."""

    def __init__(self, address: str, headers: Dict[str, str]) -> None:
        self._address = address
        self._headers = headers
        self._session: Optional[aiohttp.ClientSession] = None

    async def request(
        self,
        method: str,
        path: str,
        /,
        *,
        json: Any = None,
        params: Optional[Mapping[str, Any]] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> LightAnswer:
        """One request, its path below the API's address; redirects are not followed.

        Raises httpx.TransportError, and ValueError for what isn't JSON.
        """
        query = f"?{httpx.QueryParams(params)}" if params else ""
        try:
            async with self._opened().request(
                method,
                URL(f"{self._address}{path}{query}", encoded=True),
                data=None if json is None else _written(json),
                headers={**self._headers, **(JSON if json is not None else {}), **(headers or {})},
                allow_redirects=False,
            ) as answer:
                return LightAnswer(answer.status, await answer.read())
        except aiohttp.ClientConnectorError as fault:
            raise httpx.ConnectError(str(fault)) from fault
        except asyncio.TimeoutError as fault:
            raise httpx.ReadTimeout("no answer in time") from fault
        except aiohttp.ClientError as fault:
            raise httpx.ReadError(f"{type(fault).__name__}: {fault}") from fault

    async def aclose(self) -> None:
        """Closes every connection."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=TIMEOUT,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            )
        return self._session


def _written(body: Any) -> bytes:
    return json_module.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
