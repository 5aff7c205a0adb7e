"""Asking for a clinic, and having it once the address is proved, for pages and programs alike."""

from dataclasses import asdict

from app.auth import sign_ups
from app.auth.guards import unit
from app.auth.routes import lasts
from app.auth.services import SignedIn, let_in
from app.auth.visitors import visitor
from app.database import TenantScope
from app.tenants.services.sign_up_clinic import NewClinic, check_new_clinic, sign_up_clinic


def ask_for_clinic(wanted: NewClinic, password: str) -> None:
    """Send the link that makes the clinic; the answer is the same for every address.

    Raises Invalid, WeakPassword or TooManyTries.
    """
    check_new_clinic(wanted)
    person = sign_ups.NewPerson(wanted.owner_email, wanted.owner_name, password)
    sign_ups.ask_to_sign_up(unit().session, person, wanted=asdict(wanted), visitor=visitor())


def confirm_clinic(token: str, password: str) -> tuple[TenantScope, SignedIn]:
    """Make the clinic that was asked for, and sign its owner in.

    Raises AccountLinkNotUsable, WrongCredentials or TooManyTries.
    """
    work = unit()
    done = sign_ups.confirm_sign_up(work.session, token=token, password=password)
    scope = sign_up_clinic(work, NewClinic(**done.wanted), person_id=done.login.person_id)
    signed_in = let_in(
        work.session, done.login, email=done.email, visitor=visitor(), lasts_seconds=lasts()
    )
    return scope, signed_in
