"""A person moves their account to another address.

A link to the new address proves it, and a link to the address so far stops it: for three days after
the proof nothing changes, so that whoever finds somebody's browser open cannot take the account
over unseen. Whether the new address has an account is told only to whoever reads its letters.
"""

import uuid
from datetime import timedelta

import structlog
from sqlalchemy import text

from app import jobs
from app.auth import account_queries, queries
from app.auth.accounts import DROP_EMAIL_CHANGE, END_LINKS, end_all_sessions, get_account
from app.auth.attempts import count_attempt, count_letter
from app.auth.errors import AccountLinkNotUsable
from app.auth.letters import Filled, Queued, fills, link, queue_letter, queue_notice
from app.auth.services import normal_email
from app.auth.visitors import Visitor
from app.database import ScopedSession, unit_of_work
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import hash_secret, new_secret

log = structlog.get_logger(__name__)
ASKED, ASKED_WINDOW = 5, 3600
LINK_LASTS, WAIT = timedelta(hours=48), timedelta(days=3)
PUT = text("SELECT door.put_email_change(:person_id, :email, :at)")
LINK = text("SELECT door.link_email_change(:person_id, :email, :hash)")
GUARD = text("SELECT door.guard_email_change(:person_id, :hash)")
PROVE = text("SELECT door.prove_email_change(:hash, :at, :asked_after, :due)")
STOP = text("SELECT door.stop_email_change(:hash)")
DUE = text("SELECT person_id FROM door.due_email_changes(:at)")
CHANGE = text("SELECT * FROM door.change_email(:person_id, :at)")


def ask_to_change(
    session: ScopedSession, login: queries.LoginSession, *, email: str, visitor: Visitor
) -> None:
    """Write to the new address and to the one so far; the caller has asked for a proof.

    Takes the same steps for every address. Raises Invalid and TooManyTries.
    """
    plain, account = normal_email(email), get_account(session, login.person_id)
    if plain == account.email:
        told = "That is your address already."
        raise Invalid(told, fields={"email": told})
    count_attempt(session, f"email-change:{login.person_id}", most=ASKED, seconds=ASKED_WINDOW)
    count_letter(session, visitor, plain)
    session.execute(PUT, {"person_id": login.person_id, "email": plain, "at": now()})
    person = str(login.person_id)
    queue_letter(session, "email_change", to=plain, detail=person)
    queue_letter(session, "email_change_asked", to=account.email, detail=person)
    jobs.note_in_clinics(session, login.person_id, "auth.note_change", what="email_change_asked")


@fills("email_change")
def _fill_proof(session: ScopedSession, queued: Queued) -> Filled | None:
    if queries.find_login(session, queued.to) is not None:
        return Filled("email_change_known", {})
    token = new_secret()
    values = {"person_id": uuid.UUID(queued.detail), "email": queued.to}
    if not session.execute(LINK, {**values, "hash": hash_secret(token)}).scalar_one():
        return None
    return Filled("email_change", link("/confirm-email", token))


@fills("email_change_asked")
def _fill_warning(session: ScopedSession, queued: Queued) -> Filled | None:
    person_id, token = uuid.UUID(queued.detail), new_secret()
    change = account_queries.find_email_change(session, person_id)
    account = account_queries.find_account(session, person_id)
    if change is None or account is None:
        return None
    session.execute(GUARD, {"person_id": person_id, "hash": hash_secret(token)})
    values = {"name": account.name, "new_email": change.new_email}
    return Filled("email_change_asked", {**values, **link("/stop-email-change", token)})


@fills("email_changed")
def _fill_farewell(_session: ScopedSession, queued: Queued) -> Filled:
    return Filled("email_changed", {})


def prove_address(session: ScopedSession, *, token: str) -> None:
    """Take the new address as proved; it is in force in three days, unless it is stopped."""
    at = now()
    values = {"hash": hash_secret(token.strip()), "at": at, "asked_after": at - LINK_LASTS}
    person_id = session.execute(PROVE, {**values, "due": at + WAIT}).scalar()
    if person_id is None:
        raise AccountLinkNotUsable
    jobs.note_in_clinics(session, person_id, "auth.note_change", what="email_change_proved")


def stop_by_link(session: ScopedSession, *, token: str) -> None:
    """Stop a change by the link to the address so far, and end every sign-in.

    Whoever asked for it was in the account. Raises AccountLinkNotUsable.
    """
    person_id = session.execute(STOP, {"hash": hash_secret(token.strip())}).scalar()
    if person_id is None:
        raise AccountLinkNotUsable
    end_all_sessions(session, person_id)
    queue_notice(session, person_id, "email_change_stopped")


def call_off(session: ScopedSession, login: queries.LoginSession) -> None:
    """Stop one's own change; done twice, or where there is none, nothing happens."""
    if session.execute(DROP_EMAIL_CHANGE, {"person_id": login.person_id}).scalar_one():
        queue_notice(session, login.person_id, "email_change_called_off")


def change_due_addresses() -> None:
    """Put every change into force whose time has come; one that fails holds up no other."""
    with unit_of_work() as work:
        due = work.session.execute(DUE, {"at": now()}).scalars().all()
    for person_id in due:
        try:
            with unit_of_work() as work:
                _change(work.session, person_id)
        except Exception as problem:  # The next round tries again; the others have their turn.
            log.error(
                "auth.address_not_changed", person_id=str(person_id), kind=type(problem).__name__
            )


def _change(session: ScopedSession, person_id: uuid.UUID) -> None:
    row = session.execute(CHANGE, {"person_id": person_id, "at": now()}).first()
    if row is None:
        return
    old_email, new_email = row
    if new_email is None:
        queue_notice(session, person_id, "email_not_changed")
        return
    end_all_sessions(session, person_id)
    values = {"person_id": person_id, "kind": "password_reset", "at": now()}
    session.execute(END_LINKS, values)
    queue_letter(session, "email_changed", to=old_email)
    queue_notice(session, person_id, "email_changed")
    jobs.note_in_clinics(session, person_id, "tenants.follow_address")
    log.info("auth.address_changed", person_id=str(person_id))
