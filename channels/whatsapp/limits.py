"""What the WhatsApp Cloud API takes, as data.

Lengths are UTF-16 code units: Meta doesn't say what it counts, and no other count gives a larger number for
the same text save UTF-8 bytes. Sources: Meta's "Interactive reply buttons messages" and "Supported features
and limits" (2026-05 and 2026-07), "Interactive list messages", "Interactive Call-to-Action URL Button
Messages".
"""

from __future__ import annotations

TEXT_BODY = 4096
INTERACTIVE_BODY = 1024
CAPTION = 1024

BUTTONS = 3
BUTTON_TITLE = 20

LIST_ROWS = 10
LIST_OPENER = 20
ROW_TITLE = 24
ROW_DESCRIPTION = 72

LINK_TITLE = 20

# "Interactive media carousel messages" (2025-10) and 360dialog's "Media carousel": every card with a picture
# and as many buttons as any other.
FEWEST_CARDS, MOST_CARDS = 2, 10
CARD_BODY = 160
CARD_LINE_BREAKS = 2
CARD_BUTTONS = 3

# "Sell products and services": product lists need a header and a title for each section.
LISTED_PRODUCTS = 30
HEADER = 60
SECTION_TITLE = 24

# "Message templates": 512; a parameter holds no line break, no tab, and at most four spaces together.
TEMPLATE_NAME = 512
TEMPLATE_PARAMETER = 1024

# "Throughput" (2026-05): a number's messages in a second, in and out; to one shopper one in six seconds,
# after a burst of 45.
ACCOUNT_PER_SECOND = 80.0
PAIR_SECONDS = 6.0
PAIR_BURST = 45
WINDOW_HOURS = 24

MESSAGE_ID = 512
PHONE_NUMBER_ID = 64
SENDER = 150
RETAILER_ID = 200
CHOICE_ID = 256
PROFILE_NAME = 200
MAX_QUANTITY = 1_000_000
