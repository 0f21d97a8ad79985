"""The one door into Rasa: webhooks come in, turns go to the agent, replies go to the API's outbox.

The only part of the product that imports Rasa; it runs in Rasa's process, on Python 3.10. Rasa finds the
classes named here through ``bot/credentials.yml``, one entry a provider.
"""

from __future__ import annotations

from channels.connector.webhook import ChannelConnector, WhatsAppConnector

__all__ = ["ChannelConnector", "WhatsAppConnector"]
