"""What becomes of an uploaded picture."""

import io
import os
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from commerce_api.catalogue import photos
from commerce_api.catalogue.errors import PhotoTooLarge, PhotoUnreadable


def picture(form: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(out, form, **options)
    return out.getvalue()


def noise(side: int) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(out, "PNG")
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is so large and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_any_usual_picture_becomes_a_jpeg(form: str) -> None:
    made = photos.encode(picture(form))
    with Image.open(io.BytesIO(made.content)) as image:
        assert (image.format, image.size, made.width, made.height) == ("JPEG", (60, 40), 60, 40)


def test_a_large_noisy_picture_is_made_small_enough_to_send() -> None:
    made = photos.encode(noise(1600))
    assert max(made.width, made.height) == photos.LONGEST_SIDE
    assert len(made.content) <= photos.MOST_BYTES


def test_what_the_camera_wrote_beside_the_picture_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8825] = {1: "N", 2: (6.0, 27.0, 0.0)}
    exif[0x010F] = "Secret Camera"
    made = photos.encode(picture("JPEG", exif=exif.tobytes(), comment=b"at home"))
    with Image.open(io.BytesIO(made.content)) as image:
        assert image.size == (40, 60)
        assert not image.getexif()
    assert b"Secret" not in made.content
    assert b"at home" not in made.content


def test_what_is_clear_becomes_white() -> None:
    made = photos.encode(picture("PNG", mode="RGBA"))
    with Image.open(io.BytesIO(made.content)) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("size", [(30_000, 30_000), (10_000, 10_000), (7_000, 7_000)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(PhotoTooLarge):
        photos.encode(bomb(*size))


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html>",
        picture("BMP"),
        picture("JPEG")[:200],
        bomb(60, 40),
    ],
)
def test_what_is_no_picture_is_refused(upload: bytes) -> None:
    with pytest.raises(PhotoUnreadable):
        photos.encode(upload)


@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.integers(8, 200), st.binary(min_size=1, max_size=8)
)
def test_a_damaged_picture_is_read_or_refused(form: str, place: int, damage: bytes) -> None:
    whole = picture(form)
    upload = whole[:place] + damage + whole[place + len(damage) :]
    try:
        made = photos.encode(upload)
    except (PhotoUnreadable, PhotoTooLarge):
        return
    assert made.content.startswith(b"\xff\xd8")
