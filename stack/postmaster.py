"""Keeps the embedded PostgreSQL running while a system is up, as the supervisor keeps the processes."""

import asyncio
import time

from stack.console import Console
from stack.database import Server, start_server
from stack.steps import finish
from stack.supervisor import DEATHS_ALLOWED, QUICK_SECONDS, ProcessFailed

POLL_SECONDS = 1.0
STARTS = 3


async def keep_server(server: Server, console: Console, *, durable: bool) -> None:
    """Starts the server again whenever it is gone. Returns never.

    Raises ProcessFailed, with the last lines of the server's log, when it won't start or keeps ending.
    """
    quick_deaths = 0
    born = time.monotonic()
    while True:
        if server.process():
            await asyncio.sleep(POLL_SECONDS)
            continue
        quick_deaths = quick_deaths + 1 if time.monotonic() - born < QUICK_SECONDS else 1
        if quick_deaths >= DEATHS_ALLOWED:
            raise ProcessFailed(_obituary(server, f"ended {quick_deaths} times in a row"))
        console.insist("PostgreSQL ended; starting it again")
        await _start_again(server, durable=durable)
        born = time.monotonic()
        console.insist("PostgreSQL runs again")


async def _start_again(server: Server, *, durable: bool) -> None:
    """Several tries: until its last session has noticed the end, the folder counts as taken."""
    for attempt in range(STARTS):
        try:
            await finish(lambda: start_server(server.folder, durable=durable))
        except RuntimeError:
            await asyncio.sleep(POLL_SECONDS * (attempt + 1))
        else:
            return
    raise ProcessFailed(_obituary(server, "ended and won't start again"))


def _obituary(server: Server, what: str) -> str:
    lines = "\n".join(f"  {line}" for line in server.tail().splitlines())
    return f"PostgreSQL {what}; everything stops. Its last lines ({server.log}):\n{lines}"
