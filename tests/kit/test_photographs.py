"""Case 36, the photographs: bombs, polyglots, moving ones, HEIC, and places in metadata."""

import io
import resource
import time

import pytest
from PIL import Image, ImageCms

from app.kit.photographs import FULL, MOST_BYTES, SMALL, PhotographRefused, draw_photograph
from tests.factories.photos import PLACE, photograph, with_place
from tests.kit.test_pictures import bomb
from tests.support.heic import make_heic


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_becomes_two_plain_jpegs(kind: str) -> None:
    made = draw_photograph(photograph(kind=kind, size=(3000, 2000)))

    assert (made.full.width, made.full.height) == (FULL, 1600)
    assert (made.small.width, made.small.height) == (SMALL, 320)
    for one in (made.full, made.small):
        assert one.jpeg.startswith(b"\xff\xd8\xff")
        assert set(opened(one.jpeg).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_case_36_place_maker_and_comment_are_gone_from_every_byte() -> None:
    data = with_place()
    for planted in (PLACE, b"PLANTEDMAKER", b"PLANTEDCOMMENT"):
        assert planted in data

    made = draw_photograph(data)

    for jpeg in (made.full.jpeg, made.small.jpeg):
        for planted in (PLACE, b"PLANTEDMAKER", b"PLANTEDCOMMENT", b"Exif", b"ICC_PROFILE"):
            assert planted not in jpeg


def test_it_stands_upright_however_the_telephone_was_held() -> None:
    made = draw_photograph(with_place(orientation=6))

    assert (made.full.width, made.full.height) == (480, 640)


def test_transparency_becomes_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(written, "PNG")

    with opened(draw_photograph(written.getvalue()).full.jpeg) as made:
        assert made.mode == "RGB"
        assert min(made.getpixel((20, 20))) > 250


def test_colours_of_a_profile_become_those_of_every_screen() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    jpeg = draw_photograph(photograph(icc_profile=profile)).full.jpeg

    assert b"ICC_PROFILE" not in jpeg
    assert opened(jpeg).getpixel((5, 5))[0] == pytest.approx(120, abs=4)


def test_case_36_a_huge_picture_is_refused_by_its_head_in_no_time_and_no_memory() -> None:
    data = bomb(20_000)
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(PhotographRefused, match="too many pixels"):
        draw_photograph(data)

    assert time.monotonic() - began < 2, "a second on a machine with nothing else to do"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_case_36_a_picture_that_lies_about_its_rows_is_refused() -> None:
    with pytest.raises(PhotographRefused, match="cannot be opened"):
        draw_photograph(bomb(6_000))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_case_36_what_moves_is_refused(kind: str) -> None:
    written = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), shade) for shade in ("red", "green", "blue")]
    frames[0].save(written, kind, save_all=True, append_images=frames[1:])

    with pytest.raises(PhotographRefused, match="does not move"):
        draw_photograph(written.getvalue())


def test_case_36_of_a_polyglot_only_the_picture_is_kept() -> None:
    script = b"<script>alert('PLANTED')</script>%PDF-1.7"

    made = draw_photograph(photograph() + script)

    assert b"PLANTED" not in made.full.jpeg + made.small.jpeg
    assert b"%PDF" not in made.full.jpeg


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7 hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(50),
        b"RIFF\x10\x00\x00\x00WEBPVP8 ",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(4000),
        b"\x00\x00\x00\x18ftypheic",
        b"\xff\xd8\xff\xe0" + bytes(3000),
    ],
)
def test_case_36_what_is_no_photograph_is_refused(data: bytes) -> None:
    with pytest.raises(PhotographRefused):
        draw_photograph(data)


def test_a_photograph_that_is_cut_off_is_refused() -> None:
    whole = photograph(size=(800, 600))

    with pytest.raises(PhotographRefused, match="cannot be opened"):
        draw_photograph(whole[: len(whole) // 2])


def test_case_36_more_bytes_than_a_photograph_has_are_refused_unopened() -> None:
    with pytest.raises(PhotographRefused) as refused:
        draw_photograph(b"\xff\xd8\xff" + bytes(MOST_BYTES))

    assert refused.value.is_too_large


def test_a_telephones_heic_is_read_and_its_place_is_gone() -> None:
    data = make_heic(metadata())
    assert PLACE in data

    made = draw_photograph(data)

    assert (made.full.width, made.full.height) == (64, 64)
    assert PLACE not in made.full.jpeg + made.small.jpeg
    with opened(made.full.jpeg) as drawn:
        assert drawn.getpixel((4, 4))[0] == pytest.approx(28, abs=4)
        assert drawn.getpixel((60, 60))[0] == pytest.approx(203, abs=4)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_case_36_a_heic_that_is_cut_off_is_refused(share: float) -> None:
    whole = make_heic(b"")

    with pytest.raises(PhotographRefused):
        draw_photograph(whole[: int(len(whole) * share)])


def test_case_36_a_heic_that_says_it_is_huge_is_refused() -> None:
    with pytest.raises(PhotographRefused):
        draw_photograph(make_heic(b"", side=20_000))


def metadata() -> bytes:
    """Return what a telephone writes of the place, as a HEIC carries it."""
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = PLACE.decode()
    return exif.tobytes()
