"""What Instagram takes, as data.

Sources: Meta's "Send Messages", "Quick Replies", "Button Template" and "Send a Generic Template" for the
Instagram API with Instagram Login (2026-06/07), and "Rate Limits" of the Messenger Platform.
"""

from __future__ import annotations

# In bytes of UTF-8, as "Send Messages" has it; every other length is in letters.
TEXT_BYTES = 1000

QUICK_REPLIES = 13
QUICK_REPLY_TITLE = 20

BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_TEXT = 640

CARDS = 10
CARD_TITLE = 80
CARD_SUBTITLE = 80

# Calls in a second for one professional account, texts and links. To one shopper no pace is told.
ACCOUNT_PER_SECOND = 100.0
WINDOW_HOURS = 24

MESSAGE_ID = 480
ADDRESS = 64
PAYLOAD = 1000
