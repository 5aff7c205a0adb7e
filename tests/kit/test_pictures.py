"""Case 36, the pictures: bombs, polyglots, moving pictures, places in metadata."""

import io
import resource
import struct
import time
import zlib

import pytest
from PIL import Image, PngImagePlugin

from app.kit.pictures import MOST_BYTES, PictureRefused, flatten


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "#1f5f5b").save(written, kind, **options)
    return written.getvalue()


def bomb(side: int) -> bytes:
    """Return a small PNG whose head says that it is side × side pixels large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 10_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_flat_png(kind: str) -> None:
    made = flatten(picture(kind), fit=512)

    assert made.png.startswith(b"\x89PNG")
    assert (made.width, made.height) == (40, 20)


def test_it_is_made_to_fit_and_keeps_its_shape() -> None:
    made = flatten(picture(size=(2000, 1000)), fit=512)

    assert (made.width, made.height) == (512, 256)


def test_transparency_becomes_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(written, "PNG")

    with Image.open(io.BytesIO(flatten(written.getvalue(), fit=64).png)) as made:
        assert made.mode == "RGB"
        assert made.getpixel((0, 0)) == (255, 255, 255)


def test_case_36_a_huge_picture_is_refused_by_its_head_in_no_time_and_no_memory() -> None:
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(PictureRefused, match=r"20000 by 20000 pixels|too many pixels"):
        flatten(bomb(20_000), fit=512)

    assert time.monotonic() - began < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_case_36_a_picture_that_lies_about_its_rows_is_refused() -> None:
    with pytest.raises(PictureRefused, match="cannot be opened"):
        flatten(bomb(2_500), fit=512)


def test_case_36_text_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "0" * 60_000_000, zip=True)
    data = picture(pnginfo=info)
    assert len(data) < MOST_BYTES

    with pytest.raises(PictureRefused):
        flatten(data, fit=512)


def test_case_36_too_many_bytes_are_refused_unread() -> None:
    with pytest.raises(PictureRefused, match="larger than 1024 kB"):
        flatten(picture() + b"\0" * MOST_BYTES, fit=512)


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><svg/>',
        b"%PDF-1.7\n",
        b"GIF89a" + b"\0" * 20,
        b"\0\0\0\x18ftypheic" + b"\0" * 20,
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x10\0\0\0AVI LIST",
    ],
)
def test_case_36_what_is_no_picture_of_the_three_kinds_is_refused(data: bytes) -> None:
    with pytest.raises(PictureRefused):
        flatten(data, fit=512)


def test_case_36_what_hangs_behind_or_inside_a_picture_is_gone() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert('inside')</script>")
    data = picture(pnginfo=info) + b"<script>alert('behind')</script>%PDF-1.7"

    made = flatten(data, fit=512).png

    assert b"script" not in made
    assert b"%PDF" not in made
    assert made.endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_case_36_a_moving_picture_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    written = io.BytesIO()
    frames[0].save(written, kind, save_all=True, append_images=frames[1:], duration=100)

    with pytest.raises(PictureRefused, match="does not move"):
        flatten(written.getvalue(), fit=512)


def test_case_36_where_a_photo_was_taken_is_forgotten() -> None:
    where = Image.Exif()
    where.get_ifd(0x8825).update({1: "N", 2: (55.0, 57.0, 12.0), 3: "W", 4: (3.0, 11.0, 16.0)})
    where[0x010E] = "Harbour, by the back door"
    data = picture("JPEG", exif=where)
    with Image.open(io.BytesIO(data)) as given:
        assert given.getexif().get_ifd(0x8825)

    with Image.open(io.BytesIO(flatten(data, fit=512).png)) as made:
        assert not made.getexif()
        assert made.info == {}
