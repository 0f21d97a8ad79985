"""The files of an inbound message: ``NumMedia``, ``MediaUrlN``, ``MediaContentTypeN``."""

from __future__ import annotations

from typing import Iterator, Optional, Tuple

from channels.forms import Form
from channels.messages import InboundKind, Media
from channels.twilio import limits

KINDS = (
    ("image/", InboundKind.IMAGE),
    ("video/", InboundKind.VIDEO),
    ("audio/", InboundKind.AUDIO),
    ("text/vcard", InboundKind.CONTACTS),
    ("text/x-vcard", InboundKind.CONTACTS),
)


def files(form: Form, caption: Optional[str]) -> Tuple[Media, ...]:
    """Every file there is; ``caption`` belongs to the first."""
    found = tuple(_files(form))
    first = [Media(mime_type=one.mime_type, url=one.url, caption=caption) for one in found[:1]]
    return (*first, *found[1:])


def kind(file: Media) -> InboundKind:
    """What a file is by its type; a document when it is nothing else."""
    mime_type = (file.mime_type or "").lower()
    return next((kind for begins, kind in KINDS if mime_type.startswith(begins)), InboundKind.DOCUMENT)


def _files(form: Form) -> Iterator[Media]:
    for place in range(limits.MEDIA):
        if url := form.text(f"MediaUrl{place}", limits.URL):
            yield Media(mime_type=form.text(f"MediaContentType{place}", 200), url=url)
