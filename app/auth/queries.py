"""Questions to the control plane, each through its door."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.auth.permissions import OWNER
from app.database import ScopedSession, TenantScope


@dataclass(frozen=True)
class Login:
    """An account as far as signing in needs it."""

    person_id: uuid.UUID
    password_hash: str
    name: str
    has_factor: bool


@dataclass(frozen=True)
class LoginSession:
    """A sign-in that is alive.

    ``needs_factor`` is true until a person who has a second factor has shown it; ``device_id`` is a
    shared device of the clinic ``only_tenant_id``.
    """

    session_id: uuid.UUID
    person_id: uuid.UUID
    person_name: str
    stepped_up_at: datetime | None
    needs_factor: bool
    device_id: uuid.UUID | None
    only_tenant_id: uuid.UUID | None


@dataclass(frozen=True)
class Membership:
    """A clinic in which a person works."""

    tenant_id: uuid.UUID
    name: str
    staff_id: uuid.UUID


@dataclass(frozen=True)
class StaffFacts:
    """What guard and frame need to know of a member of staff and the clinic they have entered.

    ``places``: the locations of their limit.
    """

    role: str
    name: str
    is_disabled: bool
    is_leaving: bool
    places: list[uuid.UUID]
    tenant_id: uuid.UUID
    legal_name: str
    address: str
    brand_colour: str
    logo_id: uuid.UUID | None
    settings_id: uuid.UUID

    @property
    def is_limited(self) -> bool:
        """Whether only some locations exist for them. An owner is never limited."""
        return bool(self.places) and self.role != OWNER


@dataclass(frozen=True)
class Secret:
    """What a link, code or patient's session stands for."""

    tenant_id: uuid.UUID
    subject_id: uuid.UUID
    expires_at: datetime
    used_at: datetime | None


LOGIN = text("SELECT * FROM door.find_login(:email)")
SESSION = text("SELECT * FROM door.find_login_session(:hash, :at, :idle)")
MEMBERSHIPS = text("SELECT * FROM door.my_memberships(:person_id)")
ENTER = text("SELECT * FROM door.enter_clinic(:hash, :tenant_id, :at, :idle)")
SECRET = text("SELECT * FROM door.find_secret(:kind, :hash, :at)")
TOTP = text("SELECT door.find_totp(:person_id)")
STAFF = text(
    "SELECT s.role, s.name, s.disabled_at IS NOT NULL AS is_disabled,"
    " c.leaving_since IS NOT NULL AS is_leaving, c.tenant_id,"
    " c.legal_name, c.address, c.brand_colour, c.logo_id, c.settings_id,"
    " ARRAY(SELECT location_id FROM staff_location"
    " WHERE tenant_id = :tenant_id AND staff_id = :staff_id) AS places"
    " FROM staff_member s JOIN clinic c ON c.tenant_id = s.tenant_id"
    " WHERE s.tenant_id = :tenant_id AND s.id = :staff_id"
)


def find_login(session: ScopedSession, email: str) -> Login | None:
    """Return the account of an address, unless it is disabled."""
    row = session.execute(LOGIN, {"email": email}).mappings().first()
    return Login(**row) if row else None


def find_login_session(
    session: ScopedSession, token_hash: bytes, at: datetime, idle_seconds: int
) -> LoginSession | None:
    """Return a sign-in that is neither ended, idle for too long nor expired, and refresh it."""
    values = {"hash": token_hash, "at": at, "idle": idle_seconds}
    row = session.execute(SESSION, values).mappings().first()
    return LoginSession(**row) if row else None


def list_memberships(session: ScopedSession, person_id: uuid.UUID) -> list[Membership]:
    """Return the clinics in which a person works."""
    rows = session.execute(MEMBERSHIPS, {"person_id": person_id}).mappings()
    return [Membership(**row) for row in rows]


def find_entry(
    session: ScopedSession, token_hash: bytes, tenant_id: uuid.UUID, at: datetime, idle_seconds: int
) -> tuple[LoginSession, uuid.UUID | None] | None:
    """Return a living sign-in and the person's staff id in a clinic, None where they have none."""
    values = {"hash": token_hash, "tenant_id": tenant_id, "at": at, "idle": idle_seconds}
    row = session.execute(ENTER, values).mappings().first()
    if row is None:
        return None
    found = dict(row)
    staff_id = found.pop("staff_id")
    return LoginSession(**found), staff_id


def find_staff_facts(scope: TenantScope, staff_id: uuid.UUID) -> StaffFacts | None:
    """Return role, name and state of a member of staff of the entered clinic."""
    values = {"tenant_id": scope.tenant_id, "staff_id": staff_id}
    row = scope.session.execute(STAFF, values).mappings().first()
    return StaffFacts(**row) if row else None


def find_secret(
    session: ScopedSession, kind: str, token_hash: bytes, at: datetime
) -> Secret | None:
    """Return what a secret stands for, unless it expired or was revoked."""
    values = {"kind": kind, "hash": token_hash, "at": at}
    row = session.execute(SECRET, values).mappings().first()
    return Secret(**row) if row else None


def find_totp_cipher(session: ScopedSession, person_id: uuid.UUID) -> bytes | None:
    """Return a person's encrypted second factor."""
    found: bytes | None = session.execute(TOTP, {"person_id": person_id}).scalar()
    return found
