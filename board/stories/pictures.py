"""A picture that came with a story, drawn anew: nothing of the file itself is kept.

Whoever sends a file may have made it to hurt: a few bytes that unfold into gigabytes, thousands
of passes over one picture, a page in a picture's clothes, a place in its margins. So its header
is read first, it is decoded small where that can be, and what we keep is a plain JPEG of ours.
"""

from io import BytesIO
from typing import IO, Final

from PIL import Image, ImageCms, ImageOps

from board.core.errors import Mistake
from board.core.language import gettext as _
from board.stories.picture_rules import (
    LONG_SIDE,
    MOST_BYTES,
    MOST_KEPT,
    Picture,
    not_a_picture,
    too_many_pixels,
)

# By the header, before anything is unpacked. A camera's JPEG can be decoded at a fraction of its
# size; the others can't, and wait whole in memory.
_MOST_PIXELS: Final = {"JPEG": 40_000_000, "MPO": 40_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
_NARROWEST: Final = 40
# A progressive picture has about ten scans; thousands of them would keep a decoder busy for hours.
_MOST_SCANS: Final = 100
_SCAN: Final = b"\xff\xda"
_QUALITIES: Final = (80, 70, 60, 45, 30)
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
Image.MAX_IMAGE_PIXELS = max(_MOST_PIXELS.values())


def draw_anew(file: IO[bytes]) -> Picture:
    """Our own picture of a sent file; raises Mistake with a sentence about what is wrong with it.

    Takes a second and up to 200 MB: it runs in the one thread that `photo_desk` keeps for it.
    """
    try:
        with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as sent:
            _look_at_header(sent, file)
            return _kept(_upright(sent))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Mistake({"picture": too_many_pixels()}) from error
    except Mistake:
        raise
    except Exception as error:
        # Decoders raise anything at broken files.
        raise Mistake({"picture": not_a_picture()}) from error


def _look_at_header(sent: Image.Image, file: IO[bytes]) -> None:
    width, height = sent.size
    if width * height > _MOST_PIXELS[sent.format or ""] or _scans(sent, file) > _MOST_SCANS:
        raise Mistake({"picture": too_many_pixels()})
    if min(width, height) < _NARROWEST:
        raise Mistake({"picture": _("This picture is too small to see anything. A larger one?")})


def _scans(sent: Image.Image, file: IO[bytes]) -> int:
    """How often a JPEG passes over its picture: in its data the mark means nothing else."""
    if sent.format not in ("JPEG", "MPO"):
        return 1
    at = file.tell()
    file.seek(0)
    count = file.read(MOST_BYTES).count(_SCAN)
    file.seek(at)
    return count


def _upright(sent: Image.Image) -> Image.Image:
    """The picture small, upright, in plain colours, on white where it could be seen through."""
    sent.draft("RGB", (LONG_SIDE, LONG_SIDE))
    if sent.mode == "P":
        small = sent.convert("RGBA")
    else:
        small = _eight_bits(sent) if sent.mode.startswith("I") else sent
    small.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    profile = sent.info.get("icc_profile")
    turned = ImageOps.exif_transpose(small)
    return _on_white(_in_srgb(turned, profile))


def _eight_bits(deep: Image.Image) -> Image.Image:
    """Sixteen bits of grey as eight; Pillow alone would cut them off at white."""
    return deep.convert("I").point([n >> 8 for n in range(65_536)], "L")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as they were meant; as they are when the profile is odd."""
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, meant, _SRGB, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _on_white(image: Image.Image) -> Image.Image:
    """A new picture with these colours and nothing else: no place, date, camera or comment."""
    plain = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        plain.paste(seen, mask=seen.getchannel("A"))
    else:
        plain.paste(image.convert("RGB"))
    return plain


def _kept(plain: Image.Image) -> Picture:
    """A JPEG within our size: first coarser, then smaller."""
    while True:
        for quality in _QUALITIES:
            out = BytesIO()
            plain.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
            if out.tell() <= MOST_KEPT:
                return Picture(out.getvalue(), *plain.size)
        plain = plain.reduce(2)
