"""Reading sealed files that strangers hand in: the seal's place, the claims, what is inside.

Everything here treats the bytes as hostile: sizes are bounded and every failure is one exception.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from pypdf import PdfReader, apply_configuration
from pypdf.generic import StreamObject

from app.documents.strict_cms import is_tidy, value_length

LARGEST_FILE = 64 * 1024 * 1024
MOST_ATTACHED = 50


class Unreadable(Exception):
    """The bytes are not a PDF that can be read."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file carried inside, exactly as it was put there."""

    name: str
    data: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


@contextmanager
def _hostile_reading() -> Iterator[None]:
    """Read as it stands or not at all.

    The library would mend a damaged stream byte by byte and a damaged object word by word, which
    takes a minute of a processor for one small file and hands out what nobody put there.
    """
    try:
        with apply_configuration(zlib_maximum_recovery_input_length=0):
            yield
    except Exception as problem:  # Hostile bytes can fail a parser in any way.
        raise Unreadable("the file is damaged") from problem


def open_pdf(data: bytes) -> PdfReader:
    """Return a reader of a PDF that mends nothing; raises Unreadable."""
    with _hostile_reading():
        return PdfReader(io.BytesIO(data), strict=True)


def detach_files(data: bytes) -> tuple[AttachedFile, ...]:
    """Return every file carried inside a PDF, bit for bit; raises Unreadable."""
    return files_of(open_pdf(data))


def files_of(reader: PdfReader) -> tuple[AttachedFile, ...]:
    """Return every file carried inside an opened PDF, bit for bit; raises Unreadable."""
    with _hostile_reading():
        found = [
            AttachedFile(name=name, data=bytes(content))
            for name, contents in reader.attachments.items()
            for content in contents
        ]
    if len(found) > MOST_ATTACHED:
        raise Unreadable("more files inside than will be looked at")
    return tuple(found)


def claims_conformance(data: bytes) -> bool:
    """Whether the file says of itself that it is PDF/A-3A and PDF/UA-1; raises Unreadable."""
    with _hostile_reading():
        root = open_pdf(data).root_object
        metadata = root["/Metadata"].get_object()
        if not isinstance(metadata, StreamObject):
            return False
        xmp = metadata.get_data()
    wanted = (
        rb"pdfaid:part(=\"3\"|>3<)",
        rb"pdfaid:conformance(=\"A\"|>A<)",
        rb"pdfuaid:part(=\"1\"|>1<)",
    )
    return all(re.search(pattern, xmp) for pattern in wanted)


def seal_is_packed_tightly(data: bytes, byte_range: Sequence[int], contents: bytes) -> bool:
    """Whether the gap in the signed bytes holds the signature and nothing else.

    The gap is the only part of a file that the signature does not cover, so it may hold the DER in
    hexadecimal of one case and zeros, and not one other byte.
    """
    if len(byte_range) != 4:
        return False
    start, length, after, _rest = byte_range
    gap = data[start + length : after]
    if start != 0 or gap[:1] != b"<" or gap[-1:] != b">":
        return False
    try:
        used = contents[: value_length(contents)]
    except IndexError:
        return False
    digits = gap[1:-1]
    packed = used.hex() + "0" * (len(digits) - 2 * len(used))
    return is_tidy(used) and digits in {packed.encode(), packed.upper().encode()}
