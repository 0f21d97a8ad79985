"""A webhook's form, made safe to carry on. All providers that post forms read it here."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple
from urllib.parse import parse_qsl

from channels import payload
from channels.provider import MalformedWebhook

MOST_FIELDS = 1000


def pairs(body: bytes) -> Tuple[Tuple[str, str], ...]:
    """Every name and value, in order. Bytes that are not UTF-8 stay, as lone surrogates.

    Raises MalformedWebhook when there are more than a provider would ever send.
    """
    try:
        read = parse_qsl(
            body.decode("utf-8", "surrogateescape"),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as fault:
        raise MalformedWebhook("the form has too many fields") from fault
    return tuple(read)


class Form:
    """A form's fields, their text storable: without NUL, what was not UTF-8 replaced."""

    def __init__(self, body: bytes) -> None:
        held: Dict[str, List[str]] = {}
        for name, value in pairs(body):
            held.setdefault(payload.clean(name), []).append(payload.clean(value))
        self._held: Mapping[str, List[str]] = held

    def text(self, name: str, limit: int) -> Optional[str]:
        """The first value of ``name`` that is not blank, stripped of white space around it and cut."""
        for value in self._held.get(name, ()):
            if value.strip():
                return value.strip()[:limit]
        return None

    def first(self, limit: int, *names: str) -> Optional[str]:
        """The ``text`` of the first of these names that has one."""
        return next((text for name in names if (text := self.text(name, limit))), None)

    def raw(self) -> Dict[str, Any]:
        """Every field: its value, or the list of them where it came several times."""
        return {name: values[0] if len(values) == 1 else values for name, values in self._held.items()}
