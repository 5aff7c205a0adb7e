"""The client of a time-stamp authority (RFC 3161) that believes nothing unchecked.

An answer counts only if it is granted, names our imprint and our nonce, tells about the machine's
own time, is signed, and chains to a configured root. The whole exchange has one deadline, so that a
slow authority cannot hold up a person who is signing.
"""

import hmac
import http.client
import secrets
import socket
import ssl
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from app.documents.errors import StampRefused

TIMEOUT_SECONDS = 2.0
LARGEST_ANSWER = 64 * 1024
FURTHEST_OFF_SECONDS = 300


class _Answer(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """TimeStampResp as RFC 3161 has it: a refusal carries no token."""

    _fields = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A verified token: its CMS, the authority's time, and the authority's name."""

    token: cms.ContentInfo
    at: datetime
    authority: str


class StampAuthority(Protocol):
    """Whoever attests that a hash existed at a time."""

    async def request_stamp(self, imprint: bytes) -> Stamp:
        """Return a verified stamp for a SHA-256; raises StampRefused within two seconds or so."""


def machine_time() -> datetime:
    """Return the real time: certificates and stamps live in it even where our clock is set."""
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass(frozen=True, slots=True)
class HttpStampAuthority:
    """An authority behind a URL, trusted through ``roots`` and nothing else."""

    url: str
    roots: tuple[asn1_x509.Certificate, ...]
    timeout_seconds: float = TIMEOUT_SECONDS

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the time-stamp authority needs an http or https address")
        if not self.roots:
            raise ValueError("the time-stamp authority needs a trusted root")

    async def request_stamp(self, imprint: bytes) -> Stamp:
        """See :class:`StampAuthority`."""
        nonce = secrets.randbits(63) | 1
        request = tsp.TimeStampReq(
            {
                "version": "v1",
                "message_imprint": {
                    "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                    "hashed_message": imprint,
                },
                "nonce": nonce,
                "cert_req": True,
            }
        )
        return await check_answer(self._post(request.dump()), imprint, nonce, self.roots)

    def _post(self, body: bytes) -> bytes:
        parts = urlsplit(self.url)
        connection = self._connection()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        deadline: threading.Timer | None = None
        try:
            connection.connect()
            deadline = threading.Timer(self.timeout_seconds, _hang_up, [connection.sock])
            deadline.daemon = True
            deadline.start()
            headers = {"Content-Type": "application/timestamp-query"}
            connection.request("POST", path, body=body, headers=headers)
            with closing(connection.getresponse()) as response:
                answer = response.read(LARGEST_ANSWER + 1)
                is_whole = response.isclosed()
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise StampRefused("The time-stamp authority did not answer in time.") from problem
        finally:
            if deadline is not None:
                deadline.cancel()
            connection.close()
        if response.status != http.HTTPStatus.OK or not is_whole:
            raise StampRefused("The time-stamp authority answered with an error.")
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return http.client.HTTPSConnection(
                host,
                parts.port,
                timeout=self.timeout_seconds,
                context=ssl.create_default_context(),
            )
        return http.client.HTTPConnection(host, parts.port, timeout=self.timeout_seconds)


def _hang_up(connected: socket.socket) -> None:
    """End a connection from another thread, which wakes the one that waits for an answer."""
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


async def check_answer(
    answer: bytes, imprint: bytes, nonce: int, roots: tuple[asn1_x509.Certificate, ...]
) -> Stamp:
    """Return the stamp in an answer; raises StampRefused with what is wrong with it."""
    try:
        response = _Answer.load(answer, strict=True)
        if response["status"]["status"].native not in {"granted", "granted_with_mods"}:
            raise StampRefused("The time-stamp authority refused.")
        token = response["time_stamp_token"]
        info = token["content"]["encap_content_info"]["content"].parsed
        _check_info(info, imprint, nonce)
        authority = await _check_signature(token["content"], imprint, roots)
        return Stamp(token=token, at=info["gen_time"].native, authority=authority)
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise StampRefused("The time-stamp authority's answer cannot be read.") from problem


def _check_info(info: tsp.TSTInfo, imprint: bytes, nonce: int) -> None:
    message = info["message_imprint"]
    if message["hash_algorithm"]["algorithm"].native != "sha256" or not hmac.compare_digest(
        message["hashed_message"].native, imprint
    ):
        raise StampRefused("The time stamp is for another document.")
    if info["nonce"].native != nonce:
        raise StampRefused("The time stamp answers another request.")
    off = abs((info["gen_time"].native - machine_time()).total_seconds())
    if off > FURTHEST_OFF_SECONDS:
        raise StampRefused("The time stamp tells a time that is far from now.")


async def _check_signature(
    signed: cms.SignedData, imprint: bytes, roots: tuple[asn1_x509.Certificate, ...]
) -> str:
    context = ValidationContext(trust_roots=list(roots), allow_fetching=False)
    try:
        status = await read_stamp_status(signed, imprint, context)
    except SignatureValidationError as problem:
        raise StampRefused("The time stamp is not signed as it has to be.") from problem
    if not (status.valid and status.intact):
        raise StampRefused("The signature of the time stamp is wrong.")
    if not status.trusted:
        raise StampRefused("The time stamp comes from an authority that is not trusted.")
    return str(status.signing_cert.subject.human_friendly)


async def read_stamp_status(
    signed: cms.SignedData, imprint: bytes, context: ValidationContext
) -> TimestampSignatureStatus:
    """Return what holds of a token over a SHA-256; raises SignatureValidationError if malformed."""
    found = await validate_tst_signed_data(signed, context, lambda _algorithm: imprint)
    return TimestampSignatureStatus(**found)
