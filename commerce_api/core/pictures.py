"""Pictures of strangers, made anew: within bounds, upright, on white, without what was written beside."""

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS = 40_000_000
QUALITIES = (85, 75, 65, 50, 35, 20, 10)

_FAULTS = (OSError, ValueError, SyntaxError, TypeError, IndexError, EOFError, OverflowError, struct.error)


class PictureUnreadable(Exception):
    """No JPEG, PNG, WebP or GIF that can be decoded."""


class PictureTooLarge(Exception):
    """More pixels, or more frames, than we are willing to decode."""


@dataclass(frozen=True)
class Picture:
    """A JPEG without metadata."""

    content: bytes
    width: int
    height: int


def encode(upload: bytes, *, longest_side: int, most_bytes: int, most_frames: int | None = None) -> Picture:
    """The upload's first frame as our JPEG. Raises PictureUnreadable and PictureTooLarge.

    No side is longer than ``longest_side`` pixels, and the whole within ``most_bytes`` as far as quality can
    be lowered for it.
    """
    try:
        with Image.open(io.BytesIO(upload), formats=FORMATS) as image:
            _check(image, most_frames)
            # A camera's JPEG is decoded at a fraction of its size, which saves most of the memory.
            image.draft("RGB", (longest_side, longest_side))
            upright = ImageOps.exif_transpose(image)
            return _shrink(_on_white(upright), longest_side, most_bytes)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge("a decompression bomb") from error
    except _FAULTS as error:
        raise PictureUnreadable(type(error).__name__) from error


def _check(image: Image.Image, most_frames: int | None) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise PictureTooLarge(f"{image.width} x {image.height} pixels")
    if most_frames is not None and getattr(image, "n_frames", 1) > most_frames:
        raise PictureTooLarge("too many frames")


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")


def _shrink(image: Image.Image, longest_side: int, most_bytes: int) -> Picture:
    image.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    content = b""
    for quality in QUALITIES:
        # Pixels alone: Pillow would write back what the upload had in ``info``.
        bare = Image.frombytes("RGB", image.size, image.tobytes())
        out = io.BytesIO()
        bare.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        content = out.getvalue()
        if len(content) <= most_bytes:
            break
    return Picture(content, image.width, image.height)
