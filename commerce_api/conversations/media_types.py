"""What a file really is, told from its bytes, and which kinds are kept, up to which size.

A claimed type counts only among those of the same family, where containers look alike (sound in an MP4).
Markup is never kept: a page or a drawing that carries script would run in the seller's own browser.
"""

import io
import zipfile
from dataclasses import dataclass
from enum import StrEnum

import puremagic

MEGABYTE = 1024 * 1024


class Family(StrEnum):
    """Kinds of files that are treated alike."""

    PICTURE = "picture"
    RECORDING = "recording"
    DOCUMENT = "document"


# The largest that providers pass on is 100 MB; what a shopper sends to a shop is far smaller.
MOST_BYTES = {
    Family.PICTURE: 10 * MEGABYTE,
    Family.RECORDING: 25 * MEGABYTE,
    Family.DOCUMENT: 25 * MEGABYTE,
}
LARGEST = max(MOST_BYTES.values())

OFFICE = "application/vnd.openxmlformats-officedocument"
PACKAGES = {
    "word/": (".docx", f"{OFFICE}.wordprocessingml.document"),
    "xl/": (".xlsx", f"{OFFICE}.spreadsheetml.sheet"),
    "ppt/": (".pptx", f"{OFFICE}.presentationml.presentation"),
}
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
MOST_ZIPPED = 5_000

PICTURES = {".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".webp", ".gif"}
RECORDINGS = {
    ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".mp3": "audio/mpeg",
    ".mp1": "audio/mpeg", ".aac": "audio/aac", ".amr": "audio/amr", ".m4a": "audio/mp4",
    ".f4a": "audio/mp4", ".wav": "audio/wav",
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".3gp": "video/3gpp", ".3ga": "video/3gpp",
    ".mov": "video/quicktime", ".webm": "video/webm", ".ogv": "video/ogg",
}  # fmt: skip
DOCUMENTS = {
    ".pdf": "application/pdf", ".doc": "application/msword", ".rtf": "application/rtf",
    ".vcf": "text/vcard",
}  # fmt: skip
CLAIMABLE = {*RECORDINGS.values(), "audio/opus", "audio/3gpp", "audio/webm", "audio/mp4"}
PLAIN = {"text/plain": "text/plain", "text/csv": "text/csv", "application/csv": "text/csv"}
SHOWN_INLINE = ("image/", "audio/", "video/")
TEXT_CONTROLS = frozenset(range(32)) - {9, 10, 13}


class TypeNotTaken(Exception):
    """The file is of no kind that is kept."""


@dataclass(frozen=True)
class Found:
    """A file's family and its content type; a picture's is that of the JPEG it will become."""

    family: Family
    content_type: str


def sniff(content: bytes, claimed: str | None) -> Found:
    """What ``content`` is. Raises TypeNotTaken."""
    claimed = (claimed or "").partition(";")[0].strip().lower()
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head or head.startswith(b"<"):
        raise TypeNotTaken("markup, or nothing at all")
    if content.startswith(b"PK\x03\x04"):
        return Found(Family.DOCUMENT, _package(content))
    for extension in _extensions(content):
        if extension in PICTURES:
            return Found(Family.PICTURE, "image/jpeg")
        if extension in RECORDINGS:
            is_same_family = claimed in CLAIMABLE
            return Found(Family.RECORDING, claimed if is_same_family else RECORDINGS[extension])
        if extension in DOCUMENTS:
            return Found(Family.DOCUMENT, DOCUMENTS[extension])
    if claimed in PLAIN and _is_plain(content):
        return Found(Family.DOCUMENT, PLAIN[claimed])
    raise TypeNotTaken("of no kind that is kept")


def is_inline(content_type: str) -> bool:
    """Whether a browser may show it in place; anything else is downloaded."""
    return content_type.startswith(SHOWN_INLINE)


def _extensions(content: bytes) -> list[str]:
    try:
        return [match.extension for match in puremagic.magic_string(content)]
    except (puremagic.PureError, ValueError, IndexError):
        return []


def _package(content: bytes) -> str:
    """Which office document a zip file is, by what is in it; other archives are not kept."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) <= MOST_ZIPPED and "[Content_Types].xml" in names:
                for folder, (_, content_type) in PACKAGES.items():
                    if any(name.startswith(folder) for name in names):
                        return content_type
            if names[:1] == ["mimetype"]:
                with archive.open("mimetype") as held:
                    said = held.read(100).decode("ascii", "replace").strip()
                if said.startswith(OPEN_DOCUMENT):
                    return said
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, RuntimeError, EOFError) as fault:
        raise TypeNotTaken("a broken archive") from fault
    raise TypeNotTaken("an archive")


def _is_plain(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return not TEXT_CONTROLS.intersection(content)
