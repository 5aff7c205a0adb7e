"""Only a certificate that says what it is for and can be looked up as withdrawn may seal."""

import stat
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from app.documents.errors import SealUnusable
from app.documents.report import Verdict
from app.documents.seal import seal_pdf
from app.documents.seal_checks import Trust
from app.documents.sealer import OneSealer, load_pkcs12, read_certificates
from app.documents.testca import TestAuthority
from app.documents.verify import verify_file

LIST = x509.CRLDistributionPoints(
    [
        x509.DistributionPoint(
            [x509.UniformResourceIdentifier("http://127.0.0.1/list.crl")], None, None, None
        )
    ]
)
OCSP = x509.AuthorityInformationAccess(
    [
        x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP,
            x509.UniformResourceIdentifier("http://127.0.0.1/ocsp"),
        )
    ]
)


def usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(signs, False, not signs, False, False, False, False, False, False)


def write_p12(path: Path, *extensions: x509.ExtensionType, key=None, days: int = 10) -> Path:
    """Write a PKCS#12 file with the password "secret"."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    issuer_key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Clinic")])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuer")])
    start = datetime.now(UTC) - timedelta(days=20)
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), 7, start, start + timedelta(days=20 + days)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    certificate = builder.sign(issuer_key, hashes.SHA256())
    secret = serialization.BestAvailableEncryption(b"secret")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, secret))
    return path


class TestLoadPkcs12:
    @pytest.mark.parametrize("place", [LIST, OCSP])
    def test_a_certificate_with_revocation_data_seals(self, tmp_path, rendered, place):
        sealer = load_pkcs12(write_p12(tmp_path / "k.p12", usage(signs=True), place), "secret")

        done = seal_pdf(rendered.data, OneSealer(sealer).sealer_for(uuid.uuid4(), "x"), None)

        assert not sealer.is_test
        assert verify_file(done.data, Trust()).verdict_of("intact") is Verdict.HOLDS

    def test_an_rsa_key_seals_too(self, tmp_path, rendered):
        key = rsa.generate_private_key(65537, 2048)
        path = write_p12(tmp_path / "k.p12", usage(signs=True), LIST, key=key)

        done = seal_pdf(rendered.data, load_pkcs12(path, "secret"), None)

        assert verify_file(done.data, Trust()).verdict_of("intact") is Verdict.HOLDS

    def test_one_without_revocation_data_is_refused(self, tmp_path):
        with pytest.raises(SealUnusable, match="withdrawal could be looked up"):
            load_pkcs12(write_p12(tmp_path / "k.p12", usage(signs=True)), "secret")

    def test_one_that_has_expired_is_refused(self, tmp_path):
        path = write_p12(tmp_path / "k.p12", usage(signs=True), LIST, days=-1)

        with pytest.raises(SealUnusable, match="not valid today"):
            load_pkcs12(path, "secret")

    def test_one_for_another_purpose_is_refused(self, tmp_path):
        with pytest.raises(SealUnusable, match="not made for signing"):
            load_pkcs12(write_p12(tmp_path / "k.p12", usage(signs=False), LIST), "secret")

    def test_one_that_does_not_say_its_purpose_is_refused(self, tmp_path):
        with pytest.raises(SealUnusable, match="what it is for"):
            load_pkcs12(write_p12(tmp_path / "k.p12", LIST), "secret")

    def test_another_kind_of_key_is_refused(self, tmp_path):
        key = ed25519.Ed25519PrivateKey.generate()
        path = write_p12(tmp_path / "k.p12", usage(signs=True), LIST, key=key)

        with pytest.raises(SealUnusable, match="neither RSA nor on a curve"):
            load_pkcs12(path, "secret")

    def test_a_weak_rsa_key_is_refused(self, tmp_path):
        key = rsa.generate_private_key(65537, 1024)  # noqa: S505 -- weak on purpose
        path = write_p12(tmp_path / "k.p12", usage(signs=True), LIST, key=key)

        with pytest.raises(SealUnusable, match="at least 2048 bits"):
            load_pkcs12(path, "secret")

    def test_a_wrong_password_is_refused_without_telling_it(self, tmp_path):
        path = write_p12(tmp_path / "k.p12", usage(signs=True), LIST)

        with pytest.raises(SealUnusable, match="cannot be opened") as caught:
            load_pkcs12(path, "guess-1234")

        assert "guess" not in str(caught.value)

    def test_a_missing_file_is_refused(self, tmp_path):
        with pytest.raises(SealUnusable, match="cannot be opened"):
            load_pkcs12(tmp_path / "none.p12", "secret")


class TestTestAuthority:
    def test_keys_are_for_the_owner_only(self, authority, sealer):
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode) for path in authority.folder.iterdir()
        }
        open_ones = {"root.pem", "root.crl", "issuing.crl"}

        assert {mode for name, mode in modes.items() if name not in open_ones} == {0o600}
        assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700

    def test_a_second_start_keeps_root_and_certificates(self, tmp_path):
        clinic = uuid.uuid4()
        first = TestAuthority(tmp_path / "ca")
        one = first.sealer_for(clinic, "A")

        again = TestAuthority(tmp_path / "ca")

        assert again.root_pem == first.root_pem
        assert again.sealer_for(clinic, "A").certificate_sha256 == one.certificate_sha256

    def test_each_clinic_has_its_own_certificate_marked_test(self, authority):
        one = authority.sealer_for(uuid.uuid4(), "Thistle")
        two = authority.sealer_for(uuid.uuid4(), "Thistle")

        assert one.certificate_sha256 != two.certificate_sha256
        assert "TEST Thistle" in one.certificate.subject.rfc4514_string()
        assert one.is_test

    def test_a_name_longer_than_a_certificate_takes_is_cut(self, authority):
        assert authority.sealer_for(uuid.uuid4(), "Ünïcode " * 40).certificate

    def test_a_withdrawn_certificate_is_found_in_the_list(self, tmp_path, rendered):
        clinic = uuid.uuid4()
        own = TestAuthority(tmp_path / "ca")
        done = seal_pdf(rendered.data, own.sealer_for(clinic, "A"), None)

        own.revoke(clinic)

        trust = Trust(roots=read_certificates(own.root_pem), lists=own.lists)
        report = verify_file(done.data, trust)
        assert report.verdict_of("revocation") is Verdict.FAILS
        assert not report.holds
