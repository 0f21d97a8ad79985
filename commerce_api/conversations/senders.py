"""As whom a channel account speaks to its provider: with its own credentials, else with the platform's."""

from dataclasses import dataclass

from channels.provider import SenderAccount
from commerce_api.conversations import accounts
from commerce_api.conversations.models import ChannelAccount
from commerce_api.core.secrets import Vault
from commerce_api.core.settings import Settings


class ChannelClosed(Exception):
    """``CHANNELS`` leaves the account's channel out: whoever runs the platform may open it again."""


@dataclass(frozen=True)
class Senders:
    """Every account's sending side; needs no database."""

    settings: Settings
    vault: Vault

    def of(self, account: ChannelAccount) -> SenderAccount:
        """The account's, its credentials opened. Raises ChannelClosed, and SealBroken when they can't be."""
        platform = self.settings.channels.get(account.channel)
        if platform is None:
            raise ChannelClosed(f"{account.channel} is not among CHANNELS")
        own = accounts.credentials_of(account, self.vault)
        # Its own webhook secret alone makes an account no sender of its own.
        is_own = platform.credentials.keys() <= own.keys()
        return SenderAccount(
            address=account.address,
            base_url=platform.base_url,
            credentials=own if is_own else {**own, **platform.credentials},
            api_version=platform.api_version,
            callback_url=f"{self.settings.webhook_url}/webhooks/{account.channel}/webhook",
        )
