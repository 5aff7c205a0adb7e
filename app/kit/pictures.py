"""Uploaded pictures: judged by their first bytes and their size, then drawn anew as a flat PNG.

Nothing of the uploaded file is kept: no metadata, no second frame, no bytes after the picture, no
transparency. It is decoded in a process of its own with little memory and little time, since that
is where a picture made to harm would act.
"""

import io
import resource
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError

MOST_BYTES = 1024 * 1024
MOST_SIDE = 4000
MOST_PIXELS = 8_000_000
FORMATS = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff", "WEBP": b"RIFF"}
_SECONDS = 5
_MEMORY = 512 * 1024 * 1024
_REFUSED = 3


class PictureRefused(ValueError):
    """The file is no picture that is taken; ``reason`` is one sentence for the person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Picture:
    """A flat PNG that we drew, with its size in pixels."""

    png: bytes
    width: int
    height: int


def flatten(data: bytes, *, fit: int, most_bytes: int = MOST_BYTES) -> Picture:
    """Return a picture as a flat PNG that fits a square of ``fit`` pixels; raises PictureRefused.

    Type, bytes and pixels are checked here, before anything is decoded.
    """
    check_picture(data, most_bytes=most_bytes)
    try:
        done = subprocess.run(  # our own module, no shell, and only bytes go in
            [sys.executable, "-I", "-B", str(Path(__file__)), str(fit)],
            input=data,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise PictureRefused("This picture takes too long to open.") from None
    if done.returncode != 0:
        raise PictureRefused("This picture cannot be opened. Save it anew as a PNG and try again.")
    with Image.open(io.BytesIO(done.stdout), formats=["PNG"]) as drawn:
        return Picture(done.stdout, *drawn.size)


def check_picture(data: bytes, *, most_bytes: int = MOST_BYTES) -> None:
    """Refuse by first bytes, length, kind, size in pixels and frames; raises PictureRefused."""
    if len(data) > most_bytes:
        raise PictureRefused(f"The picture is larger than {most_bytes // 1024} kB.")
    if not data.startswith(tuple(FORMATS.values())):
        raise PictureRefused("Choose a PNG, JPEG or WebP picture. SVG drawings are refused.")
    opened = _quietly(lambda: _open(data))
    width, height = opened.size
    frames = int(getattr(opened, "n_frames", 1))
    opened.close()
    if frames > 1:
        raise PictureRefused("Choose a picture that does not move.")
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise PictureRefused(
            f"The picture has {width} by {height} pixels. At most {MOST_SIDE} on a side and"
            f" {MOST_PIXELS // 1_000_000} million together are taken."
        )


def _open(data: bytes) -> Image.Image:
    """Read the head of a file; no pixel is decoded."""
    return Image.open(io.BytesIO(data), formats=list(FORMATS))


def _quietly(act: Callable[[], Image.Image]) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return act()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning) as problem:
        raise PictureRefused("This is no picture that can be opened.") from problem
    except Image.DecompressionBombError as problem:
        raise PictureRefused("The picture has too many pixels.") from problem


def _confine() -> None:
    """Give this process little memory, little time, and no way to write a file."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _draw_anew(data: bytes, fit: int) -> bytes:
    """Return the picture upright, on white, no larger than ``fit``, without anything else in it."""
    turned = ImageOps.exif_transpose(_open(data))
    turned.thumbnail((fit, fit))
    layered = turned.convert("RGBA")
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    written = io.BytesIO()
    flat.save(written, "PNG", optimize=True, pnginfo=PngImagePlugin.PngInfo())
    return written.getvalue()


def main() -> int:
    """Draw the picture on standard input anew; the size to fit is the first argument."""
    _confine()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            drawn = _draw_anew(sys.stdin.buffer.read(), int(sys.argv[1]))
    except (Image.DecompressionBombError, OSError, ValueError, SyntaxError, MemoryError, Warning):
        return _REFUSED
    sys.stdout.buffer.write(drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main())
