"""Photos: whatever a seller uploads becomes a small JPEG of ours, without what the camera wrote beside it."""

import asyncio
import io
import secrets
import struct
from dataclasses import dataclass
from uuid import UUID, uuid4

from PIL import Image, ImageOps
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import queries
from commerce_api.catalogue.errors import PhotoTooLarge, PhotoUnreadable, TooManyPhotos
from commerce_api.catalogue.models import Photo
from commerce_api.core.errors import NotFound

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1280
MOST_BYTES = 300 * 1024
QUALITIES = (85, 75, 65, 50, 35, 20, 10)
MOST_PHOTOS = 10

_FAULTS = (OSError, ValueError, SyntaxError, TypeError, IndexError, EOFError, OverflowError, struct.error)


@dataclass(frozen=True)
class Picture:
    """A JPEG of at most 300 KB, no side longer than 1280 pixels, with no metadata."""

    content: bytes
    width: int
    height: int


async def add_photo(session: AsyncSession, product_id: UUID, upload: bytes) -> Photo:
    """Adds a photo after the product's others. Raises NotFound, TooManyPhotos and as ``encode``."""
    await queries.product(session, product_id)
    places = await session.execute(
        select(func.count(), func.max(Photo.position)).where(Photo.product_id == product_id)
    )
    count, last = places.one()
    if count >= MOST_PHOTOS:
        raise TooManyPhotos(f"A product can have {MOST_PHOTOS} photos; delete one first.")
    picture = await asyncio.to_thread(encode, upload)
    photo = Photo(
        id=uuid4(),
        product_id=product_id,
        key=secrets.token_urlsafe(16),
        content=picture.content,
        width=picture.width,
        height=picture.height,
        position=0 if last is None else last + 1,
    )
    session.add(photo)
    await session.flush()
    return photo


async def delete_photo(session: AsyncSession, product_id: UUID, photo_id: UUID) -> None:
    """Deletes a photo; its address answers 404 from then on. Raises NotFound."""
    photo = await session.scalar(select(Photo).where(Photo.id == photo_id, Photo.product_id == product_id))
    if photo is None:
        raise NotFound
    await session.delete(photo)
    await session.flush()


def encode(upload: bytes) -> Picture:
    """The upload's first frame as our JPEG, upright, on white. Raises PhotoUnreadable and PhotoTooLarge."""
    try:
        with Image.open(io.BytesIO(upload), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise PhotoTooLarge(f"A photo may have {MOST_PIXELS // 10**6} million pixels at most.")
            # A camera's JPEG is decoded at a fraction of its size, which saves most of the memory.
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image)
            return _shrink(_on_white(upright))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoTooLarge(f"A photo may have {MOST_PIXELS // 10**6} million pixels at most.") from error
    except _FAULTS as error:
        raise PhotoUnreadable("This is no JPEG, PNG, WebP or GIF picture that can be read.") from error


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")


def _shrink(image: Image.Image) -> Picture:
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    content = b""
    for quality in QUALITIES:
        # Pixels alone: Pillow would write back what the upload had in ``info``.
        bare = Image.frombytes("RGB", image.size, image.tobytes())
        out = io.BytesIO()
        bare.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        content = out.getvalue()
        if len(content) <= MOST_BYTES:
            break
    return Picture(content, image.width, image.height)
