"""Photos: whatever a seller uploads becomes a small JPEG of ours, without what the camera wrote beside it."""

import asyncio
import secrets
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import queries
from commerce_api.catalogue.errors import PhotoTooLarge, PhotoUnreadable, TooManyPhotos
from commerce_api.catalogue.models import Photo
from commerce_api.core import pictures
from commerce_api.core.errors import NotFound
from commerce_api.core.pictures import MOST_PIXELS, Picture

LONGEST_SIDE = 1280
MOST_BYTES = 300 * 1024
MOST_PHOTOS = 10


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
    return await hang(session, product_id, picture, position=0 if last is None else last + 1)


async def hang(session: AsyncSession, product_id: UUID, picture: Picture, *, position: int = 0) -> Photo:
    """Adds a picture that ``encode`` made to a product that is there and has room for it."""
    photo = Photo(
        id=uuid4(),
        product_id=product_id,
        key=secrets.token_urlsafe(16),
        content=picture.content,
        width=picture.width,
        height=picture.height,
        position=position,
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
    """The upload as a JPEG of at most 300 KB, no side longer than 1280 pixels, with no metadata.

    Raises PhotoUnreadable and PhotoTooLarge.
    """
    try:
        return pictures.encode(upload, longest_side=LONGEST_SIDE, most_bytes=MOST_BYTES)
    except pictures.PictureTooLarge as error:
        raise PhotoTooLarge(f"A photo may have {MOST_PIXELS // 10**6} million pixels at most.") from error
    except pictures.PictureUnreadable as error:
        raise PhotoUnreadable("This is no JPEG, PNG, WebP or GIF picture that can be read.") from error
