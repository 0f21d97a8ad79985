"""The webhook secrets of channel accounts that bring their own, remembered for a while."""

from __future__ import annotations

import asyncio
import time
from typing import Callable, Mapping, Optional

from commerce_client.client import CommerceClient
from commerce_client.errors import ApiRefused, ApiUnavailable

FRESH_SECONDS = 60.0
PAUSE_SECONDS = 10.0
FETCH_SECONDS = 1.5


class AccountSecrets:
    """One channel's secrets by account id; a forger makes us ask at most once in ``PAUSE_SECONDS``."""

    def __init__(
        self, client: CommerceClient, channel: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._channel = channel
        self._clock = clock
        self._lock = asyncio.Lock()
        self._held: Mapping[str, str] = {}
        self._fetched: Optional[float] = None
        self._failed: Optional[float] = None

    async def current(self, *, renew: bool = False) -> Mapping[str, str]:
        """The secrets, at most a minute old; ``renew`` asks for newer ones than ten seconds.

        Raises ApiUnavailable when there are none fresh enough and the API can't be asked.
        """
        async with self._lock:
            if not self._is_older_than(PAUSE_SECONDS if renew else FRESH_SECONDS):
                return self._held
            if self._failed is not None and self._clock() - self._failed < 1.0:
                raise ApiUnavailable("the channel accounts' secrets could not be read a moment ago")
            try:
                fetch = self._client.channel_secrets(self._channel)
                self._held = await asyncio.wait_for(fetch, FETCH_SECONDS)
            except (ApiUnavailable, ApiRefused, asyncio.TimeoutError) as error:
                self._failed = self._clock()
                raise ApiUnavailable(f"the channel accounts' secrets: {type(error).__name__}") from error
            self._fetched = self._clock()
            return self._held

    def _is_older_than(self, seconds: float) -> bool:
        return self._fetched is None or self._clock() - self._fetched >= seconds
