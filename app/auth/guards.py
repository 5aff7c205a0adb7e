"""Guards: each route has exactly one, or is named public.

A guard finds who is there, enters their clinic and checks the permission before the view runs. The
clinic comes from the path and a membership, never from a body or a header; a clinic in which the
person does not work is not found.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from flask import current_app, g, request

from app.auth import queries
from app.auth.csrf import SAFE_METHODS, csrf_token, require_own_page
from app.auth.denials import note_foreign_clinic, note_permission, note_refusal
from app.auth.errors import (
    ClinicLeaving,
    NotOnSharedDevice,
    SecondFactorRequired,
)
from app.auth.looking import note_look, watch
from app.auth.permissions import OWNER, Permission, may
from app.auth.secrets import SecretKind, find_token
from app.database import SYSTEM, Actor, TenantScope, UnitOfWork
from app.errors import Forbidden, Gone, NotFound, StepUpRequired, Unauthenticated
from app.kit.clock import now
from app.kit.ids import hash_secret

View = TypeVar("View", bound=Callable[..., Any])
STAFF_COOKIE = "__Host-needlepoint"
INVITATION_COOKIE = "__Host-invitation"
DESK_COOKIE = "__Host-needlepoint-desk"
STEP_UP_LASTS = timedelta(minutes=5)


class LinkNotUsable(Gone):
    """The link was used, has expired, or belongs to something else; which one is never said."""

    code = "link_not_usable"


def public(view: View) -> View:
    """Say that a route is meant for everybody. Does nothing else, so that it can be counted."""
    return guarded_by("public", view)


def guarded_by(what: str, entered: View) -> View:
    """Return a view with the mark that the contract tests read."""
    entered.__guard__ = what  # type: ignore[attr-defined]  # a mark on a function
    return entered


def guard(permission: Permission, *, step_up: bool = False) -> Callable[[View], View]:
    """Let members of staff with a permission in; the view gets their ``TenantScope`` first.

    The route's path names the clinic as ``clinic_id``. With ``step_up`` the second factor must be
    at most five minutes old.
    """

    def protect(view: View) -> View:
        @wraps(view)
        def entered(*args: Any, clinic_id: uuid.UUID, **kwargs: Any) -> Any:
            scope = enter_clinic(clinic_id, permission)
            if step_up:
                require_step_up()
            watch(scope, kwargs)
            try:
                answer = view(scope, *args, **kwargs)
            except (NotFound, Forbidden) as refusal:
                note_refusal(unit(), refusal, kwargs)
                raise
            note_look(scope, kwargs)
            return answer

        return cast(View, guarded_by(permission, entered))

    return protect


def signed_in(view: View) -> View:
    """Let anybody with an account in, outside any clinic; the view gets their sign-in first.

    Not from a shared device: what a PIN opens is one clinic.
    """

    @wraps(view)
    def entered(*args: Any, **kwargs: Any) -> Any:
        return view(_outside_clinics(require_login()), *args, **kwargs)

    return cast(View, guarded_by("signed_in", entered))


def signed_in_anywhere(view: View) -> View:
    """Let also somebody at a shared device in; the view must hold them to ``only_tenant_id``."""

    @wraps(view)
    def entered(*args: Any, **kwargs: Any) -> Any:
        return view(require_login(), *args, **kwargs)

    return cast(View, guarded_by("signed_in", entered))


def half_signed_in(view: View) -> View:
    """Let in also who is at a shared device or still has to show a second factor.

    For showing it, for staying signed in, and for leaving; for nothing else.
    """

    @wraps(view)
    def entered(*args: Any, **kwargs: Any) -> Any:
        return view(require_login(waiting_too=True), *args, **kwargs)

    return cast(View, guarded_by("signed_in", entered))


def patient_session(
    kind: SecretKind, cookie: str, whose: Callable[[TenantScope, uuid.UUID], uuid.UUID]
) -> Callable[[View], View]:
    """Let a patient in by the cookie of one request; the view gets scope and subject id first.

    ``whose`` returns the patient's id for the subject (a consent, a document, a purchase).
    """

    def protect(view: View) -> View:
        @wraps(view)
        def entered(*args: Any, **kwargs: Any) -> Any:
            token = request.cookies.get(cookie, "")
            found = find_token(unit().session, kind, token) if token else None
            if found is None:
                raise LinkNotUsable
            require_own_page(token)
            g.csrf_token = csrf_token(token)
            scope = unit().enter(found.tenant_id, Actor("patient"))
            patient = Actor("patient", whose(scope, found.subject_id))
            scope = unit().enter(found.tenant_id, patient)
            return view(scope, found.subject_id, *args, **kwargs)

        return cast(View, guarded_by(kind, entered))

    return protect


def invited(view: View) -> View:
    """Let in whoever opened an invitation; the view gets scope, invitation id and token first.

    Nobody is known yet: the clinic's name and the offer are all that may be shown.
    """

    @wraps(view)
    def entered(*args: Any, **kwargs: Any) -> Any:
        token = request.cookies.get(INVITATION_COOKIE, "")
        found = find_token(unit().session, "invitation", token) if token else None
        if found is None or found.used_at is not None:
            raise LinkNotUsable
        require_own_page(token)
        g.csrf_token = csrf_token(token)
        scope = unit().enter(found.tenant_id, SYSTEM)
        return view(scope, found.subject_id, token, *args, **kwargs)

    return cast(View, guarded_by("invitation", entered))


def shared_device(view: View) -> View:
    """Let a shared device of a clinic in, with nobody at it yet; the view gets scope and its id."""

    @wraps(view)
    def entered(*args: Any, **kwargs: Any) -> Any:
        token = request.cookies.get(DESK_COOKIE, "")
        found = find_token(unit().session, "shared_device", token) if token else None
        if found is None:
            raise LinkNotUsable("This device is not a shared one, or no longer.")
        require_own_page(token)
        g.csrf_token = csrf_token(token)
        scope = unit().enter(found.tenant_id, SYSTEM)
        return view(scope, found.subject_id, *args, **kwargs)

    return cast(View, guarded_by("shared_device", entered))


def find_visitor() -> queries.LoginSession | None:
    """Return the whole sign-in of the browser, or None; for pages that are open without one.

    One that waits for its second factor, or that a shared device holds for one clinic, is none.
    """
    token = request.cookies.get(STAFF_COOKIE, "")
    if not token:
        return None
    found = queries.find_login_session(unit().session, hash_secret(token), now(), idle_seconds())
    if found is None or found.needs_factor or found.only_tenant_id is not None:
        return None
    return found


def unit() -> UnitOfWork:
    """Return the unit of work of the running request."""
    found: UnitOfWork = g.unit_of_work
    return found


def require_login(*, waiting_too: bool = False) -> queries.LoginSession:
    """Return the sign-in of the running request; raises Unauthenticated or ForeignRequest.

    Raises SecondFactorRequired for one that waits for its factor, unless ``waiting_too``.
    """
    token = _staff_token()
    found = queries.find_login_session(unit().session, hash_secret(token), now(), idle_seconds())
    if found is None:
        raise Unauthenticated
    _accept(token, found, waiting_too=waiting_too)
    return found


def _outside_clinics(login: queries.LoginSession) -> queries.LoginSession:
    """Return the sign-in; raises NotOnSharedDevice for one that is held to a clinic."""
    if login.only_tenant_id is not None:
        told = "Here you work in this clinic only. Use a device of your own for your account."
        raise NotOnSharedDevice(told)
    return login


def _staff_token() -> str:
    token = request.cookies.get(STAFF_COOKIE, "")
    if not token:
        raise Unauthenticated
    return token


def idle_seconds() -> int:
    """Return after how many seconds without a request a sign-in has ended."""
    return int(current_app.config["IDLE_SECONDS"])


def _accept(token: str, login: queries.LoginSession, *, waiting_too: bool = False) -> None:
    require_own_page(token)
    g.login, g.csrf_token = login, csrf_token(token)
    if login.needs_factor and not waiting_too:
        raise SecondFactorRequired


def enter_clinic(clinic_id: uuid.UUID, permission: Permission) -> TenantScope:
    """Enter a clinic as a member of its staff; raises NotFound for strangers, Forbidden inside."""
    work, token = unit(), _staff_token()
    found = queries.find_entry(work.session, hash_secret(token), clinic_id, now(), idle_seconds())
    if found is None:
        raise Unauthenticated
    login, staff_id = found
    _accept(token, login)
    if staff_id is None:
        note_foreign_clinic(work, login.person_id, clinic_id)
        raise NotFound
    scope = work.enter(clinic_id, Actor("staff", staff_id, login.person_id, login.device_id))
    facts = queries.find_staff_facts(scope, staff_id)
    if facts is None or facts.is_disabled:
        raise NotFound
    g.staff = facts
    scope.session.places = frozenset(facts.places) if facts.is_limited else None
    if not may(facts.role, permission, is_limited=facts.is_limited):
        note_permission(work, permission)
        whose = "Your work at some locations only" if may(facts.role, permission) else "Your role"
        raise Forbidden(f"{whose} does not include “{permission.value}”.", needs=permission.value)
    if facts.is_leaving:
        _refuse_while_leaving(facts.role, permission)
    return scope


def _refuse_while_leaving(role: str, permission: Permission) -> None:
    """Raise ClinicLeaving for all but an owner who reads, exports or calls it off."""
    if role != OWNER:
        raise ClinicLeaving("Ask one of the owners; nobody else can look in any more.")
    if request.method not in SAFE_METHODS and permission != Permission.CLINIC_LEAVE:
        raise ClinicLeaving("Until then it can be read and exported, and nothing can be changed.")


def require_step_up() -> None:
    """Raise StepUpRequired when the second factor was shown too long ago, or never."""
    shown = g.login.stepped_up_at
    if shown is None or shown < now() - STEP_UP_LASTS:
        raise StepUpRequired


def has_permission(permission: Permission) -> bool:
    """Return whether the member of staff of the running request has a permission."""
    return may(g.staff.role, permission, is_limited=g.staff.is_limited)
