"""Receipts of several webhooks, recorded in one call.

A provider tells of each message we send up to three times, so most webhooks hold one receipt and nothing
else, and nobody waits for them. Those that come within a moment are stored together; each webhook is answered
once its own are.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Awaitable, Callable, Dict, List, Set, Tuple

from channels.provider import MalformedWebhook, Parsed
from commerce_client.turns import Recorded

WAIT_SECONDS = 0.03
MOST = 200

Record = Callable[[str, Parsed], Awaitable[Recorded]]
Waiting = List[Tuple[Parsed, "asyncio.Future[Recorded]"]]


def is_of_receipts(parsed: Parsed) -> bool:
    """Whether a webhook held receipts alone."""
    return bool(parsed.receipts) and not parsed.messages and not parsed.quarantined


class ReceiptGathering:
    """Records with ``record``, for ``WAIT_SECONDS`` from the first on, what one secret has signed."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._waiting: Dict[str, Waiting] = {}
        self._tasks: Set[asyncio.Task[None]] = set()

    async def record(self, secret: str, parsed: Parsed) -> Recorded:
        """Stores a webhook's receipts with others', who may be in what it counts unless one was at fault.

        Raises what ``record`` raises.
        """
        stored: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(secret, [])
        waiting.append((parsed, stored))
        if len(waiting) == 1:
            self._begin(self._flush_later(secret, waiting))
        if len(waiting) == MOST:
            self._waiting.pop(secret)
        return await stored

    def _begin(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _flush_later(self, secret: str, waiting: Waiting) -> None:
        await asyncio.sleep(WAIT_SECONDS)
        if self._waiting.get(secret) is waiting:
            self._waiting.pop(secret)
        receipts = tuple(receipt for parsed, _ in waiting for receipt in parsed.receipts)
        try:
            recorded = await self._record(secret, replace(waiting[0][0], receipts=receipts))
            is_one_at_fault = recorded.forged > 0
        except MalformedWebhook:
            is_one_at_fault = True
        except Exception as fault:  # noqa: BLE001 -- each webhook is answered for it
            for _, stored in waiting:
                _fail(stored, fault)
            return
        if is_one_at_fault:
            await asyncio.gather(*(self._record_alone(secret, *one) for one in waiting))
            return
        for _, stored in waiting:
            if not stored.done():
                stored.set_result(recorded)

    async def _record_alone(self, secret: str, parsed: Parsed, stored: asyncio.Future[Recorded]) -> None:
        """Tells whose was at fault. What is stored already counts as known, and has no further effect."""
        try:
            recorded = await self._record(secret, parsed)
        except Exception as fault:  # noqa: BLE001 -- the webhook is answered for it
            _fail(stored, fault)
        else:
            if not stored.done():
                stored.set_result(recorded)


def _fail(stored: asyncio.Future[Recorded], fault: Exception) -> None:
    if not stored.done():
        stored.set_exception(fault)
