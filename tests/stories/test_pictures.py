"""A sent picture is drawn anew: small, upright, with nothing else in it, whatever the file was."""

import contextlib
import resource
import time
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms

from board.core.errors import Mistake
from board.stories.picture_rules import LONG_SIDE, MOST_KEPT, Picture
from board.stories.pictures import draw_anew
from tests import pictures
from tests.pictures import RED, file_of, noise, plain


def drawn(file: bytes) -> Picture:
    picture = draw_anew(BytesIO(file))
    image = opened(picture)
    assert (image.format, image.mode, image.size) == (
        "JPEG",
        "RGB",
        (picture.width, picture.height),
    )
    assert len(picture.jpeg) <= MOST_KEPT
    assert max(image.size) <= LONG_SIDE
    return picture


def opened(picture: Picture) -> Image.Image:
    image = Image.open(BytesIO(picture.jpeg))
    image.load()
    return image


def sentence(file: bytes) -> str:
    with pytest.raises(Mistake) as mistake:
        draw_anew(BytesIO(file))
    assert list(mistake.value.fields) == ["picture"]
    return mistake.value.fields["picture"]


def is_near(pixel: object, wanted: tuple[int, int, int]) -> bool:
    return isinstance(pixel, tuple) and all(
        abs(a - b) < 12 for a, b in zip(pixel, wanted, strict=True)
    )


def test_place_date_and_comment_are_gone_and_the_picture_stands_upright() -> None:
    sent = pictures.from_a_phone()
    assert Image.open(BytesIO(sent)).getexif().get_ifd(0x8825)
    picture = drawn(sent)
    assert (picture.width, picture.height) == (200, 400)
    image = opened(picture)
    assert dict(image.getexif()) == {}
    assert not {"exif", "comment", "icc_profile", "xmp", "photoshop"} & set(image.info)
    assert b"Ana" not in picture.jpeg
    assert b"Exif" not in picture.jpeg


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_picture_of_each_kind_becomes_ours(kind: str) -> None:
    assert is_near(opened(drawn(plain(kind=kind))).getpixel((9, 9)), RED)


def test_large_picture_becomes_small_and_keeps_its_shape() -> None:
    picture = drawn(file_of(noise(2400, 1200), quality=95))
    assert (picture.width, picture.height) == (LONG_SIDE, LONG_SIDE // 2)


COLOURS: dict[str, tuple[Any, tuple[int, int, int]]] = {
    "1": (1, (255, 255, 255)),
    "L": (200, (200, 200, 200)),
    "LA": ((100, 255), (100, 100, 100)),
    "RGBA": ((10, 20, 30, 255), (10, 20, 30)),
    "I;16": (51_400, (200, 200, 200)),
}


@pytest.mark.parametrize("mode", COLOURS)
def test_colours_of_every_mode_are_read(mode: str) -> None:
    colour, shown = COLOURS[mode]
    picture = drawn(file_of(Image.new(mode, (90, 60), colour), "PNG"))
    assert is_near(opened(picture).getpixel((5, 5)), shown)


def test_palette_printing_inks_and_glass_are_read() -> None:
    palette = Image.new("RGB", (90, 60), RED).convert("P", palette=Image.Palette.ADAPTIVE)
    assert is_near(opened(drawn(file_of(palette, "PNG"))).getpixel((5, 5)), RED)
    glass = Image.new("RGBA", (90, 60), (*RED, 0))
    assert is_near(opened(drawn(file_of(glass, "PNG"))).getpixel((5, 5)), (255, 255, 255))
    hole = file_of(palette, "PNG", transparency=palette.getpixel((5, 5)))
    assert is_near(opened(drawn(hole)).getpixel((5, 5)), (255, 255, 255))
    assert is_near(
        opened(drawn(file_of(Image.new("CMYK", (90, 60), (0, 255, 255, 0))))).getpixel((5, 5)),
        (255, 0, 0),
    )


def test_colour_profile_is_used_and_dropped_and_an_odd_one_does_no_harm() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"no profile at all" * 20):
        picture = drawn(plain(icc_profile=icc))
        assert is_near(opened(picture).getpixel((5, 5)), RED)
        assert "icc_profile" not in opened(picture).info


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "MPO"])
def test_moving_picture_stands_still(kind: str) -> None:
    frames = [Image.new("RGB", (90, 60), colour) for colour in (RED, (0, 0, 255), (0, 255, 0))]
    moving = file_of(frames[0], kind, save_all=True, append_images=frames[1:])
    assert is_near(opened(drawn(moving)).getpixel((5, 5)), RED)


def test_page_in_a_picture_s_clothes_leaves_them_behind() -> None:
    picture = drawn(pictures.page_in_clothes())
    assert b"script" not in picture.jpeg


BROKEN = {
    "nothing": b"",
    "text": b"Hello, I am a picture.",
    "page": b"<html><script>alert(1)</script></html>",
    "svg": pictures.SVG,
    "gif": plain(kind="GIF"),
    "tiff": plain(kind="TIFF"),
    "pdf": plain(kind="PDF"),
    "icon": plain(64, 64, kind="ICO"),
    "head only": plain()[:30],
    "cut off": file_of(noise(300, 300))[:20_000],
    "cut off png": file_of(noise(300, 300), "PNG")[:20_000],
    "one dot": plain(1, 1, kind="PNG"),
    "bomb": pictures.bomb(),
    "smaller bomb": pictures.bomb(6_000, 6_000),
    "large": plain(7_000, 6_000),
    "scans": pictures.many_scans(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_picture_or_too_large_is_refused_at_once(name: str) -> None:
    started = time.monotonic()
    said = sentence(BROKEN[name])
    assert time.monotonic() - started < 2
    assert ("dots" in said) == (name in ("bomb", "smaller bomb", "large", "scans"))


def test_memory_stays_bounded_whatever_is_sent() -> None:
    draw_anew(BytesIO(plain(3_000, 2_000)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for file in (BROKEN["bomb"], BROKEN["smaller bomb"], BROKEN["scans"], BROKEN["large"]):
        sentence(file)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 25 * 1024, "in kilobytes"


def test_any_bytes_after_a_true_beginning_are_a_sentence_or_a_picture() -> None:
    whole = file_of(noise(120, 90))
    for cut in range(2, len(whole), 997):
        spoilt = whole[:cut] + b"\x00\xff\xda" + whole[cut + 3 :]
        with contextlib.suppress(Mistake):
            drawn(spoilt)
