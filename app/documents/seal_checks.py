"""The checks of one seal: each turns a fact about the signature into a finding in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import (
    PdfSignatureStatus,
    SignatureCoverageLevel,
    TimestampSignatureStatus,
)

from app.documents.container import seal_is_packed_tightly
from app.documents.report import Finding, Verdict
from app.documents.strict_cms import is_plain_seal
from app.documents.wording import moment_in_words

_TEST_WORD = "TEST"


@dataclass(frozen=True, slots=True)
class Trust:
    """What a verifier brings: roots for seals, roots for stamps, revocation lists (DER)."""

    roots: tuple[asn1_x509.Certificate, ...] = ()
    stamp_roots: tuple[asn1_x509.Certificate, ...] = ()
    lists: tuple[bytes, ...] = ()


def holds(check: str, text: str) -> Finding:
    return Finding(check, Verdict.HOLDS, text)


def fails(check: str, text: str) -> Finding:
    return Finding(check, Verdict.FAILS, text)


def unknown(check: str, text: str) -> Finding:
    return Finding(check, Verdict.UNKNOWN, text)


def check_integrity(
    data: bytes, seal: EmbeddedPdfSignature, status: PdfSignatureStatus
) -> Iterator[Finding]:
    """Whether the sealed bytes are the bytes of now, and the signature's own parts are in order."""
    if status.intact and status.valid:
        yield holds("intact", "The seal is intact: no byte that it covers was changed.")
    else:
        yield fails("intact", "The seal is broken: the file was changed after it was sealed.")
    tight = seal_is_packed_tightly(data, seal.byte_range, seal.pkcs7_content)
    if not (tight and is_plain_seal(seal.signed_data)):
        yield fails("packing", "The signature holds something that does not belong there.")


def check_certification(seal: EmbeddedPdfSignature, is_author_seal: bool) -> Finding:
    """Whether the seal forbids every later change."""
    if is_author_seal and seal.docmdp_level is MDPPerm.NO_CHANGES:
        return holds("certified", "The file is certified: no changes are allowed after the seal.")
    return fails("certified", "The seal does not forbid later changes.")


def check_coverage(status: PdfSignatureStatus) -> Finding | None:
    """Whether the seal covers the whole file; None where a later revision has to be judged."""
    if status.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return holds("coverage", "The seal covers the whole file; nothing was added after it.")
    if status.coverage is SignatureCoverageLevel.ENTIRE_REVISION:
        return None
    return fails("coverage", "The seal covers only a part of the file.")


def check_chain(status: PdfSignatureStatus, trust: Trust) -> Iterator[Finding]:
    """Whose seal it is, and whether a trusted root vouches for that."""
    name = _common_name(status.signing_cert)
    if not trust.roots:
        yield unknown("chain", f"Whether “{name}” may be believed: no trusted root was given.")
    elif status.trusted:
        yield holds("chain", f"A trusted root vouches for the sealer, “{name}”.")
    else:
        yield fails("chain", f"No trusted root vouches for the sealer, “{name}”.")
    if _TEST_WORD in str(status.signing_cert.subject.human_friendly):
        yield unknown(
            "test", "The certificate is marked TEST: it proves nothing outside of a test."
        )


def check_revocation(
    status: PdfSignatureStatus, trust: Trust, issuer: x509.Certificate | None, at: datetime
) -> Finding:
    """Whether the sealer's certificate was withdrawn before the seal was made."""
    serial = status.signing_cert.serial_number
    for der in trust.lists:
        known = _list_of(der, issuer)
        if known is None:
            continue
        entry = known.get_revoked_certificate_by_serial_number(serial)
        day = _words(known.last_update_utc)
        if entry is None:
            return holds("revocation", f"The certificate was not withdrawn: list of {day}.")
        when = _words(entry.revocation_date_utc)
        if entry.revocation_date_utc <= at:
            return fails("revocation", f"The certificate was withdrawn before, on {when}.")
        return holds("revocation", f"The certificate was withdrawn only later, on {when}.")
    return unknown(
        "revocation", "Whether the certificate was withdrawn: no current list was given."
    )


def check_stamp(
    stamp: TimestampSignatureStatus | None, trust: Trust, own_word: datetime | None
) -> Finding:
    """Whether an independent authority attests the time, and whose word it is otherwise."""
    if stamp is None:
        said = f" The sealer's own clock says {_words(own_word)}." if own_word else ""
        return unknown("stamp", f"When it was sealed: the file is not time-stamped.{said}")
    name, at = _common_name(stamp.signing_cert), _words(stamp.timestamp)
    if not (stamp.valid and stamp.intact):
        return fails("stamp", "The time stamp is broken.")
    if not trust.stamp_roots:
        return unknown("stamp", f"Whether it was sealed by {at}: “{name}” says so, no root given.")
    if not stamp.trusted:
        return fails("stamp", f"The time stamp of “{name}” comes from nobody who is trusted.")
    return holds("stamp", f"It existed on {at}: stamped by “{name}”.")


def _list_of(der: bytes, issuer: x509.Certificate | None) -> x509.CertificateRevocationList | None:
    """Return a list if this issuer signed it and it is current enough to tell anything."""
    try:
        known = x509.load_der_x509_crl(der)
    except ValueError:
        return None
    if issuer is None or known.issuer != issuer.subject:
        return None
    key = issuer.public_key()
    return known if known.is_signature_valid(key) else None  # type: ignore[arg-type]  # any kind


def _common_name(certificate: asn1_x509.Certificate) -> str:
    return str(certificate.subject.native.get("common_name", "without a name"))


def _words(at: datetime) -> str:
    return moment_in_words(at.astimezone(UTC), "UTC")
