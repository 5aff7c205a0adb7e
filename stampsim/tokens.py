"""Answers of RFC 3161: a signed TSTInfo in CMS (RFC 5652) with its certificate named (RFC 5816)."""

import hashlib
from datetime import UTC, datetime

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from stampsim.identity import Identity

# A policy under the arc for examples (2.999): nobody can take it for a real one.
TEST_POLICY = "2.999.3161.1"
_SHA256 = {"algorithm": "sha256"}
_LENGTHS = {"sha256": 32, "sha384": 48, "sha512": 64}


class _Answer(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """TimeStampResp as RFC 3161 has it: a refusal carries no token."""

    _fields = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class RequestRefused(Exception):
    """The request cannot be stamped; ``reason`` is a bit name of PKIFailureInfo."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_request(body: bytes) -> tsp.TimeStampReq:
    """Return the parsed request; raises RequestRefused for anything that is not one."""
    try:
        request = tsp.TimeStampReq.load(body, strict=True)
        algorithm = request["message_imprint"]["hash_algorithm"]["algorithm"].native
        imprint = request["message_imprint"]["hashed_message"].native
        version = request["version"].native
    except (ValueError, TypeError, KeyError) as problem:
        raise RequestRefused("bad_data_format") from problem
    if algorithm not in _LENGTHS:
        raise RequestRefused("bad_alg")
    if version != "v1" or len(imprint) != _LENGTHS[algorithm]:
        raise RequestRefused("bad_request")
    return request


def grant(
    request: tsp.TimeStampReq, identity: Identity, serial: int, at: datetime | None = None
) -> bytes:
    """Return the DER of a granted answer; the time is this machine's clock unless given."""
    info = {
        "version": "v1",
        "policy": TEST_POLICY,
        "message_imprint": request["message_imprint"],
        "serial_number": serial,
        "gen_time": (at or datetime.now(UTC)).replace(microsecond=0),
        "accuracy": {"seconds": 1},
        "ordering": False,
    }
    if request["nonce"].native is not None:
        info["nonce"] = request["nonce"].native
    token = _sign(tsp.TSTInfo(info).dump(), identity)
    answer = _Answer({"status": {"status": "granted"}, "time_stamp_token": token})
    return bytes(answer.dump())


def refuse(reason: str) -> bytes:
    """Return the DER of a rejection."""
    status = {"status": "rejection", "fail_info": {reason}}
    return bytes(_Answer({"status": status}).dump())


def _sign(content: bytes, identity: Identity) -> cms.ContentInfo:
    certificate = _to_asn1(identity.certificate)
    attributes = _signed_attributes(content, certificate)
    to_sign = attributes.untag().dump()
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                {"issuer": certificate.issuer, "serial_number": certificate.serial_number},
            ),
            "digest_algorithm": _SHA256,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": identity.key.sign(to_sign, ec.ECDSA(hashes.SHA256())),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [_SHA256],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _signed_attributes(content: bytes, certificate: asn1_x509.Certificate) -> cms.CMSAttributes:
    certificate_id = tsp.ESSCertIDv2(
        {
            "hash_algorithm": algos.DigestAlgorithm(_SHA256),
            "cert_hash": hashlib.sha256(certificate.dump()).digest(),
        }
    )
    signing_certificate = tsp.SigningCertificateV2({"certs": [certificate_id]})
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute(
                {"type": "message_digest", "values": [hashlib.sha256(content).digest()]}
            ),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [signing_certificate]}),
        ]
    )


def _to_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
