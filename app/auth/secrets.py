"""Links, codes and patients' sessions: made, exchanged once, revoked. Only hashes are stored."""

import uuid
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import text

from app.auth import queries
from app.database import ScopedSession, TenantScope
from app.kit.clock import now
from app.kit.ids import hash_secret, new_secret

SecretKind = Literal[
    "sign_link",
    "sign_session",
    "short_code",
    "qr_link",
    "invitation",
    "document_link",
    "document_asking",
    "document_session",
    "pay_link",
    "shared_device",
    "data_link",
    "data_asking",
    "data_session",
    "review_link",
    "review_session",
]
PUT = text("SELECT door.put_secret(:kind, :hash, :subject, :at, :ends)")
USE = text("SELECT door.use_secret(:kind, :hash, :at)")
REVOKE = text("SELECT door.revoke_secrets(:kind, :subject, :at)")


def issue_secret(
    scope: TenantScope, kind: SecretKind, *, subject_id: uuid.UUID, lasts: timedelta
) -> str:
    """Return a fresh secret that stands for a subject of this clinic until it expires."""
    token = new_secret()
    put_token(scope, kind, token=token, subject_id=subject_id, ends=now() + lasts)
    return token


def put_token(
    scope: TenantScope, kind: SecretKind, *, token: str, subject_id: uuid.UUID, ends: datetime
) -> None:
    """Store the hash of a given token, for instance a short code that can be typed."""
    values = {
        "kind": kind,
        "hash": hash_secret(token),
        "subject": subject_id,
        "at": now(),
        "ends": ends,
    }
    scope.session.execute(PUT, values)


def revoke_secrets(scope: TenantScope, kind: SecretKind, *, subject_id: uuid.UUID) -> int:
    """Kill every secret of a kind for a subject; return how many were alive."""
    values = {"kind": kind, "subject": subject_id, "at": now()}
    return int(scope.session.execute(REVOKE, values).scalar_one())


def find_token(session: ScopedSession, kind: SecretKind, token: str) -> queries.Secret | None:
    """Return what a token stands for, or None; changes nothing."""
    return queries.find_secret(session, kind, hash_secret(token), now())


def use_token(session: ScopedSession, kind: SecretKind, token: str) -> bool:
    """Use a single-use token; of any number of racing callers exactly one gets True."""
    values = {"kind": kind, "hash": hash_secret(token), "at": now()}
    return bool(session.execute(USE, values).scalar_one())
