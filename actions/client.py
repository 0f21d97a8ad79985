"""The action server's one client of the commerce API, and its view for one action of one conversation."""

import os
from functools import cache

from rasa_sdk import Tracker

from commerce_client.client import CommerceClient, Shop

DEMO_TOKEN = "demo-service-token"  # noqa: S105 - the demo's published token; the API refuses it outside demo mode


@cache
def client() -> CommerceClient:
    """This process's client, made on first use from ``COMMERCE_API_URL`` and ``SERVICE_TOKEN``."""
    url = os.environ.get("COMMERCE_API_URL", "http://127.0.0.1:8000").rstrip("/")
    return CommerceClient(url, os.environ.get("SERVICE_TOKEN", DEMO_TOKEN))


def commerce(tracker: Tracker, action: str) -> Shop:
    """The shop of this conversation, keyed by the message being answered and by ``action``."""
    message = tracker.latest_message
    message_id = (message.get("metadata") or {}).get("message_id") or message.get("message_id") or ""
    return client().shop(tracker.sender_id, str(message_id), action)
