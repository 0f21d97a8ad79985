"""The small checks Meta's rules are written with; each raises GraphRefusal naming the parameter at fault."""

from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import urlsplit

from simulator.whatsapp.errors import GraphRefusal
from simulator.wire import Json


def fields(value: Any, where: str, *, need: Collection[str] = (), may: Collection[str] = ()) -> Json:
    """``value`` as an object that has every key of ``need`` and no key beyond ``need`` and ``may``."""
    if not isinstance(value, dict):
        raise GraphRefusal(100, f"Param {where} must be a JSON object.")
    for key in value:
        if key not in need and key not in may:
            raise GraphRefusal(100, f'Unexpected key "{key}" on param "{where}".')
    for key in need:
        if value.get(key) in (None, ""):
            raise GraphRefusal(131008, f"The parameter {where}['{key}'] is required.")
    return value


def text(value: Any, where: str, limit: int, *, least: int = 1) -> str:
    """``value`` as a string of ``least`` to ``limit`` characters that isn't blank."""
    if not isinstance(value, str):
        raise GraphRefusal(100, f"Param {where} must be a string.")
    if len(value) < least or (least and not value.strip()):
        raise GraphRefusal(131009, f"{where} must have at least {least} character(s).")
    if len(value) > limit:
        raise GraphRefusal(
            131009,
            f"{where} length invalid: {len(value)} characters. Min length: {least}, Max length: {limit}.",
        )
    return value


def web_address(value: Any, where: str) -> None:
    """``value`` as an absolute http(s) address of at most 2000 characters."""
    parts = urlsplit(text(value, where, 2000))
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or any(letter.isspace() for letter in value)
    ):
        raise GraphRefusal(131009, f"{where} is not a valid http or https URL.")


def items(value: Any, where: str, most: int, *, least: int = 1) -> list[Any]:
    """``value`` as a list of ``least`` to ``most`` items."""
    if not isinstance(value, list):
        raise GraphRefusal(100, f"Param {where} must be an array.")
    if not least <= len(value) <= most:
        raise GraphRefusal(131009, f"{where}: {len(value)} items. Min allowed: {least}, Max allowed: {most}.")
    return value


def unique(values: Iterable[str], where: str) -> None:
    """All values differ."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise GraphRefusal(131009, f"{where} must be unique; duplicated: {value!r}.")
        seen.add(value)


def media(part: Any, where: str, *extras: str) -> None:
    """A media object: a link or the id of an upload, never both."""
    fields(part, where, may=("link", "id", *extras))
    if ("link" in part) == ("id" in part):
        raise GraphRefusal(131008, f"{where} needs exactly one of 'link' and 'id'.")
    if "link" in part:
        web_address(part["link"], f"{where}['link']")
    else:
        text(part["id"], f"{where}['id']", 512)
    if "caption" in part:
        text(part["caption"], f"{where}['caption']", 1024)
    if "filename" in part:
        text(part["filename"], f"{where}['filename']", 240)
