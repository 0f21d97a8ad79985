"""The letters people get, and how they are asked for: sealed in a job of the worker, which sends them."""

import hashlib
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core import jobs
from commerce_api.core.mail import Letter
from commerce_api.core.secrets import Vault
from commerce_api.core.tenancy import NOBODY

# The worker's tasks.
MAIL = "mail"
MAIL_RESET = "mail_reset"

INVITATION = """Hello,

{inviter} invites you to {shop} on Conversational Commerce, as {role}. Open this link to join:

{link}

It works once, until {until}. If you don't know {shop}, leave this letter alone: nothing happens.
"""
RESET = """Hello {name},

somebody, you hopefully, asked for a new password for your account on Conversational Commerce. Open this
link to choose one:

{link}

It works once, within an hour. If you asked for nothing, leave this letter alone: your password stays as it
is.
"""


def invitation(*, to: str, inviter: str, shop: str, role: str, link: str, until: str) -> Letter:
    """What an invited person reads."""
    text = INVITATION.format(inviter=_line(inviter), shop=_line(shop), role=role, link=link, until=until)
    return Letter(to, f"{inviter} invites you to {shop}", text)


def reset(*, to: str, name: str, link: str) -> Letter:
    """What somebody reads who forgot their password."""
    return Letter(to, "A new password", RESET.format(name=_line(name), link=link))


async def queue(session: AsyncSession, vault: Vault, tenant_id: UUID, letter: Letter) -> None:
    """Has the worker send the letter once the session commits. It is kept sealed: it may hold a link."""
    sealed = vault.seal(tenant_id, {"to": letter.to, "subject": letter.subject, "text": letter.text})
    key = f"{MAIL} {hashlib.sha256(sealed.encode()).hexdigest()}"
    await jobs.ask(session, MAIL, key=key, tenant_id=str(tenant_id), sealed=sealed)


async def ask_for_reset(session: AsyncSession, vault: Vault, email: str) -> None:
    """Has the worker mail a reset link to the address, if it is anyone's: it looks, not we."""
    key = f"{MAIL_RESET} {hashlib.sha256(email.encode(errors='surrogateescape')).hexdigest()}"
    await jobs.ask(session, MAIL_RESET, key=key, sealed=vault.seal(NOBODY, {"email": email}))


def _line(name: str) -> str:
    # A name can't pass for a paragraph of ours, nor for a link.
    return " ".join(name.split()).replace("://", " ")
