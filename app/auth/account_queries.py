"""Questions about a person's own account, each through its door."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.database import ScopedSession


@dataclass(frozen=True)
class Account:
    """What a person can see of their own account, and what a proof is checked against."""

    person_id: uuid.UUID
    email: str
    name: str
    password_hash: str
    email_verified_at: datetime | None
    has_totp: bool
    passkeys: int
    codes_left: int

    @property
    def has_factor(self) -> bool:
        """Whether there is a second factor to show."""
        return self.has_totp or self.passkeys > 0


@dataclass(frozen=True)
class OwnSession:
    """A living sign-in, in words that its owner recognises."""

    session_id: uuid.UUID
    created_at: datetime
    last_seen_at: datetime
    method: str
    device_words: str
    near_address: str
    is_shared: bool


@dataclass(frozen=True)
class Passkey:
    """A passkey as its owner sees it."""

    passkey_id: uuid.UUID
    credential_id: bytes
    name: str
    is_backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class EmailChange:
    """An address that a person wants; without ``due_at`` it is not proved yet."""

    new_email: str
    asked_at: datetime
    proved_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True)
class StoredKey:
    """A passkey as a signature is checked against it."""

    passkey_id: uuid.UUID
    person_id: uuid.UUID
    public_key: bytes
    sign_count: int


ACCOUNT = text("SELECT * FROM door.find_account(:person_id)")
SESSIONS = text("SELECT * FROM door.list_login_sessions(:person_id, :at, :idle)")
KNOWS = text("SELECT door.knows_device(:hash, :email)")
PASSKEYS = text("SELECT * FROM door.list_passkeys(:person_id)")
PASSKEY = text("SELECT * FROM door.find_passkey(:credential_id)")
RECOVERY = text("SELECT door.find_recovery_code(:person_id, :slot)")
EMAIL_CHANGE = text("SELECT * FROM door.find_email_change(:person_id)")
LINK = text("SELECT door.find_account_link(:kind, :hash, :at)")


def find_account(session: ScopedSession, person_id: uuid.UUID) -> Account | None:
    """Return a person's account, unless it is disabled."""
    row = session.execute(ACCOUNT, {"person_id": person_id}).mappings().first()
    return Account(**row) if row else None


def list_own_sessions(
    session: ScopedSession, person_id: uuid.UUID, at: datetime, idle_seconds: int
) -> list[OwnSession]:
    """Return a person's living sign-ins, the latest used first."""
    values = {"person_id": person_id, "at": at, "idle": idle_seconds}
    return [OwnSession(**row) for row in session.execute(SESSIONS, values).mappings()]


def exists_known_device(session: ScopedSession, device_hash: bytes, email: str) -> bool:
    """Return whether this browser has signed in to the account of an address before."""
    values = {"hash": device_hash, "email": email}
    return bool(session.execute(KNOWS, values).scalar_one())


def list_passkeys(session: ScopedSession, person_id: uuid.UUID) -> list[Passkey]:
    """Return a person's passkeys, the oldest first."""
    rows = session.execute(PASSKEYS, {"person_id": person_id}).mappings()
    return [Passkey(**row) for row in rows]


def find_email_change(session: ScopedSession, person_id: uuid.UUID) -> EmailChange | None:
    """Return the change of address that is under way for a person."""
    row = session.execute(EMAIL_CHANGE, {"person_id": person_id}).mappings().first()
    return EmailChange(**row) if row else None


def find_passkey(session: ScopedSession, credential_id: bytes) -> StoredKey | None:
    """Return the stored key of a credential, locked until the end of the transaction."""
    row = session.execute(PASSKEY, {"credential_id": credential_id}).mappings().first()
    return StoredKey(**row) if row else None


def find_recovery_hash(session: ScopedSession, person_id: uuid.UUID, slot: int) -> str | None:
    """Return the hash of an unused recovery code."""
    values = {"person_id": person_id, "slot": slot}
    found: str | None = session.execute(RECOVERY, values).scalar()
    return found


def find_link_person(
    session: ScopedSession, kind: str, token_hash: bytes, at: datetime
) -> uuid.UUID | None:
    """Return whose link this is, unless it was used or has run out; changes nothing."""
    values = {"kind": kind, "hash": token_hash, "at": at}
    found: uuid.UUID | None = session.execute(LINK, values).scalar()
    return found
