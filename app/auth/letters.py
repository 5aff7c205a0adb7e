"""Letters to a person about their own account, which belong to no clinic.

They never stand in a clinic's outbox: whoever could read a link there could take the account over.
A link is made when its letter leaves, so that its secret is stored nowhere, and asking for one does
the same work whether the address has an account or not.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app, render_template
from sqlalchemy import text

from app import jobs
from app.auth import account_queries, queries
from app.database import ScopedSession, unit_of_work
from app.kit.clock import now
from app.kit.ids import hash_secret, new_id, new_secret
from app.messaging.transport import Letter, MessageNotSent, OutboxOnly, transport
from app.vault import root_decrypt, root_encrypt

RESET_LASTS = timedelta(minutes=30)
# Of one kind of letter there is one subject, so that the outside of it tells nothing.
SUBJECTS = {
    "password_reset": "Choose a new password for Needlepoint",
    "account_notice": "Your Needlepoint sign-in has changed",
    "sign_up": "Sign your clinic up at Needlepoint",
    "email_change": "Your new email address for Needlepoint",
    "email_change_asked": "Your email address at Needlepoint is about to change",
    "email_changed": "Your email address at Needlepoint has changed",
}
# What a notice may tell; the letter holds the key, the template the words.
NOTICES = frozenset(
    {
        "password_changed",
        "password_reset",
        "authenticator_added",
        "authenticator_removed",
        "passkey_added",
        "passkey_removed",
        "recovery_codes_renewed",
        "recovery_code_used",
        "pin_set",
        "email_change_stopped",
        "email_change_called_off",
        "email_not_changed",
        "email_changed",
    }
)
PUT = text("SELECT door.put_letter(:id, :template, :detail, :cipher, :at)")
TAKE = text("SELECT * FROM door.take_letter(:id)")
NOTE = text("SELECT door.note_letter(:id, :state, :problem, :at)")
PUT_LINK = text("SELECT door.put_account_link(:kind, :hash, :person_id, :at, :ends)")


@dataclass(frozen=True)
class Queued:
    """A letter whose turn has come. ``detail`` is a code or an id."""

    id: uuid.UUID
    template: str
    detail: str
    to: str
    at: datetime


@dataclass(frozen=True)
class Filled:
    """What a letter says: a template below ``messages`` and its values."""

    template: str
    values: dict[str, object]


Fill = Callable[[ScopedSession, Queued], Filled | None]
FILLS: dict[str, Fill] = {}


def fills(template: str) -> Callable[[Fill], Fill]:
    """Register what fills a kind of letter when it leaves; it returns None if none should leave."""

    def keep(function: Fill) -> Fill:
        FILLS[template] = function
        return function

    return keep


def queue_letter(session: ScopedSession, template: str, *, to: str, detail: str = "") -> None:
    """Queue a letter in the caller's transaction. ``detail`` is a code, never a person's words."""
    letter_id = new_id()
    values = {
        "id": letter_id,
        "template": template,
        "detail": detail,
        "cipher": root_encrypt("letter.to", letter_id, to.encode()),
        "at": now(),
    }
    session.execute(PUT, values)
    jobs.enqueue_for_person(session, "auth.send_letter", subject_id=letter_id)


def queue_notice(session: ScopedSession, person_id: uuid.UUID, what: str) -> None:
    """Tell a person, and the audit trail of their clinics, that their sign-in has changed.

    The trail does not wait for the letter: both are jobs of the caller's transaction.
    """
    if what not in NOTICES:
        raise ValueError(f"there is no notice {what!r}")
    jobs.note_in_clinics(session, person_id, "auth.note_change", what=what)
    account = account_queries.find_account(session, person_id)
    if account is not None:
        queue_letter(session, "account_notice", to=account.email, detail=what)


def send_letter(letter_id: uuid.UUID) -> None:
    """Send one letter; raises MessageNotSent so that its job is tried again."""
    with unit_of_work() as work:
        letter = _opened(work.session, letter_id)
    problem: MessageNotSent | None = None
    if letter is not None:
        try:
            _deliver(letter)
        except MessageNotSent as found:
            problem = found
    with unit_of_work() as work:
        state = "queued" if problem else "sent" if letter else "dropped"
        values = {"id": letter_id, "state": state, "problem": str(problem) if problem else None}
        work.session.execute(NOTE, {**values, "at": now()})
    if problem:
        raise problem


def _opened(session: ScopedSession, letter_id: uuid.UUID) -> Letter | None:
    row = session.execute(TAKE, {"id": letter_id}).mappings().first()
    if row is None:
        return None
    to = root_decrypt("letter.to", letter_id, row["to_cipher"]).decode()
    queued = Queued(letter_id, row["template"], row["detail"], to, row["created_at"])
    filled = FILLS[queued.template](session, queued)
    if filled is None:
        return None
    body = render_template(f"messages/{filled.template}.txt", at=queued.at, **filled.values)
    return Letter(letter_id, "email", to, SUBJECTS[queued.template], body)


@fills("account_notice")
def _fill_notice(session: ScopedSession, queued: Queued) -> Filled | None:
    login = queries.find_login(session, queued.to)
    if login is None:
        return None
    return Filled("account_notice", {"name": login.name, "what": queued.detail})


@fills("password_reset")
def _fill_reset(session: ScopedSession, queued: Queued) -> Filled | None:
    login = queries.find_login(session, queued.to)
    if login is None:
        return None
    token, at = new_secret(), now()
    values = {"kind": "password_reset", "hash": hash_secret(token), "person_id": login.person_id}
    session.execute(PUT_LINK, {**values, "at": at, "ends": at + RESET_LASTS})
    return Filled("password_reset", {"name": login.name, **link("/reset-password", token)})


def link(path: str, token: str) -> dict[str, object]:
    """Return the values of a letter's link. The secret is in the fragment, unseen by servers."""
    return {"token": token, "link": f"{public_url()}{path}#{token}"}


def _deliver(letter: Letter) -> None:
    way_out = transport()
    if isinstance(way_out, OutboxOnly):
        _put_into_folder(letter)
    else:
        way_out.deliver(letter)


def stay_in_folder() -> bool:
    """Return whether letters leave for nowhere, since there is no mail server."""
    return isinstance(transport(), OutboxOnly)


def _put_into_folder(letter: Letter) -> None:
    """Keep a letter as a file: without a mail server only the machine's owner may read it."""
    folder = Path(current_app.config["SETTINGS"].home) / "letters"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{letter.id}.txt"
    path.touch(mode=0o600)
    path.write_text(f"To: {letter.to}\nSubject: {letter.subject}\n\n{letter.body}\n")


def public_url() -> str:
    """Return the address that links begin with."""
    return str(current_app.config["SETTINGS"].public_url).rstrip("/")
