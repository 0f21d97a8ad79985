"""A mail server on a port of this machine, which keeps what it is given; and a worker's hand for letters."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

import commerce_api.worker  # noqa: F401 -- makes the tasks known
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.jobs import app
from commerce_api.core.secrets import vault
from commerce_api.core.settings import Settings
from commerce_api.tenants.letters import MAIL, MAIL_RESET
from commerce_api.tenants.post import Post

SENDER = "Shop desk <desk@platform.example>"
LINK = re.compile(r"https?://\S+")


@dataclass
class Letterbox:
    """What has come. ``refuses`` answers the next letters with 451, try again."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuses: bool = False

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Takes a letter in."""
        if self.refuses:
            return "451 later"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        letter = message_from_bytes(content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 taken"

    def settings(self, given: Settings) -> Settings:
        """The settings with mail going here."""
        here = {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": "none"}
        return given.model_copy(update={**here, "mail_from": SENDER})

    def link_to(self, email: str) -> str:
        """The link in the last letter to an address."""
        letter = next(one for one in reversed(self.letters) if one["To"] == email)
        found = LINK.search(letter.get_content())
        assert found
        return found[0]


@asynccontextmanager
async def open_letterbox(database: Database | None = None) -> AsyncIterator[Letterbox]:
    """A mail server, listening; with a database, no letter is queued there before and after."""
    box = Letterbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="box.example"), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    if database:
        await _take_queued(database)
    yield box
    if database:
        await _take_queued(database)
    server.close()


async def send_letters(database: Database, settings: Settings) -> None:
    """Does what the worker does with the letters that are queued, and takes them off the queue."""
    post = Post(database, vault(settings), settings, now)
    context: Any = SimpleNamespace(additional_context={"post": post})
    for name, arguments in await _take_queued(database):
        await app.tasks[name].func(context, **arguments)


async def _take_queued(database: Database) -> list[Any]:
    async with database.transaction() as session:
        taken = await session.execute(
            text("delete from procrastinate_jobs where task_name = any(:tasks) returning task_name, args"),
            {"tasks": [MAIL, MAIL_RESET]},
        )
        return list(taken.all())
