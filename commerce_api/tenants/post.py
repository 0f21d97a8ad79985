"""The worker's side of letters: what was asked for is opened, written and sent."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from commerce_api.core import mail
from commerce_api.core.database import Database
from commerce_api.core.mail import Letter
from commerce_api.core.secrets import Vault
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import NOBODY
from commerce_api.tenants import accounts, letters, link_addresses, queries, resets
from commerce_api.tenants.account_models import AccountAction


class Post:
    """Sends letters with one process's settings and keys."""

    def __init__(
        self, database: Database, vault: Vault, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._vault = vault
        self._settings = settings
        self._clock = clock

    async def send(self, tenant_id: UUID, sealed: str) -> None:
        """A letter that was queued. Raises SMTPException or OSError when it has to be tried again."""
        await mail.send(self._settings, Letter(**self._vault.unseal(tenant_id, sealed)))

    async def send_reset(self, sealed: str) -> None:
        """A reset link to an address, when an active user has it. Raises as ``send``; again, a new link."""
        email = self._vault.unseal(NOBODY, sealed)["email"]
        async with self._database.transaction() as session:
            user = await queries.user_by_email(session, email)
            if user is None or not user.is_active:
                return
            now = self._clock()
            token = await resets.make(session, user, now)
            await accounts.note(session, user, AccountAction.RESET_LINK_MAILED, now)
        link = link_addresses.reset(self._settings, token)
        await mail.send(self._settings, letters.reset(to=user.email, name=user.name, link=link))
