"""Scanned pages: photographs or a scanner's PDF, each page drawn anew as a flat JPEG.

Nothing of the uploaded file is kept: no metadata, no place where it was taken, no script. It is
opened in a process of its own with little memory and little time. A PDF is taken as what a scanner
makes: one picture a page; text or drawings of its own would not be what somebody signed.
"""

import io
import resource
import struct
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pi_heif
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader

MOST_BYTES = 20 * 1024 * 1024
MOST_PAGES = 20
MOST_PIXELS = 60_000_000
FITS = 2000
QUALITY = 70
_PDF, _JPEG, _PNG = b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_HEIC = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"})
_SECONDS, _MEMORY = 30, 1024 * 1024 * 1024
_REFUSED = 3


class ScanRefused(ValueError):
    """The file is no scan that is taken; ``reason`` is one sentence for the person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def pages_of_scan(data: bytes) -> tuple[bytes, ...]:
    """Return each page of an uploaded file as a JPEG that we drew; raises ScanRefused."""
    if len(data) > MOST_BYTES:
        raise ScanRefused(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
    if kind_of_scan(data) is None:
        raise ScanRefused("Choose a PDF from a scanner, or JPEG, PNG or HEIC photographs.")
    try:
        done = subprocess.run(  # our own module, no shell, and only bytes go in
            [sys.executable, "-I", "-B", str(Path(__file__))],
            input=data,
            capture_output=True,
            timeout=_SECONDS * 2,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise ScanRefused("This file takes too long to open.") from None
    if done.returncode == _REFUSED:
        raise ScanRefused(done.stderr.decode(errors="replace").strip()[:200])
    if done.returncode != 0:
        raise ScanRefused("This file cannot be opened. Photograph the pages and try again.")
    return tuple(_split(done.stdout))


def kind_of_scan(data: bytes) -> str | None:
    """Return what a file is by its first bytes: "pdf", "jpeg", "png", "heic" or None."""
    if data.startswith(_PDF):
        return "pdf"
    if data.startswith(_JPEG):
        return "jpeg"
    if data.startswith(_PNG):
        return "png"
    return "heic" if data[4:8] == b"ftyp" and data[8:12] in _HEIC else None


def _split(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


class _Refusal(Exception):
    """What the process of its own says to the person."""


def _confine() -> None:
    """Give this process little memory, little time, and no way to write a file."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _pictures(data: bytes) -> Iterator[Image.Image]:
    kind = kind_of_scan(data)
    if kind == "pdf":
        yield from _pictures_of_pdf(data)
        return
    if kind == "heic":
        pi_heif.register_heif_opener()
    yield _opened(data)


def _pictures_of_pdf(data: bytes) -> Iterator[Image.Image]:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise _Refusal("This PDF is locked. Scan the pages without a password.")
    if len(reader.pages) > MOST_PAGES:
        raise _Refusal(f"This PDF has more than {MOST_PAGES} pages.")
    for number, page in enumerate(reader.pages, start=1):
        if (page.extract_text() or "").strip():
            raise _Refusal(
                f"Page {number} of this PDF holds typed text, so that it is no plain scan."
                " Photograph the signed pages instead."
            )
        names = list(page.images.keys())
        if len(names) != 1:
            raise _Refusal(f"Page {number} of this PDF is not one scanned picture.")
        yield _opened(page.images[names[0]].data).rotate(-page.rotation, expand=True)


def _opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise _Refusal("A page has too many pixels. Scan it with 300 dots per inch at most.")
    if int(getattr(picture, "n_frames", 1)) > 1 and picture.format != "HEIF":
        raise _Refusal("Send one picture for each page.")
    return picture


def _drawn_anew(picture: Image.Image) -> bytes:
    """Return the page upright, on white, and no larger than is needed to read it."""
    turned = ImageOps.exif_transpose(picture)
    turned.thumbnail((FITS, FITS))
    layered = turned.convert("RGBA")
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


def main() -> int:
    """Write each page of the file on standard input to standard output, its length before it."""
    _confine()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            drawn = [_drawn_anew(one) for one in _pictures(sys.stdin.buffer.read())]
    except _Refusal as refusal:
        sys.stderr.write(str(refusal))
        return _REFUSED
    except (UnidentifiedImageError, Image.DecompressionBombError, Warning):
        sys.stderr.write("This file cannot be opened. Photograph the pages and try again.")
        return _REFUSED
    for page in drawn:
        sys.stdout.buffer.write(struct.pack(">I", len(page)) + page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
