"""Sign in, prove it again, sign out, and enrol a second factor."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import pyotp
import structlog
from sqlalchemy import text

from app.auth import queries
from app.auth.attempts import clear_attempts, count_attempt
from app.auth.passwords import hash_password, verify_password
from app.database import ScopedSession
from app.errors import Conflict, Invalid, Unauthenticated
from app.kit.clock import now
from app.kit.ids import hash_secret, new_id, new_secret
from app.vault import root_decrypt, root_encrypt

log = structlog.get_logger(__name__)
STEP_SECONDS = 30
TRIES, TRY_WINDOW = 10, 900
SIGN_UPS, SIGN_UP_WINDOW = 20, 3600
OPEN = text("SELECT door.open_login_session(:id, :hash, :person_id, :at, :ends)")
RENEW = text("SELECT door.renew_login_session(:id, :hash, :at)")
END = text("SELECT door.end_login_session(:id, :at)")
SET_TOTP = text("SELECT door.set_totp(:person_id, :cipher)")
USE_STEP = text("SELECT door.use_totp_step(:person_id, :step)")
ENSURE_PERSON = text("SELECT door.ensure_person(:id, :email, :name, :password_hash, :at)")


class WrongCredentials(Unauthenticated):
    """The address, the password or the code is wrong; which one is never said."""

    code = "wrong_credentials"
    title = "The email address, password or code is not right"


class NoSecondFactor(Conflict):
    """The act needs a second factor and the person has none yet."""

    code = "no_second_factor"
    title = "Set up your second factor first"


@dataclass(frozen=True)
class SignedIn:
    """A fresh sign-in: the token goes into the cookie and is stored nowhere else."""

    token: str
    person_id: uuid.UUID
    has_second_factor: bool


def normal_email(email: str) -> str:
    """Return the form in which addresses are compared; raises Invalid when it is no address."""
    plain = email.strip().lower()
    local, _, domain = plain.rpartition("@")
    bad = not local or "." not in domain or any(c.isspace() or ord(c) < 32 for c in plain)
    if bad or len(plain) > 254:
        raise Invalid("Enter an email address like name@example.com.", fields={"email": "format"})
    return plain


def create_person(session: ScopedSession, *, email: str, name: str, password: str) -> uuid.UUID:
    """Return the account of an address, made with this password where there was none.

    Where there is an account already, the password must be its own: raises WrongCredentials, and
    TooManyTries since this is a way to try passwords like any other.
    """
    plain, fresh = normal_email(email), new_id()
    # What is wrong with the password itself is said before anything is counted or committed.
    hashed = hash_password(password)
    account_key = _account_key(plain)
    count_attempt(session, account_key, most=TRIES, seconds=TRY_WINDOW)
    values = {
        "id": fresh,
        "email": plain,
        "name": name,
        "password_hash": hashed,
        "at": now(),
    }
    found: uuid.UUID = session.execute(ENSURE_PERSON, values).scalar_one()
    if found != fresh:
        login = queries.find_login(session, plain)
        if login is None or not verify_password(login.password_hash, password):
            raise WrongCredentials
    clear_attempts(session, account_key)
    return found


def count_sign_up(session: ScopedSession, address: str) -> None:
    """Count one clinic signing up from a network address; raises TooManyTries."""
    key = "sign-up:" + sha256(address.encode()).hexdigest()
    count_attempt(session, key, most=SIGN_UPS, seconds=SIGN_UP_WINDOW)


def _account_key(plain_email: str) -> str:
    return "login:" + sha256(plain_email.encode()).hexdigest()


def sign_in(
    session: ScopedSession, *, email: str, password: str, address: str, lasts_seconds: int
) -> SignedIn:
    """Open a sign-in; raises WrongCredentials or TooManyTries.

    Tries are counted per account and per network address before the password is checked.
    """
    plain = normal_email(email)
    account_key = _account_key(plain)
    address_key = "address:" + sha256(address.encode()).hexdigest()
    count_attempt(session, address_key, most=TRIES * 20, seconds=TRY_WINDOW)
    count_attempt(session, account_key, most=TRIES, seconds=TRY_WINDOW)
    login = queries.find_login(session, plain)
    if not verify_password(login.password_hash if login else None, password) or login is None:
        log.warning("auth.sign_in_refused", known=login is not None)
        raise WrongCredentials
    clear_attempts(session, account_key)
    log.info("auth.signed_in", person_id=str(login.person_id))
    return SignedIn(
        _open_session(session, login.person_id, lasts_seconds),
        login.person_id,
        login.totp_cipher is not None,
    )


def _open_session(session: ScopedSession, person_id: uuid.UUID, lasts_seconds: int) -> str:
    token, at = new_secret(), now()
    values = {
        "id": new_id(),
        "hash": hash_secret(token),
        "person_id": person_id,
        "at": at,
        "ends": at + timedelta(seconds=lasts_seconds),
    }
    session.execute(OPEN, values)
    return token


def step_up(session: ScopedSession, login: queries.LoginSession, *, code: str) -> str:
    """Prove again that it is the person; return the new token that replaces the old one.

    Raises NoSecondFactor, WrongCredentials or TooManyTries. A code works once.
    """
    key = f"totp:{login.person_id}"
    count_attempt(session, key, most=5, seconds=600)
    cipher = queries.find_totp_cipher(session, login.person_id)
    if cipher is None:
        raise NoSecondFactor
    secret = root_decrypt("person.totp", login.person_id, cipher).decode()
    step = _matching_step(secret, code.strip().replace(" ", ""))
    if step is None or not _use_step(session, login.person_id, step):
        raise WrongCredentials("That code is not right. Wait for the next one and try again.")
    clear_attempts(session, key)
    token = new_secret()
    session.execute(RENEW, {"id": login.session_id, "hash": hash_secret(token), "at": now()})
    return token


def _matching_step(secret: str, code: str) -> int | None:
    current = int(now().timestamp()) // STEP_SECONDS
    one_time = pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        if pyotp.utils.strings_equal(code, one_time.generate_otp(step)):
            return step
    return None


def _use_step(session: ScopedSession, person_id: uuid.UUID, step: int) -> bool:
    return bool(session.execute(USE_STEP, {"person_id": person_id, "step": step}).scalar_one())


def enrol_totp(session: ScopedSession, *, person_id: uuid.UUID, secret: str, code: str) -> None:
    """Store a second factor once the person has shown a code made with it."""
    if queries.find_totp_cipher(session, person_id) is not None:
        raise Conflict("A second factor is set up already.")
    if _matching_step(secret, code.strip().replace(" ", "")) is None:
        raise WrongCredentials("That code is not right. Check the clock of your phone.")
    cipher = root_encrypt("person.totp", person_id, secret.encode())
    session.execute(SET_TOTP, {"person_id": person_id, "cipher": cipher})


def sign_out(session: ScopedSession, login: queries.LoginSession) -> None:
    """End a sign-in at once, on the server."""
    session.execute(END, {"id": login.session_id, "at": now()})
