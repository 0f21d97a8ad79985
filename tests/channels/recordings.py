"""Recorded webhooks: ``payloads/<channel>/<what it is>.json``.

A file has what is ``expected`` of parsing and either the ``body``, JSON, or the ``form``, names with their
values (a list where a name comes several times); beside them ``headers`` and ``path_key`` if there were any.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from channels.provider import WebhookRequest
from channels.registry import PROVIDERS

PAYLOADS = Path(__file__).parent / "payloads"
RECORDED = [(name, path) for name in PROVIDERS for path in sorted((PAYLOADS / name).glob("*.json"))]
URL = "https://bot.example/webhook"
# What a provider without times of its own is taken to have posted at.
RECEIVED_AT = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


@dataclass(frozen=True)
class Recording:
    """One file: what came in, and what it must be read as."""

    expected: dict[str, Any]
    request: WebhookRequest
    form: dict[str, Any] | None

    def with_form(self, form: dict[str, Any]) -> WebhookRequest:
        """The same webhook with another form."""
        return self.with_body(encoded(form))

    def with_body(self, body: bytes) -> WebhookRequest:
        """The same webhook with other bytes."""
        return replace(self.request, body=body)


def read(path: Path) -> Recording:
    """The recording in ``path``."""
    held = json.loads(path.read_text(encoding="utf-8"))
    form = held.get("form")
    body = json.dumps(held["body"], ensure_ascii=False).encode() if form is None else encoded(form)
    request = WebhookRequest(
        body=body,
        headers=held.get("headers", {}),
        urls=(URL,),
        path_key=held.get("path_key"),
        received_at=RECEIVED_AT,
    )
    return Recording(held["expected"], request, form)


def posted(body: bytes) -> WebhookRequest:
    """A webhook of these bytes and nothing else."""
    return WebhookRequest(body, {}, (URL,), received_at=RECEIVED_AT)


def encoded(form: dict[str, Any]) -> bytes:
    """A form as a browser would post it."""
    return urlencode(form, doseq=True).encode()


def of_channel(name: str) -> list[Recording]:
    """Every recording of a channel."""
    return [read(path) for channel, path in RECORDED if channel == name]
