"""Says of a sealed file what holds, what does not, and what cannot be known. Needs no database.

Made for strangers: the only inputs are the bytes and what the verifier trusts. Files carried inside
are detached and verified in turn.
"""

import asyncio
import io
import logging
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
    read_certification_data,
)
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from app.documents.container import (
    LARGEST_FILE,
    Unreadable,
    claims_conformance,
    detach_files,
    seal_is_packed_tightly,
)
from app.documents.report import Finding, VerificationReport
from app.documents.seal_checks import (
    Trust,
    check_certification,
    check_chain,
    check_coverage,
    check_integrity,
    check_revocation,
    check_stamp,
    fails,
    holds,
    unknown,
)
from app.documents.stamping import machine_time
from app.documents.strict_cms import is_plain_stamp

_MOST_DEPTH = 5
_PDF_START = b"%PDF-"

# A damaged file is a finding in our words; the libraries' own complaints would only stand between.
for _library in ("pypdf", "pyhanko"):
    logging.getLogger(_library).addHandler(logging.NullHandler())
    logging.getLogger(_library).propagate = False


def verify_file(data: bytes, trust: Trust, name: str = "file") -> VerificationReport:
    """Return the report of a sealed PDF and of every file inside; never raises for bad bytes."""
    return _verify(data, trust, name, depth=0)


def _verify(data: bytes, trust: Trust, name: str, depth: int) -> VerificationReport:
    findings = tuple(_findings(data, trust))
    attached, about_files = _verify_attached(data, trust, depth)
    return VerificationReport(
        name=name,
        sha256=sha256(data).hexdigest(),
        findings=(*findings, *about_files),
        attached=attached,
    )


def _findings(data: bytes, trust: Trust) -> Iterator[Finding]:
    if len(data) > LARGEST_FILE or not data.startswith(_PDF_START):
        yield fails("readable", "The file is not a PDF that can be read here.")
        return
    try:
        yield from list(_seal_findings(data, trust))
        yield _conformance_finding(data)
    except Exception:  # Hostile bytes can fail a parser in any way; each is the same verdict.
        yield fails("readable", "The file cannot be read as a sealed PDF: it is damaged.")
        return
    yield unknown(
        "status", "Whether it was withdrawn or replaced since: that is a record, not a seal."
    )


def _seal_findings(data: bytes, trust: Trust) -> Iterator[Finding]:
    reader = PdfFileReader(io.BytesIO(data))
    seals = list(reader.embedded_regular_signatures)
    if len(seals) != 1:
        words = "is not sealed" if not seals else "has more than one seal"
        yield fails("sealed", f"The file {words}.")
        return
    seal = seals[0]
    status = asyncio.run(_status(seal, trust))
    yield from check_integrity(data, seal, status)
    certification = read_certification_data(reader)
    is_author = certification is not None and certification.author_sig == seal.sig_object
    yield check_certification(seal, is_author)
    yield check_coverage(status) or _later_finding(data, reader, seal, status, trust)
    yield from check_chain(status, trust)
    stamp = status.timestamp_validity
    yield check_stamp(stamp, trust, status.signer_reported_dt)
    at = stamp.timestamp if stamp and stamp.trusted else machine_time()
    yield check_revocation(status, trust, _issuer(status), at)


async def _status(seal: EmbeddedPdfSignature, trust: Trust) -> PdfSignatureStatus:
    """Validate at this moment; a certificate that has expired since, at the stamp's moment."""
    status = await _status_at(seal, trust, machine_time())
    stamp = status.timestamp_validity
    if status.intact and not status.trusted and stamp is not None and stamp.trusted:
        return await _status_at(seal, trust, stamp.timestamp)
    return status


async def _status_at(
    seal: EmbeddedPdfSignature, trust: Trust, moment: datetime
) -> PdfSignatureStatus:
    return await async_validate_pdf_signature(
        seal,
        signer_validation_context=_context(trust.roots, moment),
        ts_validation_context=_context(trust.stamp_roots, machine_time()),
    )


def _context(roots: tuple[object, ...], moment: datetime) -> ValidationContext:
    """Trust these roots and nobody else; nothing is fetched."""
    return ValidationContext(
        trust_roots=list(roots), moment=moment, allow_fetching=False, best_signature_time=moment
    )


def _issuer(status: PdfSignatureStatus) -> x509.Certificate | None:
    path = status.validation_path
    if path is None or len(path) < 2:
        return None
    return x509.load_der_x509_certificate(list(path)[-2].dump())


def _later_finding(
    data: bytes,
    reader: PdfFileReader,
    seal: EmbeddedPdfSignature,
    status: PdfSignatureStatus,
    trust: Trust,
) -> Finding:
    """Judge what was added after the seal: archival time stamps pass, nothing else does."""
    added = fails("coverage", "Something was added to the file after it was sealed.")
    stamps = list(reader.embedded_timestamp_signatures)
    if not stamps or not status.docmdp_ok:
        return added
    if status.modification_level is not ModificationLevel.LTA_UPDATES:
        return added
    last = stamps[-1]
    found = asyncio.run(
        async_validate_pdf_timestamp(last, _context(trust.stamp_roots, machine_time()))
    )
    packed = seal_is_packed_tightly(data, last.byte_range, last.pkcs7_content) and is_plain_stamp(
        last.signed_data
    )
    covers = found.coverage is SignatureCoverageLevel.ENTIRE_FILE and packed
    if not (covers and found.valid and found.intact and (found.trusted or not trust.stamp_roots)):
        return added
    first = seal.byte_range[2] + seal.byte_range[3]
    revision = sha256(data[:first]).hexdigest()
    return holds(
        "coverage",
        f"Only an archival time stamp was added; the sealed revision has SHA-256 {revision}.",
    )


def _conformance_finding(data: bytes) -> Finding:
    if claims_conformance(data):
        return holds("claim", "The file says that it is PDF/A-3A and PDF/UA-1.")
    return fails("claim", "The file does not say that it is PDF/A-3A and PDF/UA-1.")


def _verify_attached(
    data: bytes, trust: Trust, depth: int
) -> tuple[tuple[VerificationReport, ...], tuple[Finding, ...]]:
    if not data.startswith(_PDF_START) or len(data) > LARGEST_FILE:
        return (), ()
    try:
        files = detach_files(data)
    except Unreadable:
        return (), (fails("files", "The files inside cannot be read."),)
    sealed = [file for file in files if file.data.startswith(_PDF_START)]
    findings = [
        holds("files", f"It carries “{file.name}”, SHA-256 {file.sha256}.") for file in files
    ]
    if depth >= _MOST_DEPTH and sealed:
        return (), (*findings, unknown("files", "Files inside files inside: too deep to look."))
    inner = tuple(_verify(file.data, trust, file.name, depth + 1) for file in sealed)
    return inner, tuple(findings)
