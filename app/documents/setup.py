"""The seal and the time-stamp authority of this installation, from its settings."""

from pathlib import Path

from asn1crypto import x509

from app.config import BadSettings, Settings
from app.documents.seal_checks import Trust
from app.documents.sealer import OneSealer, SealerSource, load_pkcs12, read_certificates
from app.documents.stamping import HttpStampAuthority, StampAuthority
from app.documents.testca import TestAuthority

OLD_TRUST = "old-trust"


def open_sealers(settings: Settings) -> SealerSource:
    """Return the production certificate, or a local authority whose every seal says TEST.

    Raises SealUnusable for a certificate without revocation data.
    """
    if settings.seal_p12_file:
        return OneSealer(load_pkcs12(Path(settings.seal_p12_file), settings.seal_p12_password))
    if settings.is_production:
        raise BadSettings("Production needs NEEDLEPOINT_SEAL_P12_FILE.")
    return TestAuthority(settings.home / "test-ca")


def open_stamp_authority(settings: Settings) -> StampAuthority | None:
    """Return the configured RFC 3161 authority, or None: then documents say "not time-stamped"."""
    if not settings.stamp_url:
        return None
    if not settings.stamp_trust_file:
        raise BadSettings("NEEDLEPOINT_STAMP_URL needs NEEDLEPOINT_STAMP_TRUST_FILE.")
    roots = read_certificates(Path(settings.stamp_trust_file).read_bytes())
    return HttpStampAuthority(settings.stamp_url, roots)


def own_trust(settings: Settings) -> Trust:
    """Return what this installation trusts when it verifies files: its own seals, and old ones.

    Old ones are those of installations from which a clinic was imported with its trust.
    """
    folder = settings.home / "test-ca"
    root = folder / "root.pem"
    lists = [folder / name for name in ("root.crl", "issuing.crl")]
    stamps = [Path(settings.stamp_trust_file)] if settings.stamp_trust_file else []
    old = settings.home / OLD_TRUST
    return Trust(
        roots=_certificates([root, *sorted(old.glob("*/seal-roots.pem"))]),
        stamp_roots=_certificates([*stamps, *sorted(old.glob("*/stamp-roots.pem"))]),
        lists=tuple(
            one.read_bytes() for one in (*lists, *sorted(old.glob("*/*.crl"))) if one.exists()
        ),
    )


def _certificates(files: list[Path]) -> tuple[x509.Certificate, ...]:
    return tuple(
        each for one in files if one.exists() for each in read_certificates(one.read_bytes())
    )
