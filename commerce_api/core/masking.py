"""Takes secrets, tokens and phone numbers out of whatever is about to be logged."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

SECRET = "[secret]"  # noqa: S105 -- what stands in a secret's place
PHONE = "[phone]"
SHORTEST_SECRET = 6

_SECRET_NAME = re.compile(
    r"passw|secret|token|authorization|api[_-]?key|credential|signature|cookie|app[_-]?key", re.IGNORECASE
)
_PATTERNS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {SECRET}"),
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"), SECRET),
    (re.compile(r"(://[^:/@\s]*:)[^@/\s]+@"), rf"\1{SECRET}@"),
    (
        re.compile(
            r"(?i)([\w-]*(?:password|secret|token|api[_-]?key|signature)[\w-]*[\"']?\s*[=:]\s*[\"']?)[^\s\"',&}]+"
        ),
        rf"\1{SECRET}",
    ),
    # International form, with or without the usual separators; %2B is its plus sign in an address.
    (re.compile(r"(?:\+|%2[Bb])\d[\d ().-]{5,18}\d"), PHONE),
    # Bare digits, as providers write them. Ids are UUIDs, so that no id of ours looks so.
    (re.compile(r"(?<![\w.-])\d{9,15}(?![\w-])"), PHONE),
)


class Mask:
    """Masks text, and every value within an event, by pattern, by name, and by the secrets it was given."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted((s for s in secrets if len(s) >= SHORTEST_SECRET), key=len, reverse=True)

    def text(self, text: str) -> str:
        """``text`` with what must not be logged replaced."""
        for secret in self._secrets:
            text = text.replace(secret, SECRET)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def value(self, value: Any) -> Any:
        """The same within lists and mappings; what is neither of those nor a number is spelled out."""
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, int):
            masked = self.text(str(value))
            return value if masked == str(value) else masked
        if isinstance(value, Mapping):
            return {self.text(str(name)): self._named(str(name), item) for name, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in value]
        return self.text(str(value))

    def _named(self, name: str, value: Any) -> Any:
        if value is None or not _SECRET_NAME.search(name):
            return self.value(value)
        return SECRET
