"""Turns, and what else the bot side is given of messages; read as ``models.py`` says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Optional, Tuple

from channels.messages import Choice, InboundKind, Location, OrderedItem, Referral
from commerce_client.models import Json, known


@dataclass(frozen=True)
class Turn:
    """An inbound message claimed for the assistant: this process alone may answer it until the lease ends.

    ``choice`` is set when the shopper tapped something this conversation was offered; ``offered`` is what the
    last reply offered, in order, for answers by number or name. ``referral`` is what led the shopper here
    with this message, ``fields`` a filled-in form's. ``late`` says the message is more than an hour old,
    ``edited`` that these are new words for one that was answered before.
    """

    id: str
    conversation_id: str
    message_id: str
    channel: str
    kind: InboundKind
    text: Optional[str] = None
    choice: Optional[Choice] = None
    offered: Tuple[Choice, ...] = ()
    location: Optional[Location] = None
    items: Tuple[OrderedItem, ...] = ()
    emoji: Optional[str] = None
    quoted_sku: Optional[str] = None
    referral: Optional[Referral] = None
    fields: Dict[str, Any] = field(default_factory=dict)
    late: bool = False
    edited: bool = False

    @classmethod
    def read(cls, data: Json) -> Turn:
        location, choice, referral = data.get("location"), data.get("choice"), data.get("referral")
        return cls(
            id=data["id"],
            conversation_id=data["conversation_id"],
            message_id=data["message_id"],
            channel=data["channel"],
            kind=InboundKind(data["kind"]),
            text=data.get("text"),
            choice=_choice(choice) if choice else None,
            offered=tuple(_choice(offer) for offer in data.get("offered") or ()),
            location=Location(**known(Location, location)) if location else None,
            items=tuple(OrderedItem(**known(OrderedItem, item)) for item in data.get("items") or ()),
            emoji=data.get("emoji"),
            quoted_sku=data.get("quoted_sku"),
            referral=Referral(**known(Referral, referral)) if referral else None,
            fields=data.get("fields") or {},
            late=bool(data.get("late")),
            edited=bool(data.get("edited")),
        )


@dataclass(frozen=True)
class Waiting:
    """A conversation whose next turn is held back: an earlier message may be on its way.

    Ask ``claim_turn`` for it after ``wait_ms``; nobody else was told to, but a sweep finds it too.
    """

    conversation_id: str
    wait_ms: int


@dataclass(frozen=True)
class NextTurn:
    """The turn to run next; without one, ``wait_ms`` says when to ask again, None that there is none."""

    turn: Optional[Turn]
    wait_ms: Optional[int] = None

    @classmethod
    def read(cls, data: Json) -> NextTurn:
        turn = data.get("turn")
        return cls(Turn.read(turn) if turn else None, data.get("wait_ms"))


@dataclass(frozen=True)
class Recorded:
    """What became of one webhook's content: counts, the turns this process was given, those held back.

    ``refused`` is what was put aside, for whatever reason; ``forged`` what of it was for accounts that
    whoever signed the webhook may not speak for.
    """

    accepted: int
    duplicates: int
    refused: int
    turns: Tuple[Turn, ...] = ()
    waiting: Tuple[Waiting, ...] = ()
    forged: int = 0

    @classmethod
    def read(cls, data: Json) -> Recorded:
        turns = tuple(Turn.read(turn) for turn in data.get("turns") or ())
        waiting = tuple(Waiting(one["conversation_id"], one["wait_ms"]) for one in data.get("waiting") or ())
        counts = data["accepted"], data["duplicates"], data["refused"]
        return cls(*counts, turns, waiting, data.get("forged", 0))


@dataclass(frozen=True)
class Screen:
    """What a step of a dialogue is answered with, once it ``is_ready``; after the last there is no more."""

    is_ready: bool
    text: str
    is_last: bool

    @classmethod
    def read(cls, data: Json) -> Screen:
        return cls(bool(data["is_ready"]), data["text"], bool(data["is_last"]))


def _choice(data: Json) -> Choice:
    return Choice(**{**known(Choice, data), "entities": data.get("entities") or {}})
