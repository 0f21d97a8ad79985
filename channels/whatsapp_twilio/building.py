"""An ``OutboundMessage`` as WhatsApp messages through Twilio: words, pictures, approved contents.

Buttons and lists need a content approved beforehand ("Content API"), so choices are numbered. A template is
such a content: its name is the content's SID, or the account's credentials name the SID for it, as
``content_<name>``. Without a SID its words are sent, which is taken inside the reply window alone.
"""

from __future__ import annotations

import json
import re
from typing import Iterator, Optional, Tuple

from channels import cutting
from channels.messages import OutboundMessage, Template
from channels.numbering import written
from channels.provider import ProviderRequest, SenderAccount
from channels.twilio import limits, sending

PREFIX = "whatsapp:"
CONTENT = re.compile(r"HX[0-9a-fA-F]{32}")


def build(message: OutboundMessage, recipient: str, account: SenderAccount) -> Tuple[ProviderRequest, ...]:
    """The requests that say ``message``, in order; none when it says nothing."""
    sender = f"{PREFIX}{account.address}"
    to = f"{PREFIX}+{recipient}" if recipient.isdigit() else f"{PREFIX}{recipient}"
    content = _content(message.template, account) if message.template else None
    if content is not None:
        return (sending.request(account, sender, to, content=content),)
    return tuple(
        sending.request(account, sender, to, body=body, media=media) for body, media in _parts(message)
    )


def _parts(message: OutboundMessage) -> Iterator[Tuple[str, Optional[str]]]:
    """Words with the picture they go with: the message's own first, the cards' on their own after."""
    texts = cutting.split(written(message), limits.BODY)
    yield from ((text, None if place else message.image_url) for place, text in enumerate(texts))
    if message.image_url and not texts:
        yield "", message.image_url
    for card in message.cards:
        if card.image_url:
            yield cutting.cut(card.title, limits.CAPTION), card.image_url


def _content(template: Template, account: SenderAccount) -> Optional[sending.Form]:
    sid = template.name
    if not CONTENT.fullmatch(sid):
        sid = account.credentials.get(f"content_{template.name}", "")
    if not sid:
        return None
    variables = {str(place): value for place, value in enumerate(template.parameters, start=1)}
    return {"ContentSid": sid, "ContentVariables": json.dumps(variables, ensure_ascii=False)}
