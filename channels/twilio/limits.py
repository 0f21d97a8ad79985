"""What Twilio takes, as data.

Sources: Twilio's "Message resource" (Body), "Twilio's request to your incoming message webhook URL" (fields)
and "Best practices for scaling with messaging services" (rates; WhatsApp senders begin at 80 a second for
text, and are throttled by Twilio to 10 until raised).
"""

from __future__ import annotations

BODY = 1600
MESSAGE_SID = 64
ADDRESS = 150
PROFILE_NAME = 200
CHOICE_ID = 256
TEXT = 65_536
URL = 4096
CAPTION = 1024
MEDIA = 10
# A sender's own rate; other senders than a country's short codes aren't promised more.
SMS_PER_SECOND = 10.0
WHATSAPP_PER_SECOND = 10.0
# Meta's own: to one shopper one message in six seconds, after a burst of 45.
WHATSAPP_PAIR_SECONDS = 6.0
WHATSAPP_PAIR_BURST = 45
WHATSAPP_WINDOW_HOURS = 24
# Where a picture can travel in a text message (Twilio's "MMS": the United States and Canada, between them).
MMS_PREFIXES = ("+1",)
