"""Files on the provider's side: pictures shoppers send, and those it fetches from the links in messages."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import httpx

PHOTOS = Path(__file__).parent / "pages" / "photos"
LIMITS = {"image/jpeg": 5_000_000, "image/png": 5_000_000, "image/webp": 500_000}
KEPT_BYTES = 64_000_000
FIRST_ID = 700_000_000_000_001


class MediaRefused(Exception):
    """A linked file that WhatsApp would not carry; the text says why."""


@dataclass(frozen=True)
class File:
    """A file and what it is."""

    content: bytes
    mime_type: str

    @property
    def sha256(self) -> str:
        """The digest Meta's webhooks carry, in hex."""
        return hashlib.sha256(self.content).hexdigest()


TINY_FILES = {
    "audio": File(b"OggS" + bytes(60), "audio/ogg; codecs=opus"),
    "video": File(b"\x00\x00\x00\x18ftypmp42" + bytes(60), "video/mp4"),
    "document": File(b"%PDF-1.4\n%%EOF\n", "application/pdf"),
    "sticker": File(b"RIFF\x1a\x00\x00\x00WEBPVP8L" + bytes(18), "image/webp"),
}


class Media:
    """Files by id, the oldest dropped when they are too many."""

    def __init__(self, http: httpx.AsyncClient, public_url: str, account: str = "") -> None:
        self._http = http
        self._public_url = public_url
        self.account = account
        self._files: OrderedDict[str, File] = OrderedDict()
        self._next = FIRST_ID
        self._size = 0

    def add(self, file: File) -> str:
        """Keeps a file; its id."""
        media_id = str(self._next)
        self._next += 1
        self._files[media_id] = file
        self._size += len(file.content)
        while self._size > KEPT_BYTES:
            self._size -= len(self._files.popitem(last=False)[1].content)
        return media_id

    def address(self, path: str) -> str:
        """The whole address of a path of this stand-in."""
        return f"{self._public_url}/{path}"

    def find(self, media_id: str) -> File | None:
        """The file with this id, if it is still here."""
        return self._files.get(media_id)

    async def fetch(self, link: str) -> str:
        """Fetches a linked picture as Meta does before it delivers; the id. Raises MediaRefused."""
        try:
            async with self._http.stream("GET", link, follow_redirects=True) as answer:
                if answer.status_code != 200:
                    raise MediaRefused(
                        f"Downloading media from the link failed with HTTP {answer.status_code}."
                    )
                mime_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
                limit = LIMITS.get(mime_type)
                if limit is None:
                    raise MediaRefused(f"Unsupported media type {mime_type or 'unknown'!r}.")
                content = b""
                async for piece in answer.aiter_bytes():
                    content += piece
                    if len(content) > limit:
                        raise MediaRefused(f"The file is larger than {limit} bytes.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise MediaRefused(f"Downloading media from the link failed: {type(error).__name__}.") from error
        return self.add(File(content, mime_type))


def photo(name: str) -> File:
    """One of the pictures built in. KeyError when there is none of this name."""
    if name not in photo_names():
        raise KeyError(name)
    return File((PHOTOS / f"{name}.jpg").read_bytes(), "image/jpeg")


def photo_names() -> list[str]:
    """The names of the pictures built in."""
    return sorted(path.stem for path in PHOTOS.glob("*.jpg"))
