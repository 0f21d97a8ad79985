"""Who wrote a message, or had it: every address Meta names them by, and what they call themselves.

The telephone number comes first where there is one; a shopper who hides it has user ids alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterable, List, Optional, Tuple

from channels.meta.nodes import Json, Unreadable, child, first_of, name_at, required
from channels.whatsapp import limits

CHANGED = re.compile(r"changed from (\S{1,150}) to ")
OWN = ("from", "from_user_id", "from_parent_user_id")
SEEN_BY = ("to", "recipient_id", "to_user_id", "to_parent_user_id")
PROFILE = ("wa_id", "user_id", "parent_user_id")
FORMER = ("previous_user_id", "previous_parent_user_id")


@dataclass(frozen=True)
class Person:
    """A shopper: ``address`` to know them by, ``others`` that are theirs too."""

    address: str
    others: Tuple[str, ...] = ()
    name: Optional[str] = None
    username: Optional[str] = None


def sender(node: Json, contacts: List[Json]) -> Person:
    """Who wrote ``node``. Raises Unreadable when nobody did."""
    return _person(_addresses(node, OWN), _contact(node, contacts, OWN))


def recipient(node: Json, contacts: List[Json]) -> Person:
    """To whom the seller wrote ``node``. Raises Unreadable when to nobody."""
    return _person(_addresses(node, SEEN_BY), _contact(node, contacts, SEEN_BY))


def mover(node: Json) -> Person:
    """Who changed their number or user id, by the addresses they had before; the new ones are theirs too."""
    system = child(node, "system")
    former = _addresses(system, FORMER)
    if system.get("type") == "user_changed_user_id":
        found = CHANGED.search(first_of(system, "body") or "")
        told = found.group(1) if found else None
        known = (*former, *((told,) if told and "." in told else ()), *_addresses(node, OWN))
    else:
        known = (*_addresses(node, OWN), *former)
    return _person((*known, *_addresses(system, ("user_id", "parent_user_id"))), {})


def as_sender(profile: Json) -> Json:
    """The addresses of a profile, named as a message names its sender's."""
    return {own: profile.get(name) for own, name in zip(OWN, PROFILE, strict=True)}


def _addresses(node: Json, names: Iterable[str]) -> Tuple[str, ...]:
    found = (name_at(node, name, limits.SENDER) for name in names)
    return tuple(address for address in found if address)


def _person(known: Tuple[str, ...], contact: Json) -> Person:
    addresses = tuple(dict.fromkeys((*known, *_addresses(contact, PROFILE))))
    if not addresses:
        raise Unreadable("whom it is of is missing")
    profile = child(contact, "profile")
    username = first_of(profile, "username")
    return Person(
        address=required(addresses[0], "from", limits.SENDER),
        others=addresses[1:],
        name=_on_one_line(first_of(profile, "name") or username),
        username=_on_one_line(username.strip().removeprefix("@")) if username else None,
    )


def _contact(node: Json, contacts: List[Json], names: Tuple[str, ...]) -> Json:
    """The profile of ``node``'s person; an only contact's, though ``wa_id`` differs in some countries."""
    known = set(_addresses(node, names))
    for contact in contacts:
        if known & set(_addresses(contact, PROFILE)):
            return contact
    return contacts[0] if len(contacts) == 1 else {}


def _on_one_line(text: Optional[str]) -> Optional[str]:
    return " ".join(text.split())[: limits.PROFILE_NAME] or None if text else None
