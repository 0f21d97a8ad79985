"""Files as shoppers' phones make them, and as nobody should."""

import io
import struct
import zipfile
import zlib

from PIL import Image

OPUS = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x01" + bytes(100)
MP4 = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41" + bytes(100)
AMR = b"#!AMR\n" + bytes(100)
PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF"
HTML = b"<!DOCTYPE html><html><script>fetch('/')</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'
PROGRAM = b"MZ\x90\0" + bytes(200)


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    """A red picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, form, **options)
    return out.getvalue()


def located_photo() -> bytes:
    """A JPEG that tells where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = "at home"
    exif.get_ifd(0x8825)[2] = (6.0, 27.0, 0.0)
    return picture(exif=exif.tobytes(), comment=b"at home")


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG that says it is so large and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def film(frames: int) -> bytes:
    """A GIF of so many frames."""
    out = io.BytesIO()
    first, *rest = (Image.new("L", (2, 2), color % 256) for color in range(frames))
    first.save(out, "GIF", save_all=True, append_images=rest)
    return out.getvalue()


def archive(*names: str, mimetype: str | None = None) -> bytes:
    """A zip file with these in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as held:
        if mimetype:
            held.writestr("mimetype", mimetype)
        for name in names:
            held.writestr(name, "<a/>")
    return out.getvalue()
