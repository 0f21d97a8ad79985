"""The one door into Rasa: webhooks come in, turns go to the agent, replies go to the API's outbox.

The only part of the product that imports Rasa; it runs in Rasa's process, on Python 3.10. Rasa finds a
channel's connector here by the channel's name, through its entry in ``bot/credentials.yml``.
"""

from __future__ import annotations

from typing import Type

from channels.connector.webhook import ChannelConnector, connector_for
from channels.registry import PROVIDERS

__all__ = ["ChannelConnector", "connector_for"]


def __getattr__(name: str) -> Type[ChannelConnector]:
    """The connector of the channel ``name``, which is a provider's."""
    if name not in PROVIDERS:
        raise AttributeError(f"there is no provider {name!r}; see channels/registry.py")
    return connector_for(PROVIDERS[name])
