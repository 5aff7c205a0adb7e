"""Uploaded photographs: drawn anew upright as flat JPEGs in two sizes, with nothing else in them.

Where, when and with what it was taken is metadata, and none of it is kept. A photograph is opened
only in a process of its own with little memory and little time: JPEG, PNG, WebP, and the HEIC of
telephones, whose decoder is the largest piece of foreign code that ever sees a patient's file.
"""

import io
import resource
import struct
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pi_heif
from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

MOST_BYTES = 25 * 1024 * 1024
MOST_SIDE = 12_000
MOST_PIXELS = 50_000_000
FULL, SMALL = 2400, 480
FORMATS = ("PNG", "JPEG", "WEBP", "HEIF")
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"hevc", b"msf1")
_QUALITY = {FULL: 88, SMALL: 80}
_SECONDS = 10
_MEMORY = 1024 * 1024 * 1024
_LENGTH = struct.Struct(">I")
# How the child says why it refused; anything else is a file that it could not open.
_REASONS = {
    3: "This photograph cannot be opened. Save it anew as a JPEG and try again.",
    4: f"The photograph has too many pixels. At most {MOST_SIDE} on a side and"
    f" {MOST_PIXELS // 1_000_000} million together are taken.",
    5: "Choose a photograph that does not move.",
}


class PhotographRefused(ValueError):
    """The file is no photograph that is taken; ``reason`` is one sentence for the person."""

    def __init__(self, reason: str, *, is_too_large: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.is_too_large = reason, is_too_large


class _Refusal(Exception):
    """The child refuses with one of the codes above."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass(frozen=True)
class Drawn:
    """One size of a photograph as the JPEG that we drew, with its pixels."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Photograph:
    """A photograph in the size to look at and in the size of a list."""

    full: Drawn
    small: Drawn


def draw_photograph(data: bytes) -> Photograph:
    """Return a photograph drawn anew in two sizes; raises PhotographRefused.

    Kind and length are judged here by the first bytes; nothing is decoded in this process but what
    the other one drew.
    """
    check_beginning(data)
    try:
        done = subprocess.run(  # our own module, no shell, and only bytes go in
            [sys.executable, "-I", "-B", str(Path(__file__))],
            input=data,
            capture_output=True,
            timeout=_SECONDS + 2,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise PhotographRefused("This photograph takes too long to open.") from None
    if done.returncode != 0:
        raise PhotographRefused(_REASONS.get(done.returncode, _REASONS[3]))
    (length,) = _LENGTH.unpack_from(done.stdout)
    end = _LENGTH.size + length
    return Photograph(_measured(done.stdout[_LENGTH.size : end]), _measured(done.stdout[end:]))


def check_beginning(data: bytes) -> None:
    """Refuse by length and first bytes; raises PhotographRefused."""
    if len(data) > MOST_BYTES:
        raise PhotographRefused(
            f"The photograph is larger than {MOST_BYTES // 1024 // 1024} MB.", is_too_large=True
        )
    is_heif = data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS
    if not (is_heif or data.startswith(_BEGINNINGS)):
        raise PhotographRefused("Choose a JPEG, PNG, WebP or HEIC photograph.")


def _measured(jpeg: bytes) -> Drawn:
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as drawn:
        return Drawn(jpeg, *drawn.size)


def _confine() -> None:
    """Give this process little memory, little time, and no way to write a file."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _opened(data: bytes) -> Image.Image:
    """Read the head of a file and judge it; no pixel is decoded yet."""
    pi_heif.options.DECODE_THREADS = 1
    pi_heif.register_heif_opener(thumbnails=False)
    found = Image.open(io.BytesIO(data), formats=FORMATS)
    width, height = found.size
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise _Refusal(4)
    # The second picture in a telephone's JPEG is a map of brightness and is left where it is.
    if found.format not in {"JPEG", "MPO"} and getattr(found, "n_frames", 1) > 1:
        raise _Refusal(5)
    return found


def _drawn(data: bytes) -> tuple[bytes, bytes]:
    """Return both sizes, upright, on white, in sRGB, without anything else in them."""
    found = _opened(data)
    profile = found.info.get("icc_profile")
    found.thumbnail((FULL, FULL))
    upright = _on_white(ImageOps.exif_transpose(next(iter(ImageSequence.Iterator(found)))))
    full = _in_common_colours(upright, profile)
    small = full.copy()
    small.thumbnail((SMALL, SMALL))
    return _saved(full, FULL), _saved(small, SMALL)


def _on_white(found: Image.Image) -> Image.Image:
    """Return the pixels alone, on white where they were transparent."""
    if found.mode == "CMYK":
        return found
    layered = found.convert("RGBA")
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    return flat


def _in_common_colours(found: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the colours that every screen understands; a profile that is broken is left out."""
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            common = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(found, own, common, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            turned = None
        if turned is not None:
            return turned
    return found.convert("RGB")


def _saved(found: Image.Image, size: int) -> bytes:
    flat = Image.new("RGB", found.size)
    flat.paste(found)  # A new picture, so that no comment or profile of the old one is written.
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=_QUALITY[size], optimize=True)
    return written.getvalue()


def _or_refuse(act: Callable[[], tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Telephones write odd metadata, which we leave out.
            return act()
    except Image.DecompressionBombError as problem:
        raise _Refusal(4) from problem
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError) as problem:
        raise _Refusal(3) from problem
    except (MemoryError, EOFError, KeyError, TypeError, AttributeError, IndexError) as problem:
        raise _Refusal(3) from problem


def main() -> int:
    """Draw the photograph on standard input anew; both sizes go to standard output."""
    _confine()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    data = sys.stdin.buffer.read()
    try:
        full, small = _or_refuse(lambda: _drawn(data))
    except _Refusal as refusal:
        return refusal.code
    sys.stdout.buffer.write(_LENGTH.pack(len(full)) + full + small)
    return 0


if __name__ == "__main__":
    sys.exit(main())
