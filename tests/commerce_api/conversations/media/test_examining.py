"""What a file really is, and what is kept of it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from channels.messages import Media
from commerce_api.conversations import media_fetching, media_types
from commerce_api.conversations.media_fetching import NotKept
from commerce_api.conversations.media_models import Refusal
from tests.commerce_api.conversations.media import samples

WORD = media_types.PACKAGES["word/"][1]


@pytest.mark.parametrize(
    ("content", "claimed", "content_type"),
    [
        (samples.picture("JPEG"), "image/jpeg", "image/jpeg"),
        (samples.picture("PNG"), "text/html", "image/jpeg"),
        (samples.picture("WEBP"), None, "image/jpeg"),
        (samples.film(3), "video/mp4", "image/jpeg"),
        (samples.OPUS, "audio/ogg; codecs=opus", "audio/ogg"),
        (samples.MP4, "video/mp4", "video/mp4"),
        (samples.MP4, "audio/mp4", "audio/mp4"),
        (samples.MP4, "text/html", "video/mp4"),
        (samples.AMR, "audio/amr", "audio/amr"),
        (samples.PDF, "application/pdf", "application/pdf"),
        (samples.PDF, "image/png", "application/pdf"),
        (samples.archive("[Content_Types].xml", "word/document.xml"), None, WORD),
        (
            samples.archive("content.xml", mimetype="application/vnd.oasis.opendocument.text"),
            None,
            "application/vnd.oasis.opendocument.text",
        ),
        ("Transfer ref: ₦2,000\n".encode(), "text/plain", "text/plain"),
        (b"name,price\nAnkara,2500\n", "text/csv", "text/csv"),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, claimed: str | None, content_type: str) -> None:
    assert media_fetching.examine(content, Media(mime_type=claimed)).content_type == content_type


@pytest.mark.parametrize(
    ("content", "claimed", "refusal"),
    [
        (samples.HTML, "image/jpeg", Refusal.TYPE_NOT_TAKEN),
        (b"\xef\xbb\xbf \n" + samples.HTML, "text/plain", Refusal.TYPE_NOT_TAKEN),
        (samples.SVG, "image/svg+xml", Refusal.TYPE_NOT_TAKEN),
        (b"<svg onload=alert(1)>", "text/plain", Refusal.TYPE_NOT_TAKEN),
        (samples.PROGRAM, "application/pdf", Refusal.TYPE_NOT_TAKEN),
        (samples.archive("a.exe"), "application/zip", Refusal.TYPE_NOT_TAKEN),
        (b"PK\x03\x04 broken", "application/zip", Refusal.TYPE_NOT_TAKEN),
        (b"words nobody called text", "application/octet-stream", Refusal.TYPE_NOT_TAKEN),
        (b"\x00\x01binary", "text/plain", Refusal.TYPE_NOT_TAKEN),
        (b"", "image/jpeg", Refusal.TYPE_NOT_TAKEN),
        (samples.bomb(), "image/png", Refusal.TOO_LARGE),
        (samples.film(media_fetching.MOST_FRAMES + 1), "image/gif", Refusal.TOO_LARGE),
        (samples.picture("PNG")[:60], "image/png", Refusal.UNREADABLE),
        (
            samples.picture("JPEG") + bytes(media_types.MOST_BYTES[media_types.Family.PICTURE]),
            "image/jpeg",
            Refusal.TOO_LARGE,
        ),
    ],
)
def test_what_is_not_kept_says_why(content: bytes, claimed: str, refusal: Refusal) -> None:
    with pytest.raises(NotKept) as caught:
        media_fetching.examine(content, Media(mime_type=claimed))
    assert caught.value.refusal is refusal


def test_a_picture_is_made_anew_without_where_it_was_taken() -> None:
    upload = samples.located_photo()
    kept = media_fetching.examine(upload, Media(mime_type="image/jpeg"))
    assert b"at home" in upload
    assert b"at home" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as image:
        assert not image.getexif()
    assert (kept.width, kept.height) == (60, 40)


def test_a_large_picture_becomes_a_small_one() -> None:
    kept = media_fetching.examine(samples.picture("PNG", (4000, 3000)), Media())
    assert (kept.width, kept.height) == (1600, 1200)
    assert len(kept.content) <= media_fetching.PICTURE_BYTES


@pytest.mark.parametrize("content", [samples.OPUS, samples.MP4, samples.PDF])
def test_anything_else_is_kept_as_it_came(content: bytes) -> None:
    assert media_fetching.examine(content, Media()).content == content


@given(content=st.binary(max_size=300), claimed=st.none() | st.sampled_from(["text/plain", "image/png", "x"]))
def test_any_bytes_are_kept_as_something_harmless_or_refused(content: bytes, claimed: str | None) -> None:
    try:
        kept = media_fetching.examine(content, Media(mime_type=claimed))
    except NotKept:
        return
    shown = media_types.is_inline(kept.content_type)
    assert not (shown and ("svg" in kept.content_type or "html" in kept.content_type))
