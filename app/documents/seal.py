"""Sealing: one signature, certified, no changes allowed, covering the whole file (PAdES).

With the authority's verified stamp inside it is PAdES-B-T. Where the authority is down, slow or
lies, the file is sealed all the same and the state says so; a time is never made up.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from asn1crypto import cms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import (
    PdfSignatureMetadata,
    PdfSigner,
    PdfSigningSession,
    PdfTimeStamper,
)
from pyhanko.sign.timestamps import TimeStamper

from app.documents.errors import SealFailed, StampRefused
from app.documents.sealer import Sealer
from app.documents.stamp_state import StampState
from app.documents.stamping import Stamp, StampAuthority
from app.kit import clock

FIELD = "Seal"
# Hexadecimal digits kept free for the CMS: certificates, signature and, where given, the token.
_ROOM = 16_000
_ROOM_FOR_STAMP = 16_000
_NO_AUTHORITY = "No time-stamp authority is configured."


@dataclass(frozen=True, slots=True)
class SealedPdf:
    """A sealed file, revision 1: never to be changed again.

    ``sealed_at`` is our own clock's word. ``stamped_at`` and ``authority`` are the authority's, or
    None; then ``stamp_reason`` is one sentence why.
    """

    data: bytes
    sha256: str
    sealed_at: datetime
    stamp: StampState
    stamp_reason: str | None
    stamped_at: datetime | None
    authority: str | None
    certificate_sha256: bytes


class _Stamper(TimeStamper):
    """Hands our verified stamp to the PDF library and remembers it."""

    def __init__(self, authority: StampAuthority) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library left it bare
        self._authority = authority
        self.stamp: Stamp | None = None

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        self.stamp = await self._authority.request_stamp(message_digest)
        return self.stamp.token


class _DatedSigner(PdfSigner):
    """Writes the product's clock into the signature's own time entry."""

    def __init__(self, sealer: Sealer, at: datetime, stamper: TimeStamper | None) -> None:
        metadata = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            subfilter=SigSeedSubFilter.PADES,
        )
        super().__init__(metadata, sealer.signer, timestamper=stamper)
        self._at = at

    def init_signing_session(self, *values: Any, **named: Any) -> PdfSigningSession:
        session = super().init_signing_session(*values, **named)
        session.system_time = self._at
        return session


def seal_pdf(pdf: bytes, sealer: Sealer, authority: StampAuthority | None) -> SealedPdf:
    """Seal a finished PDF once, with a stamp if one can be had; raises SealFailed.

    Takes at most about two seconds longer than without an authority.
    """
    at = clock.now().astimezone(UTC).replace(microsecond=0)
    if authority is None:
        return _sealed(_sign(pdf, sealer, at, None), sealer, at, None, _NO_AUTHORITY)
    stamper = _Stamper(authority)
    try:
        return _sealed(_sign(pdf, sealer, at, stamper), sealer, at, stamper.stamp, None)
    except StampRefused as refusal:
        return _sealed(_sign(pdf, sealer, at, None), sealer, at, None, refusal.reason)


def add_archival_stamp(sealed: bytes, authority: StampAuthority) -> bytes:
    """Return a derived rendition with a document time stamp; ``sealed`` is its byte prefix.

    :raise StampRefused: the authority is still not to be had
    :raise SealFailed: the file cannot be extended
    """
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
        output = PdfTimeStamper(_Stamper(authority)).timestamp_pdf(
            writer, "sha256", bytes_reserved=_ROOM_FOR_STAMP
        )
    except (SigningError, PdfError, ValueError) as problem:
        raise SealFailed("The archival time stamp could not be added.") from problem
    rendition = bytes(output.getvalue())
    if not rendition.startswith(sealed):
        raise SealFailed("The archival rendition does not begin with the sealed file.")
    return rendition


def _sign(pdf: bytes, sealer: Sealer, at: datetime, stamper: TimeStamper | None) -> bytes:
    room = _ROOM + (_ROOM_FOR_STAMP if stamper else 0)
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        output = _DatedSigner(sealer, at, stamper).sign_pdf(writer, bytes_reserved=room)
        return bytes(output.getvalue())
    except (SigningError, PdfError, ValueError) as problem:
        raise SealFailed("The document could not be sealed.") from problem


def _sealed(
    data: bytes, sealer: Sealer, at: datetime, stamp: Stamp | None, reason: str | None
) -> SealedPdf:
    return SealedPdf(
        data=data,
        sha256=sha256(data).hexdigest(),
        sealed_at=at,
        stamp=StampState.STAMPED if stamp else StampState.NOT_STAMPED,
        stamp_reason=reason,
        stamped_at=stamp.at if stamp else None,
        authority=stamp.authority if stamp else None,
        certificate_sha256=sealer.certificate_sha256,
    )
