"""A turn as the message Rasa gets.

What a shopper types is only ever text: Rasa reads a leading ``/`` as a command, whatever follows. What a
shopper taps, and what our own API reports, skips Rasa's understanding: its intent is known.
"""

from __future__ import annotations

import unicodedata
from dataclasses import asdict
from typing import Any, Dict, List, Optional, Tuple

from rasa.core.channels.channel import OutputChannel, UserMessage

from channels.messages import InboundKind
from commerce_client.turns import Turn

Json = Dict[str, Any]

EXTERNAL = "external:"
LONGEST = 4096
CAPTIONED = (InboundKind.IMAGE, InboundKind.VIDEO, InboundKind.DOCUMENT)
TYPED = (InboundKind.TEXT, InboundKind.CHOICE, *CAPTIONED)
# What phones and copied text put between letters and nobody sees: a zero-width space, a word joiner, a byte
# order mark, a soft hyphen and what turns the direction of writing. Words and amounts are not found around
# them. A joiner and a non-joiner (U+200D, U+200C) stay: emoji and scripts are made with them.
UNSEEN = dict.fromkeys(
    (0x200B, 0x2060, 0xFEFF, 0x00AD, 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)


def user_message(turn: Turn, output: OutputChannel) -> UserMessage:
    """What Rasa is given for ``turn``; its replies go to ``output``."""
    metadata = _metadata(turn)
    known = _known(turn)
    text = harmless(turn.choice.title if turn.choice else turn.text or "")
    return UserMessage(
        text=text,
        output_channel=output,
        sender_id=turn.conversation_id,
        parse_data=_parse_data(text, *known, metadata) if known else None,
        input_channel=turn.channel,
        message_id=turn.message_id,
        metadata=metadata,
    )


def harmless(text: str) -> str:
    """``text`` as Rasa may read it: without the unseen, and without what makes it a command.

    That is a leading ``/`` or ``EXTERNAL:``, and whatever comes before one.
    """
    rest = text.translate(UNSEEN)
    while rest:
        if rest[0] == "/" or rest[0].isspace() or unicodedata.category(rest[0])[0] == "C":
            rest = rest[1:]
        elif rest[: len(EXTERNAL)].lower() == EXTERNAL:
            rest = rest[len(EXTERNAL) :]
        else:
            break
    return rest[:LONGEST].rstrip()


def _known(turn: Turn) -> Optional[Tuple[str, List[Tuple[str, Any]]]]:
    """The intent and entities of a turn that needs no understanding; None for words."""
    if turn.choice:
        return turn.choice.intent, [pair for pair in turn.choice.entities.items() if pair[1] is not None]
    if turn.kind in TYPED and harmless(turn.text or ""):
        return None
    return _unworded(turn)


def _unworded(turn: Turn) -> Tuple[str, List[Tuple[str, Any]]]:
    """What a message without words means."""
    meanings: Dict[InboundKind, Tuple[str, List[Tuple[str, Any]]]] = {
        InboundKind.LOCATION: ("share_location", []),
        InboundKind.ORDER: ("add_to_cart", [("line_item", asdict(item)) for item in turn.items]),
        InboundKind.REACTION: ("react", [("emoji", turn.emoji)] if turn.emoji else []),
        # Someone opened the chat from an advertisement or a link, and has said nothing yet.
        InboundKind.REFERRAL: ("greet", []),
    }
    kind = InboundKind.UNSUPPORTED if turn.kind in (InboundKind.TEXT, InboundKind.CHOICE) else turn.kind
    return meanings.get(turn.kind) or ("send_media", [("kind", kind.value)])


def _metadata(turn: Turn) -> Json:
    return {
        "message_id": turn.message_id,
        "channel": turn.channel,
        "kind": turn.kind.value,
        "offered": [asdict(choice) for choice in turn.offered],
        "location": asdict(turn.location) if turn.location else None,
        "items": [asdict(item) for item in turn.items],
        "emoji": turn.emoji,
        "quoted_sku": turn.quoted_sku,
        "referral": asdict(turn.referral) if turn.referral else None,
        "fields": turn.fields,
        "late": turn.late,
        "edited": turn.edited,
    }


def _parse_data(text: str, intent: str, entities: List[Tuple[str, Any]], metadata: Json) -> Json:
    named = {"name": intent, "confidence": 1.0}
    return {
        "text": text,
        "intent": named,
        "intent_ranking": [named],
        "entities": [
            {"entity": name, "value": value, "start": 0, "end": 0, "confidence": 1.0, "extractor": "offer"}
            for name, value in entities
        ],
        "message_id": metadata["message_id"],
        "metadata": metadata,
    }
