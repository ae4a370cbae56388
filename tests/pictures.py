"""Picture files as people send them, and as others make them to hurt; drawn here, none stored."""

import os
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

RED = (200, 30, 30)


def file_of(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    """An image as a file."""
    out = BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def plain(width: int = 400, height: int = 300, kind: str = "JPEG", **more: Any) -> bytes:
    """A red picture."""
    return file_of(Image.new("RGB", (width, height), RED), kind, **more)


def noise(width: int, height: int) -> Image.Image:
    """A picture that no encoder makes small."""
    return Image.frombytes("RGB", (width, height), os.urandom(width * height * 3))


def from_a_phone() -> bytes:
    """A picture that lies on its side and says where it was taken, with what, and by whom."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera of Ana"
    exif[0x8825] = {1: "N", 2: (46.0, 21.0, 33.5), 3: "E", 4: (15.0, 6.0, 37.0)}
    return plain(400, 200, exif=exif, comment=b"at Ana's house")


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A black PNG of a few kilobytes that would be a hundred megabytes and more."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        mark = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", mark)

    packer = zlib.compressobj(9)
    row = bytes(width // 8 + 1)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def many_scans(count: int = 3_000) -> bytes:
    """A progressive picture that has its decoder pass over it thousands of times."""
    whole = plain(64, 64, progressive=True)
    at = whole.rindex(b"\xff\xda")
    return whole[:at] + whole[at:-2] * count + whole[-2:]


def page_in_clothes() -> bytes:
    """A picture that is a page of HTML as well."""
    return plain(comment=b"<html><script>alert(1)</script></html>") + b"<script>alert(2)</script>"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)" width="90" height="90"/>'
