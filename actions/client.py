"""The action server's one client of the commerce API, and its view for one action of one conversation."""

import os
from functools import cache

from rasa_sdk import Tracker

from channels.settings import BotSettings
from commerce_client.client import CommerceClient, Shop


@cache
def client() -> CommerceClient:
    """This process's client, from ``COMMERCE_API_URL`` and ``SERVICE_TOKEN``. Raises SettingsMissing.

    Made on first use; ``python -m actions`` reads the settings before it serves.
    """
    settings = BotSettings.read(os.environ)
    return CommerceClient(settings.api_url, settings.service_token)


def commerce(tracker: Tracker, action: str) -> Shop:
    """The shop of this conversation, keyed by the message being answered and by ``action``."""
    message = tracker.latest_message
    message_id = (message.get("metadata") or {}).get("message_id") or message.get("message_id") or ""
    return client().shop(tracker.sender_id, str(message_id), action)
