"""Keys and certificates that seal documents: loaded once, checked once, held in memory.

It is the installation's or the clinic's seal over what a person did, not that person's own
electronic signature. A certificate that nobody could ever look up as withdrawn may not seal.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.documents.errors import SealUnusable
from app.documents.stamping import machine_time

SealingKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_SMALLEST_RSA = 2048


class HeldKeySigner(Signer):
    """Signs with a key that is already in memory; the stock signer parses the key each time."""

    def __init__(
        self, key: SealingKey, certificate: x509.Certificate, chain: Sequence[x509.Certificate]
    ) -> None:
        self._key = key
        is_curve = isinstance(key, ec.EllipticCurvePrivateKey)
        mechanism = "sha256_ecdsa" if is_curve else "sha256_rsa"
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # its __init__ is bare
        store.register_multiple([to_asn1(issuer) for issuer in chain])
        super().__init__(
            signing_cert=to_asn1(certificate),
            cert_registry=store,
            embed_roots=False,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": mechanism}),
        )

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """Sign with SHA-256; a dry run only needs the length."""
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return bytes(144) if dry_run else self._key.sign(data, ec.ECDSA(hashes.SHA256()))
        if dry_run:
            return bytes(self._key.key_size // 8)
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Sealer:
    """What seals: the signer, its certificate with the issuers, and whether it is only a test."""

    signer: HeldKeySigner
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    is_test: bool

    @property
    def certificate_sha256(self) -> bytes:
        return sha256(self.certificate.public_bytes(serialization.Encoding.DER)).digest()


class SealerSource(Protocol):
    """Gives the sealer of a clinic."""

    def sealer_for(self, clinic_id: uuid.UUID, clinic_name: str) -> Sealer:
        """Return the sealer that has to be used for this clinic's documents."""

    def forget(self, clinic_id: uuid.UUID) -> None:
        """Destroy what is kept for this clinic alone; what it sealed can still be verified."""


@dataclass(frozen=True, slots=True)
class OneSealer:
    """One certificate for the whole installation, as production has it."""

    sealer: Sealer

    def sealer_for(self, clinic_id: uuid.UUID, clinic_name: str) -> Sealer:
        """Return the same sealer for every clinic."""
        return self.sealer

    def forget(self, clinic_id: uuid.UUID) -> None:
        """Nothing is kept for one clinic alone."""


def make_sealer(
    key: SealingKey,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    *,
    is_test: bool,
) -> Sealer:
    """Return a sealer; raises SealUnusable where key and certificates may not seal."""
    _check_key(key, certificate)
    _check_purpose(certificate)
    for each in (certificate, *chain):
        _check_revocation_data(each)
    signer = HeldKeySigner(key, certificate, chain)
    return Sealer(signer=signer, certificate=certificate, chain=tuple(chain), is_test=is_test)


def load_pkcs12(path: Path, password: str) -> Sealer:
    """Return the sealer of a PKCS#12 file; raises SealUnusable for anything that may not seal."""
    try:
        kept = pkcs12.load_pkcs12(path.read_bytes(), password.encode())
    except (OSError, ValueError, UnsupportedAlgorithm) as problem:
        raise SealUnusable("The sealing certificate cannot be opened.") from problem
    if kept.key is None or kept.cert is None:
        raise SealUnusable("The sealing file holds no key with a certificate.")
    if not isinstance(kept.key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise SealUnusable("The sealing key is neither RSA nor on a curve.")
    chain = [extra.certificate for extra in kept.additional_certs]
    return make_sealer(kept.key, kept.cert.certificate, chain, is_test=False)


def to_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """Return the same certificate as the PDF library wants it."""
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def read_certificates(pem: bytes) -> tuple[asn1_x509.Certificate, ...]:
    """Return the certificates of a PEM text; raises ValueError if there is none."""
    return tuple(to_asn1(certificate) for certificate in x509.load_pem_x509_certificates(pem))


def _check_key(key: SealingKey, certificate: x509.Certificate) -> None:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    own, named = (
        public.public_bytes(serialization.Encoding.DER, kind)
        for public in (key.public_key(), certificate.public_key())
    )
    if own != named:
        raise SealUnusable("The sealing key does not belong to its certificate.")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < _SMALLEST_RSA:
        raise SealUnusable(f"An RSA sealing key has at least {_SMALLEST_RSA} bits.")


def _check_purpose(certificate: x509.Certificate) -> None:
    now = machine_time()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise SealUnusable("The sealing certificate is not valid today.")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise SealUnusable("The sealing certificate does not say what it is for.") from None
    if not (usage.digital_signature or usage.content_commitment):
        raise SealUnusable("The sealing certificate is not made for signing.")


def _check_revocation_data(certificate: x509.Certificate) -> None:
    if certificate.issuer == certificate.subject:
        return
    if not (_has_crl(certificate) or _has_ocsp(certificate)):
        raise SealUnusable(
            "A sealing certificate names no place where its withdrawal could be looked up."
        )


def _has_crl(certificate: x509.Certificate) -> bool:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return False
    return any(point.full_name for point in points)


def _has_ocsp(certificate: x509.Certificate) -> bool:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return False
    return any(entry.access_method == AuthorityInformationAccessOID.OCSP for entry in access.value)
