"""A person changes what protects their account: password, address proved, sessions ended."""

import uuid

import structlog
from sqlalchemy import text

from app.auth import account_queries, queries
from app.auth.attempts import clear_attempts, count_attempt, count_letter, place_of_tries
from app.auth.errors import AccountLinkNotUsable
from app.auth.letters import queue_letter, queue_notice
from app.auth.passwords import hash_password, verify_password
from app.auth.services import WrongCredentials, known_device, normal_email, renew_session
from app.auth.visitors import Visitor
from app.database import ScopedSession
from app.errors import NotFound, Unauthenticated
from app.kit.clock import now
from app.kit.ids import hash_secret

log = structlog.get_logger(__name__)
PASSWORD_TRIES, PASSWORD_WINDOW = 5, 600
SET_PASSWORD = text("SELECT door.set_password(:person_id, :hash)")
VERIFY = text("SELECT door.verify_email(:person_id, :at)")
USE_LINK = text("SELECT door.use_account_link(:kind, :hash, :at)")
END_LINKS = text("SELECT door.end_account_links(:person_id, :kind, :at)")
END_OTHERS = text("SELECT door.end_other_sessions(:person_id, :kept, :at)")
END_OWN = text("SELECT door.end_own_session(:person_id, :session_id, :at)")
DROP_EMAIL_CHANGE = text("SELECT door.drop_email_change(:person_id)")
FORGET_DEVICES = text("SELECT door.forget_devices(:person_id)")


def get_account(session: ScopedSession, person_id: uuid.UUID) -> account_queries.Account:
    """Return the account of somebody who is signed in; raises Unauthenticated when it is gone."""
    found = account_queries.find_account(session, person_id)
    if found is None:
        raise Unauthenticated
    return found


def check_password(
    session: ScopedSession, login: queries.LoginSession, password: str, visitor: Visitor
) -> None:
    """Raise WrongCredentials unless it is the person's password, or TooManyTries."""
    account = get_account(session, login.person_id)
    key = f"password:{place_of_tries(session, login, visitor, account.email)}"
    count_attempt(session, key, most=PASSWORD_TRIES, seconds=PASSWORD_WINDOW)
    if not verify_password(account.password_hash, password):
        raise WrongCredentials("That is not your password.")
    clear_attempts(session, key)


def change_password(
    session: ScopedSession, login: queries.LoginSession, *, old: str, new: str, visitor: Visitor
) -> tuple[str, str]:
    """Set another password; every other sign-in ends and this one gets a new token.

    Returns the session's and the browser's new tokens. Raises WrongCredentials for the old password
    and WeakPassword for the new one.
    """
    check_password(session, login, old, visitor)
    _set_password(session, login.person_id, new)
    session.execute(
        END_OTHERS, {"person_id": login.person_id, "kept": login.session_id, "at": now()}
    )
    queue_notice(session, login.person_id, "password_changed")
    account = get_account(session, login.person_id)
    device_token = known_device(session, login.person_id, visitor, account.email)
    log.info("auth.password_changed", person_id=str(login.person_id))
    return renew_session(session, login.session_id), device_token


def _set_password(session: ScopedSession, person_id: uuid.UUID, new: str) -> None:
    account = get_account(session, person_id)
    clinics = tuple(one.name for one in queries.list_memberships(session, person_id))
    hashed = hash_password(new, about=(account.email, account.name, *clinics))
    session.execute(SET_PASSWORD, {"person_id": person_id, "hash": hashed})
    session.execute(FORGET_DEVICES, {"person_id": person_id})
    values = {"person_id": person_id, "kind": "password_reset", "at": now()}
    session.execute(END_LINKS, values)
    # Whoever was in the account before may have asked for another address.
    session.execute(DROP_EMAIL_CHANGE, {"person_id": person_id})


def ask_to_reset(session: ScopedSession, *, email: str, visitor: Visitor) -> None:
    """Send a link for a new password, where the address has an account.

    Whether it has one is found out when the letter leaves, not here: this takes the same steps for
    every address. Raises Invalid for what is no address, and TooManyTries.
    """
    plain = normal_email(email)
    count_letter(session, visitor, plain)
    queue_letter(session, "password_reset", to=plain)


def reset_password(session: ScopedSession, *, token: str, new: str) -> None:
    """Set a password by a link. Ends every sign-in and opens none: the second factor stays asked.

    A password that is refused leaves the link alive. Raises AccountLinkNotUsable, WeakPassword.
    """
    hashed, at = hash_secret(token.strip()), now()
    person_id = account_queries.find_link_person(session, "password_reset", hashed, at)
    if person_id is None:
        raise AccountLinkNotUsable
    used = session.execute(USE_LINK, {"kind": "password_reset", "hash": hashed, "at": at})
    if used.scalar() is None:
        raise AccountLinkNotUsable
    _set_password(session, person_id, new)
    session.execute(END_OTHERS, {"person_id": person_id, "kept": None, "at": at})
    # Whoever holds the link reads the address.
    session.execute(VERIFY, {"person_id": person_id, "at": at})
    queue_notice(session, person_id, "password_reset")
    log.info("auth.password_reset", person_id=str(person_id))


def take_as_proved(session: ScopedSession, person_id: uuid.UUID) -> None:
    """Take a person's address as proved, by another secret that was sent to it alone."""
    session.execute(VERIFY, {"person_id": person_id, "at": now()})


def end_own_session(
    session: ScopedSession, login: queries.LoginSession, session_id: uuid.UUID
) -> None:
    """End one of the person's sign-ins at once; raises NotFound for anybody else's."""
    values = {"person_id": login.person_id, "session_id": session_id, "at": now()}
    if not session.execute(END_OWN, values).scalar_one():
        raise NotFound("There is no such sign-in, or it has ended.")


def end_all_sessions(session: ScopedSession, person_id: uuid.UUID) -> int:
    """End every sign-in of a person; return how many there were."""
    values = {"person_id": person_id, "kept": None, "at": now()}
    return int(session.execute(END_OTHERS, values).scalar_one())


def end_other_sessions(session: ScopedSession, login: queries.LoginSession) -> int:
    """End every sign-in of the person but this one; return how many there were."""
    values = {"person_id": login.person_id, "kept": login.session_id, "at": now()}
    return int(session.execute(END_OTHERS, values).scalar_one())
