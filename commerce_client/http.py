"""What the client asks of whatever sends its requests: what ``httpx.AsyncClient`` can, a lighter one may."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Protocol


class HttpAnswer(Protocol):
    """An answer, read whole."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""

    @property
    def content(self) -> bytes:
        """The body."""

    @property
    def text(self) -> str:
        """The body as text."""

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it isn't."""


class HttpClient(Protocol):
    """Sends requests to one API, with its address and token."""

    async def request(
        self,
        method: str,
        path: str,
        /,
        *,
        json: Any = None,
        params: Optional[Mapping[str, Any]] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> HttpAnswer:
        """One request; ``path`` is below the API's address. Raises httpx.RequestError."""

    async def aclose(self) -> None:
        """Closes every connection."""
