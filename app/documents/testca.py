"""A certificate authority for the demo and the tests: root, issuer, one certificate per clinic.

Everything that it makes says TEST. The keys lie in a folder that only its owner can read; the
revocation lists beside them are what a verifier may be given.
"""

import os
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.documents.errors import SealUnusable
from app.documents.sealer import Sealer, make_sealer
from app.documents.stamping import machine_time

_ORGANISATION = "TEST – not for real use"
_CA_YEARS = 20
_CLINIC_YEARS = 5
_LIST_DAYS = 30
# X.520 allows 64; the library counts them in bytes of UTF-8.
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class _Holder:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class TestAuthority:
    """Opens or makes the authority in a folder. ``list_address`` is where its lists are served.

    Files: ``root.pem`` to be trusted, ``root.crl`` and ``issuing.crl`` (DER) to be handed out; the
    other files hold keys (mode 0600) and are handed to nobody.
    """

    __test__ = False  # Its name begins like a test's; it is none.

    def __init__(self, folder: Path, list_address: str = "http://127.0.0.1:8000/test-ca") -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._list_address = list_address.rstrip("/")
        self._root = self._open("root-key.pem", self._make_root)
        self._issuer = self._open("issuing-key.pem", self._make_issuer)
        _write(folder / "root.pem", self.root_pem, 0o644)
        self._write_lists()

    @property
    def root_pem(self) -> bytes:
        return self._root.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def lists(self) -> tuple[bytes, bytes]:
        """The revocation lists of the root and of the issuer, in DER."""
        return (self.folder / "root.crl").read_bytes(), (self.folder / "issuing.crl").read_bytes()

    def sealer_for(self, clinic_id: uuid.UUID, clinic_name: str) -> Sealer:
        """Return the clinic's sealer, made on first use and kept."""
        holder = self._open(f"clinic-{clinic_id}.pem", lambda: self._make_clinic(clinic_name))
        chain = (self._issuer.certificate, self._root.certificate)
        return make_sealer(holder.key, holder.certificate, chain, is_test=True)

    def forget(self, clinic_id: uuid.UUID) -> None:
        """Destroy the clinic's key and certificate; done before, nothing happens."""
        (self.folder / f"clinic-{clinic_id}.pem").unlink(missing_ok=True)

    def revoke(self, clinic_id: uuid.UUID) -> None:
        """Withdraw a clinic's certificate from this moment on."""
        holder = _read((self.folder / f"clinic-{clinic_id}.pem").read_bytes())
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(holder.certificate.serial_number)
            .revocation_date(machine_time())
            .build()
        )
        known = x509.load_der_x509_crl((self.folder / "issuing.crl").read_bytes())
        _write(self.folder / "issuing.crl", _list(self._issuer, [*known, entry]), 0o644)

    def _open(self, name: str, make: Callable[[], _Holder]) -> _Holder:
        """Return what a file keeps; where two processes start at once, the first one's stays."""
        path = self.folder / name
        if not path.exists():
            _write(path, _pem(make()), 0o600, keep_existing=True)
        return _read(path.read_bytes())

    def _make_root(self) -> _Holder:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("TEST Needlepoint root")
        builder = _builder(name, name, key, _CA_YEARS)
        return _Holder(key, _as_authority(builder, 1).sign(key, hashes.SHA256()))

    def _make_issuer(self) -> _Holder:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _as_authority(
            _builder(
                _name("TEST Needlepoint issuing authority"),
                self._root.certificate.subject,
                key,
                _CA_YEARS,
            ),
            0,
        )
        return _Holder(key, self._sign(builder, self._root, "root.crl"))

    def _make_clinic(self, clinic_name: str) -> _Holder:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"TEST {clinic_name}".encode()[:_LONGEST_NAME].decode(errors="ignore"))
        builder = (
            _builder(name, self._issuer.certificate.subject, key, _CLINIC_YEARS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(seals=True), critical=True)
        )
        return _Holder(key, self._sign(builder, self._issuer, "issuing.crl"))

    def _sign(
        self, builder: x509.CertificateBuilder, issuer: _Holder, list_name: str
    ) -> x509.Certificate:
        address = x509.UniformResourceIdentifier(f"{self._list_address}/{list_name}")
        point = x509.DistributionPoint(
            full_name=[address], relative_name=None, reasons=None, crl_issuer=None
        )
        issuer_key = issuer.key.public_key()
        return (
            builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
            )
            .add_extension(x509.CRLDistributionPoints([point]), critical=False)
            .sign(issuer.key, hashes.SHA256())
        )

    def _write_lists(self) -> None:
        """Renew a list that is missing or has less than half of its time left."""
        for holder, name in ((self._root, "root.crl"), (self._issuer, "issuing.crl")):
            path = self.folder / name
            entries: list[x509.RevokedCertificate] = []
            if path.exists():
                known = x509.load_der_x509_crl(path.read_bytes())
                until = known.next_update_utc
                if until and until - machine_time() > timedelta(days=_LIST_DAYS / 2):
                    continue
                entries = list(known)
            _write(path, _list(holder, entries), 0o644)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, years: int
) -> x509.CertificateBuilder:
    start = machine_time().replace(microsecond=0) - timedelta(days=1)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=start,
        not_valid_after=start + timedelta(days=365 * years),
    ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _as_authority(builder: x509.CertificateBuilder, path_length: int) -> x509.CertificateBuilder:
    return builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=path_length), critical=True
    ).add_extension(_usage(seals=False), critical=True)


def _usage(*, seals: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=seals,
        content_commitment=seals,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not seals,
        crl_sign=not seals,
        encipher_only=False,
        decipher_only=False,
    )


def _list(holder: _Holder, entries: list[x509.RevokedCertificate]) -> bytes:
    now = machine_time().replace(microsecond=0)
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=holder.certificate.subject,
        last_update=now,
        next_update=now + timedelta(days=_LIST_DAYS),
        revoked_certificates=entries,
    ).add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
    key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(holder.key.public_key())
    signed = builder.add_extension(key_id, critical=False).sign(holder.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


def _pem(holder: _Holder) -> bytes:
    key = holder.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key + holder.certificate.public_bytes(serialization.Encoding.PEM)


def _read(pem: bytes) -> _Holder:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SealUnusable("A kept test key is not on a curve.")
    return _Holder(key, x509.load_pem_x509_certificate(pem))


def _write(path: Path, data: bytes, mode: int, *, keep_existing: bool = False) -> None:
    """Write a file as a whole or not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        if keep_existing:
            os.link(part, path)
        else:
            part.replace(path)
    except FileExistsError:
        return
    finally:
        part.unlink(missing_ok=True)
