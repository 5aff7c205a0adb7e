"""What a link's fragment carries beside its secret: which request it was for, once it is dead.

A dead secret finds nothing, so that nobody could ask for a new link with it. The reference is no
secret and opens nothing; its tag only shows that we made it. A new link goes to the contact on
file and nowhere else.
"""

import base64
import binascii
import hmac
import uuid
from dataclasses import dataclass

from flask import current_app

_TAG_BYTES = 16


@dataclass(frozen=True)
class Reference:
    """A clinic and one of its consents."""

    tenant_id: uuid.UUID
    consent_id: uuid.UUID


def with_reference(token: str, reference: Reference) -> str:
    """Return what stands in the fragment: the secret, and what it was for."""
    plain = reference.tenant_id.bytes + reference.consent_id.bytes
    return f"{token}.{base64.urlsafe_b64encode(plain + _tag(plain)).decode()}"


def reference_of(reference: Reference) -> str:
    """Return the reference alone, for the cookie of somebody who may ask for a new link."""
    return split_link(with_reference("", reference))[1]


def split_link(fragment: str) -> tuple[str, str]:
    """Return the secret and the reference of a fragment; either may be empty."""
    token, _, reference = fragment.partition(".")
    return token, reference


def read_reference(text: str) -> Reference | None:
    """Return what a reference names, or None where we did not make it."""
    try:
        raw = base64.urlsafe_b64decode(text.encode())
    except (ValueError, binascii.Error):
        return None
    plain, tag = raw[:32], raw[32:]
    if len(plain) != 32 or not hmac.compare_digest(tag, _tag(plain)):
        return None
    return Reference(uuid.UUID(bytes=plain[:16]), uuid.UUID(bytes=plain[16:]))


def _tag(plain: bytes) -> bytes:
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(key, b"link reference|" + plain, "sha256")[:_TAG_BYTES]
