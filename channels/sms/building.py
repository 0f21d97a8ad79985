"""A reply as text messages: words and numbers, cut between sentences, in as few parts as may be."""

from __future__ import annotations

from typing import Tuple

from channels import cutting, gsm
from channels.messages import OutboundMessage
from channels.numbering import visible, written
from channels.sms import parts
from channels.sms.thrift import thrifty

# Two parts of plain letters, four of others: near the 320 letters up to which carriers deliver reliably
# (Twilio's "Best practices for scaling with messaging services"), well below the ten parts that they take.
LONGEST = {parts.GSM7: 2 * parts.OF_SEVERAL[parts.GSM7], parts.UCS2: 4 * parts.OF_SEVERAL[parts.UCS2]}


def texts(message: OutboundMessage) -> Tuple[str, ...]:
    """The text messages that say ``message``, in order.

    A picture is left out beside words; one that stands alone is told by its address.
    """
    whole = written(message, gap="\n") or (visible(message.image_url or "") if message.image_url else "")
    spared = thrifty(whole, apart=[choice.title for choice in message.all_choices])
    encoding = parts.GSM7 if gsm.is_plain(spared) else parts.UCS2
    return cutting.split(spared, LONGEST[encoding], lambda letter: parts.cost(letter, encoding))
