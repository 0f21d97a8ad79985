"""The reply as the answer to the webhook itself (USSD): the step is recorded, its turn run, its screen taken.

A gateway waits for about ten seconds, and anything but a screen ends the shopper's session. So a turn that
takes too long is answered with a screen that fetches the answer later, and a fault with an honest last one.
"""

from __future__ import annotations

import asyncio
import logging
import time

from channels.messages import InboundMessage
from channels.provider import Parsed, Provider
from channels.ussd.words import UNAVAILABLE
from commerce_client.client import CommerceClient
from commerce_client.errors import ApiRefused, ApiUnavailable
from commerce_client.turns import Screen

logger = logging.getLogger(__name__)

PATIENCE = 7.0
"""Seconds from the webhook's arrival until the answer must be told."""
LAST_CALL = 1.5
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.25


class Dialogue:
    """Answers the steps of one provider's dialogues. A turn may run in any process, so the API is asked."""

    def __init__(self, provider: Provider, client: CommerceClient) -> None:
        self._channel = provider.name
        self._told = provider.acknowledgement
        self._client = client

    async def answer(self, parsed: Parsed, began: float) -> str:
        """The body that answers a recorded webhook, which began at that moment of the monotonic clock."""
        if not parsed.messages:
            return self._told.body
        try:
            screen = await self._screen(parsed.messages[-1], began + PATIENCE)
        except (ApiRefused, ApiUnavailable, asyncio.TimeoutError) as fault:
            logger.warning("A %s step has no screen: %s.", self._channel, type(fault).__name__)
            return self.apology
        return f"{self._told.ends if screen.is_last else self._told.goes_on}{screen.text}"

    @property
    def apology(self) -> str:
        """The last screen when nothing answers."""
        return f"{self._told.ends}{UNAVAILABLE}"

    async def _screen(self, step: InboundMessage, deadline: float) -> Screen:
        pause = FIRST_PAUSE
        while True:
            left = deadline - time.monotonic()
            taking = self._client.take_screen(
                self._channel, step.account, step.provider_message_id, is_final=left <= 0
            )
            screen = await asyncio.wait_for(taking, max(left, 0) + LAST_CALL)
            if screen.is_ready or left <= 0:
                return screen
            await asyncio.sleep(min(pause, max(left, 0)))
            pause = min(pause * 2, LONGEST_PAUSE)
