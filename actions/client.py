"""The action server's one client of the commerce API, and its view for one action of one conversation."""

import os
from functools import cache

from rasa_sdk import Tracker

from actions.heard import acts_under_way, message_id
from channels.settings import BotSettings
from commerce_client.client import CommerceClient
from commerce_client.shop import Shop


@cache
def client() -> CommerceClient:
    """This process's client, from ``COMMERCE_API_URL`` and ``SERVICE_TOKEN``. Raises SettingsMissing.

    Made on first use; ``python -m actions`` reads the settings before it serves.
    """
    settings = BotSettings.read(os.environ)
    return CommerceClient(settings.api_url, settings.service_token)


def commerce(tracker: Tracker, action: str) -> Shop:
    """The shop of this conversation, keyed by the message being answered, its act and ``action``."""
    under_way = acts_under_way(tracker)
    done = under_way["done"] if under_way else 0
    return client().shop(tracker.sender_id, message_id(tracker), f"{action}.{done}" if done else action)
