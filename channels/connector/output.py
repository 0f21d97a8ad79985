"""What Rasa says, collected as provider-neutral messages: one for each of its responses."""

from __future__ import annotations

import json
import logging
import re
from typing import Any, Dict, Iterable, List, Optional, Tuple

from rasa.core.channels.channel import OutputChannel

from channels.messages import Ask, Card, Choice, Link, OutboundMessage

logger = logging.getLogger(__name__)

PAYLOAD = re.compile(r"/(?P<intent>[^{@\s]+)(@[0-9.]+)?\s*(?P<entities>\{.*\})?", re.DOTALL)


class CollectingOutput(OutputChannel):  # type: ignore[misc]  # Rasa ships no types for it
    """Keeps each response as one ``OutboundMessage`` in ``replies``, in order.

    A response's ``custom`` may carry ``link`` and ``pay`` (``title``, ``url``), ``opener``, ``ask`` (one of
    ``Ask``), ``image_url``, ``is_last`` and ``cards`` (``title``, ``description``, ``image_url``, ``sku``,
    ``buttons``). A button's payload is ``/intent{"entity": "value"}`` and it may have a ``description``.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.replies: List[OutboundMessage] = []
        self.fault: Optional[str] = None

    def name(self) -> str:
        """The channel, by which Rasa picks a response's variation."""
        return self._channel

    def note_fault(self, action: str) -> None:
        """An action failed, which Rasa swallows; the first is kept."""
        self.fault = self.fault or f"action {action}"

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Collects one response; one that says nothing is left out."""
        reply = read_response(message)
        if reply is not None:
            self.replies.append(reply)


def read_response(message: Dict[str, Any]) -> Optional[OutboundMessage]:
    """Rasa's response as our message; None when nothing in it can be said."""
    custom = message.get("custom")
    extra: Dict[str, Any] = custom if isinstance(custom, dict) else {}
    text = "\n".join(str(part) for part in (message.get("text"), message.get("attachment")) if part)
    reply = OutboundMessage(
        text=text,
        choices=_choices([*(message.get("buttons") or []), *(message.get("quick_replies") or [])]),
        image_url=message.get("image") or extra.get("image_url"),
        cards=tuple(_card(card) for card in extra.get("cards") or ()),
        link=_link(extra.get("link")),
        pay=_link(extra.get("pay")),
        opener=extra.get("opener"),
        ask=_ask(extra.get("ask")),
        is_last=bool(extra.get("is_last")),
    )
    if (
        text.strip()
        or reply.choices
        or reply.image_url
        or reply.link
        or reply.pay
        or reply.cards
        or reply.ask
    ):
        return reply
    return None


def _link(link: Optional[Dict[str, Any]]) -> Optional[Link]:
    return Link(str(link["title"]), str(link["url"])) if link else None


def _ask(value: Any) -> Optional[Ask]:
    return Ask(value) if value in [ask.value for ask in Ask] else None


def _card(card: Dict[str, Any]) -> Card:
    return Card(
        title=str(card["title"]),
        description=card.get("description"),
        image_url=card.get("image_url"),
        sku=card.get("sku"),
        choices=_choices(card.get("buttons") or []),
    )


def _choices(buttons: Iterable[Dict[str, Any]]) -> Tuple[Choice, ...]:
    found = (_choice(button) for button in buttons)
    return tuple(choice for choice in found if choice is not None)


def _choice(button: Dict[str, Any]) -> Optional[Choice]:
    """A button as a choice. One without a readable payload could not be answered, so it isn't offered."""
    payload = PAYLOAD.fullmatch(str(button.get("payload", "")).strip())
    try:
        entities = json.loads(payload["entities"] or "{}") if payload else None
    except ValueError:
        entities = None
    if payload is None or not isinstance(entities, dict):
        logger.error("A button of the domain was left out: its payload is not /intent{json}.")
        return None
    description = button.get("description")
    return Choice(
        title=str(button.get("title", "")),
        intent=payload["intent"],
        entities=entities,
        description=str(description) if description else None,
    )
