"""Sign in, prove it again, sign out: the ways by which a session comes to life and ends."""

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import text

from app import jobs
from app.auth import account_queries, queries
from app.auth.attempts import (
    TRIES,
    TRY_WINDOW,
    clear_attempts,
    count_attempt,
    count_sign_in,
    digest,
)
from app.auth.passwords import hash_password, verify_password
from app.auth.visitors import Visitor
from app.database import ScopedSession
from app.errors import Invalid, Unauthenticated
from app.kit.clock import now
from app.kit.ids import hash_secret, new_id, new_secret

log = structlog.get_logger(__name__)
LONGEST_EMAIL = 254
OPEN = text(
    "SELECT door.open_login_session(:id, :hash, :person_id, :at, :ends, :method, :words, :near,"
    " :pending, :stepped_up, :idle, :device_id, :tenant_id)"
)
RENEW = text("SELECT door.renew_login_session(:id, :hash, :at)")
END = text("SELECT door.end_login_session(:id, :at)")
KNOW = text("SELECT door.know_device(:hash, :person_id, :at)")
ENSURE_PERSON = text("SELECT door.ensure_person(:id, :email, :name, :hash, :at, :verified)")


class WrongCredentials(Unauthenticated):
    """The address, the password or the code is wrong; which one is never said."""

    code = "wrong_credentials"
    title = "The email address, password or code is not right"


@dataclass(frozen=True)
class SignedIn:
    """A fresh sign-in: the tokens go into cookies and are stored nowhere else.

    ``needs_factor``: nothing but the second factor is accepted from this session yet.
    """

    token: str
    device_token: str
    person_id: uuid.UUID
    needs_factor: bool


@dataclass(frozen=True)
class SharedPlace:
    """A shared device of a clinic, on which a session ends itself soon."""

    tenant_id: uuid.UUID
    device_id: uuid.UUID
    idle_seconds: int


def normal_email(email: str) -> str:
    """Return the form in which addresses are compared; raises Invalid when it is no address.

    NFC, then lower case by Unicode's own rule, which is the same everywhere: a dotless "ı" stays
    another letter than "i", and "ß" another than "ss". Letters go to the stored address only, never
    to what somebody typed that looks like it.
    """
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", email).strip().lower())
    local, _, domain = plain.rpartition("@")
    bad = not local or "." not in domain or any(_cannot_stand_in_address(one) for one in plain)
    if bad or len(plain) > LONGEST_EMAIL:
        raise Invalid("Enter an email address like name@example.com.", fields={"email": "format"})
    return plain


def _cannot_stand_in_address(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] == "C"


def create_person(session: ScopedSession, *, email: str, name: str, password: str) -> uuid.UUID:
    """Return the account of a proved address, made with this password where there was none.

    Where there is an account already, the password must be its own: raises WrongCredentials, and
    TooManyTries since this is a way to try passwords like any other.
    """
    plain, fresh, at = normal_email(email), new_id(), now()
    # What is wrong with the password itself is said before anything is counted or committed.
    hashed = hash_password(password, about=(plain, name))
    key = f"account:{digest(plain)}"
    count_attempt(session, key, most=TRIES, seconds=TRY_WINDOW)
    values = {"id": fresh, "email": plain, "name": name, "hash": hashed, "at": at, "verified": at}
    found: uuid.UUID = session.execute(ENSURE_PERSON, values).scalar_one()
    if found != fresh:
        login = queries.find_login(session, plain)
        if login is None or not verify_password(login.password_hash, password):
            raise WrongCredentials
    clear_attempts(session, key)
    return found


def sign_in(
    session: ScopedSession, *, email: str, password: str, visitor: Visitor, lasts_seconds: int
) -> SignedIn:
    """Open a sign-in; raises WrongCredentials or TooManyTries.

    Tries are counted before the password is checked. Where the person has a second factor, the
    session waits for it and opens nothing else until then.
    """
    plain = normal_email(email)
    counted = count_sign_in(session, visitor, plain)
    login = queries.find_login(session, plain)
    if not verify_password(login.password_hash if login else None, password) or login is None:
        log.warning("auth.sign_in_refused", known=login is not None)
        raise WrongCredentials
    counted.was_right(session)
    return let_in(session, login, email=plain, visitor=visitor, lasts_seconds=lasts_seconds)


def let_in(
    session: ScopedSession,
    login: queries.Login,
    *,
    email: str,
    visitor: Visitor,
    lasts_seconds: int,
) -> SignedIn:
    """Open a sign-in for somebody who has just proved to be the person; counts nothing."""
    # A browser is known again only once everything was shown: with the password alone somebody
    # could otherwise make known browsers, each with tries of its own at the second factor.
    device_token = (
        "" if login.has_factor else known_device(session, login.person_id, visitor, email)
    )
    log.info("auth.signed_in", person_id=str(login.person_id), waits=login.has_factor)
    token = open_session(
        session,
        person_id=login.person_id,
        visitor=visitor,
        method="password",
        lasts_seconds=lasts_seconds,
        waits=login.has_factor,
    )
    return SignedIn(token, device_token, login.person_id, login.has_factor)


def known_device(session: ScopedSession, person_id: uuid.UUID, visitor: Visitor, email: str) -> str:
    """Remember that a browser signed in to an account; return the token that it keeps."""
    is_known = account_queries.exists_known_device(session, visitor.device_hash, email)
    token = visitor.device_token if is_known else new_secret()
    values = {"hash": hash_secret(token), "person_id": person_id, "at": now()}
    session.execute(KNOW, values)
    return token


def open_session(
    session: ScopedSession,
    *,
    person_id: uuid.UUID,
    visitor: Visitor,
    method: str,
    lasts_seconds: int,
    waits: bool = False,
    shared: SharedPlace | None = None,
) -> str:
    """Open a session and return its token. ``waits``: for a second factor, before anything else.

    A passkey is two factors in one, so it counts as a fresh step-up.
    """
    token, session_id, at = new_secret(), new_id(), now()
    stepped_up: datetime | None = at if method == "passkey" else None
    values = {
        "id": session_id,
        "hash": hash_secret(token),
        "person_id": person_id,
        "at": at,
        "ends": at + timedelta(seconds=lasts_seconds),
        "method": method,
        "words": visitor.device_words,
        "near": visitor.near_address,
        "pending": waits,
        "stepped_up": stepped_up,
        "idle": shared.idle_seconds if shared else None,
        "device_id": shared.device_id if shared else None,
        "tenant_id": shared.tenant_id if shared else None,
    }
    session.execute(OPEN, values)
    if shared is None:
        jobs.note_in_clinics(
            session, person_id, "auth.note_sign_in", session_id=session_id, method=method
        )
    return token


def renew_session(
    session: ScopedSession, session_id: uuid.UUID, *, stepped_up_at: datetime | None = None
) -> str:
    """Give a session a new token at a change of privilege; the old one is dead at once."""
    token = new_secret()
    values = {"id": session_id, "hash": hash_secret(token), "at": stepped_up_at}
    session.execute(RENEW, values)
    return token


def sign_out(session: ScopedSession, login: queries.LoginSession) -> None:
    """End a sign-in at once, on the server."""
    session.execute(END, {"id": login.session_id, "at": now()})
