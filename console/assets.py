"""Stylesheet, scripts and icons: named by their content, so that a browser asks for each once.

The stylesheet is every file of ``static/css`` in order of name, as one.
"""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from commerce_api.core.errors import NotFound

STATIC = Path(__file__).parent / "static"
STYLESHEET = "desk.css"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
}
FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter()


@dataclass(frozen=True)
class Asset:
    """A file as it is served; ``path`` below the desk's base."""

    path: str
    content: bytes
    compressed: bytes
    content_type: str


def _load() -> dict[str, Asset]:
    """Every asset by its name: the path inside ``static``, or ``desk.css``."""
    sheets = sorted((STATIC / "css").glob("*.css"))
    found = {STYLESHEET: b"\n".join(sheet.read_bytes() for sheet in sheets)}
    for path in sorted(STATIC.rglob("*")):
        if path.suffix in TYPES and path not in sheets:
            found[path.relative_to(STATIC).as_posix()] = path.read_bytes()
    return {name: _asset(name, content) for name, content in found.items()}


def _asset(name: str, content: bytes) -> Asset:
    digest = hashlib.sha256(content).hexdigest()[:16]
    compressed = gzip.compress(content, 9, mtime=0)
    return Asset(f"/static/{digest}/{name}", content, compressed, TYPES[Path(name).suffix])


ASSETS = _load()


@router.get("/static/{digest}/{name:path}")
async def serve_asset(digest: str, name: str, request: Request) -> Response:
    """An asset under its current name."""
    asset = ASSETS.get(name)
    if asset is None or asset.path != f"/static/{digest}/{name}":
        raise NotFound
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, headers=headers, media_type=asset.content_type)
    return Response(asset.content, headers=headers, media_type=asset.content_type)
