"""What one webhook has held so far, and its envelope taken apart without one part costing another."""

from __future__ import annotations

from typing import Any, Callable, Iterator, List, Tuple

from channels import payload
from channels.messages import InboundMessage, Receipt
from channels.meta.nodes import Json, Unreadable
from channels.provider import MalformedWebhook, Parsed


class Collected:
    """Messages, receipts and what was put aside, in the order they were met."""

    def __init__(self) -> None:
        self._messages: List[InboundMessage] = []
        self._receipts: List[Receipt] = []
        self._quarantined: List[Tuple[Json, str]] = []

    def set_aside(self, part: Any, reason: str) -> None:
        """Keeps a part whole that is no message."""
        self._quarantined.append((part if isinstance(part, dict) else {"part": part}, reason))

    def take(self, part: Any, read: Callable[[Json], Any], **whence: Any) -> None:
        """Keeps what ``read`` makes of ``part``; puts it aside, and ``whence`` it came, when it can't."""
        try:
            if not isinstance(part, dict):
                raise Unreadable("a part is not an object")
            made = read(part)
        except Unreadable as fault:
            held = part if isinstance(part, dict) else {"part": part}
            self.set_aside({**held, **whence}, str(fault))
            return
        if isinstance(made, InboundMessage):
            self._messages.append(made)
        else:
            self._receipts.append(made)

    def parsed(self) -> Parsed:
        """Everything."""
        return Parsed(tuple(self._messages), tuple(self._receipts), tuple(self._quarantined))


def entries(body: bytes, kind: str, collected: Collected) -> Iterator[Json]:
    """The entries of a webhook about ``kind``. Raises MalformedWebhook when it isn't one of Meta's."""
    envelope = payload.read_object(body)
    found = envelope.get("entry")
    if envelope.get("object") != kind or not isinstance(found, list):
        raise MalformedWebhook(f"the body is no webhook about {kind}")
    for entry in found:
        if isinstance(entry, dict):
            yield entry
        else:
            collected.set_aside(entry, "an entry that is not an object")
