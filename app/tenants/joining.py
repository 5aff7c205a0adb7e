"""How whoever opened an invitation proves to be the invited account, for pages and programs alike.

The link in the mail has proved the address. An account that has this address already must also be
signed in as itself; an account of another address never accepts.
"""

import uuid
from dataclasses import dataclass

from app.auth.accounts import take_as_proved
from app.auth.guards import find_visitor, unit
from app.auth.queries import LoginSession, find_login
from app.auth.routes import lasts
from app.auth.services import SignedIn, create_person, let_in
from app.auth.visitors import visitor
from app.database import TenantScope
from app.errors import Invalid
from app.tenants.errors import AccountExists
from app.tenants.models import StaffInvitation, StaffMember
from app.tenants.services.join_staff import Joining, accept_invitation


@dataclass(frozen=True)
class Standing:
    """Who is at the browser, and whether that is the invited account, where there is one."""

    login: LoginSession | None
    is_known: bool
    is_theirs: bool


def standing_of(invitation: StaffInvitation) -> Standing:
    """Return how the browser and the invited address stand to each other."""
    login = find_visitor()
    account = find_login(unit().session, invitation.email)
    is_theirs = login is not None and account is not None and login.person_id == account.person_id
    return Standing(login, account is not None, is_theirs)


def join(
    scope: TenantScope, invitation: StaffInvitation, token: str, *, name: str, password: str
) -> tuple[StaffMember, SignedIn | None]:
    """Accept an invitation; return the member and, for a new account, its sign-in.

    Raises AccountExists, Invalid or what ``accept_invitation`` raises.
    """
    standing = standing_of(invitation)
    if standing.is_theirs and standing.login is not None:
        joining = Joining(standing.login.person_id, standing.login.person_name)
        take_as_proved(unit().session, standing.login.person_id)
        return _accepted(scope, invitation, token, joining), None
    if standing.is_known:
        told = "There is an account with this address. Sign in with it, then open the link again."
        raise AccountExists(told)
    if not name or not password:
        missing = {"name": "Enter your name.", "password": "Choose a password."}
        sent = {"name": name, "password": password}
        raise Invalid(fields={one: told for one, told in missing.items() if not sent[one]})
    joining = Joining(_new_account(invitation.email, name, password), name)
    return _accepted(scope, invitation, token, joining), _let_in(invitation.email)


def _new_account(email: str, name: str, password: str) -> uuid.UUID:
    # The link came to this very address, which proves it.
    return create_person(unit().session, email=email, name=name, password=password)


def _let_in(email: str) -> SignedIn | None:
    """Sign the new account in. Nothing is counted: a refusal now would come after the act."""
    login = find_login(unit().session, email)
    if login is None:
        return None
    return let_in(unit().session, login, email=email, visitor=visitor(), lasts_seconds=lasts())


def _accepted(
    scope: TenantScope, invitation: StaffInvitation, token: str, joining: Joining
) -> StaffMember:
    return accept_invitation(scope, invitation_id=invitation.id, token=token, joining=joining)
