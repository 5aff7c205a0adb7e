"""A thing of a patient behind a link: the link, then their date of birth, then the thing.

The secret is in the address's fragment, is exchanged by a person's own press for a short session,
and opens nothing before the date of birth was given. The rooms that have such things say what they
are called and show them; the way to them is this one.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request

from app.auth.cookies import drop_cookie, set_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import LinkNotUsable, patient_session, public, unit
from app.auth.links import find_link
from app.auth.secrets import SecretKind, revoke_secrets
from app.auth.visitors import visitor
from app.database import Actor, TenantScope
from app.errors import TooManyTries
from app.forms import Form, sent_form
from app.kit.speech import ENGLISH, say, spoken
from app.page_speech import speak_as_visitor
from app.patients.own_language import in_own_language
from app.patients.services.prove_birth_date import (
    ASKING_LASTS,
    SHOWN_LASTS,
    Acts,
    begin_asking,
    prove_birth_date,
)

Page = str | tuple[str, int] | Response


@dataclass(frozen=True)
class Words:
    """What the pages of the way call the thing, in English; the pages translate it."""

    title: str
    heading: str
    lead: str
    open: str
    show: str
    why: str
    in_person: str
    closed: str
    safe: str


@dataclass(frozen=True)
class BehindLink:
    """One kind of thing behind a link.

    ``whose`` returns the patient's id for the thing's, ``head`` the clinic's head and foot.
    """

    name: str
    path: str
    cookie: str
    link: SecretKind
    asking: SecretKind
    session: SecretKind
    acts: Acts
    words: Words
    whose: Callable[[TenantScope, uuid.UUID], uuid.UUID]
    head: Callable[[TenantScope, uuid.UUID], dict[str, Any]]

    @property
    def shown(self) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """The guard of the room's own pages: the date of birth was given."""
        return patient_session(self.session, self.cookie, in_own_language(self.whose))

    def make_blueprint(self, module: str) -> Blueprint:
        """Return a blueprint with every page but the thing's own."""
        bp = Blueprint(self.name, module, url_prefix=self.path)
        _add_door(bp, self)
        _add_question(bp, self)
        return bp


def _add_door(bp: Blueprint, way: BehindLink) -> None:
    @bp.errorhandler(LinkNotUsable)
    def show_dead_link(_problem: LinkNotUsable) -> Response:
        """Show one page for every link that does not open; it never says why."""
        if spoken() == ENGLISH:
            speak_as_visitor()
        return make_response(_page("ended", way, clinic=None), 410)

    @bp.get("")
    @public
    def show_link() -> str:
        """Show the page behind a link; nothing is spent before somebody presses the button."""
        speak_as_visitor()
        return _page("link", way, clinic=None)

    @bp.get("/ended")
    @public
    def show_ended() -> Response:
        """Show the page of a link that does not open."""
        raise LinkNotUsable

    @bp.post("/open")
    @public
    def open_link() -> Response:
        """Take the token from the fragment and start asking who it is."""
        refuse_other_sites()
        sent = request.get_json(silent=True)
        token = sent.get("token") if isinstance(sent, dict) else None
        if not isinstance(token, str):
            raise LinkNotUsable
        found = find_link(unit().session, way.link, token, visitor())
        if found is None:
            raise LinkNotUsable
        scope = unit().enter(found.tenant_id, Actor("patient"))
        session = begin_asking(
            scope,
            way.asking,
            way.acts,
            subject_id=found.subject_id,
            patient_id=way.whose(scope, found.subject_id),
            link_ends=found.expires_at,
        )
        response = make_response({"location": f"{way.path}/identity"})
        set_cookie(response, way.cookie, session, seconds=int(ASKING_LASTS.total_seconds()))
        return response


def _add_question(bp: Blueprint, way: BehindLink) -> None:
    asking = patient_session(way.asking, way.cookie, in_own_language(way.whose))

    @bp.get("/identity")
    @asking
    def ask_identity(scope: TenantScope, subject_id: uuid.UUID) -> Page:
        """Ask for the date of birth."""
        return _identity_page(scope, way, subject_id, Form())

    @bp.post("/identity")
    @asking
    def identify(scope: TenantScope, subject_id: uuid.UUID) -> Page:
        """Compare the date of birth, and go on to the thing with a session of its own."""
        return _compare(scope, way, subject_id)

    @bp.post("/close")
    @way.shown
    def close(scope: TenantScope, subject_id: uuid.UUID) -> Response:
        """End the session, so that the next person at this device sees nothing."""
        revoke_secrets(scope, way.session, subject_id=subject_id)
        response = _to(f"{way.path}/ended")
        drop_cookie(response, way.cookie)
        return response


def _compare(scope: TenantScope, way: BehindLink, subject_id: uuid.UUID) -> Page:
    form = sent_form()
    born = form.day("birth", say("Enter your date of birth, for example 27 3 1988."))
    if form.errors:
        return _identity_page(scope, way, subject_id, form), 422
    try:
        session = prove_birth_date(
            scope,
            way.session,
            way.acts,
            subject_id=subject_id,
            patient_id=way.whose(scope, subject_id),
            born=born,
        )
    except TooManyTries as locked:
        return _identity_page(scope, way, subject_id, form, locked.message), 429
    if session is None:
        form.fail("birth", say("This is not the date of birth that the clinic has for you."))
        return _identity_page(scope, way, subject_id, form), 422
    response = _to(f"{way.path}/read")
    set_cookie(response, way.cookie, session, seconds=int(SHOWN_LASTS.total_seconds()))
    return response


def _identity_page(
    scope: TenantScope,
    way: BehindLink,
    subject_id: uuid.UUID,
    form: Form,
    locked: str | None = None,
) -> str:
    clinic = way.head(scope, subject_id)
    return _page("identity", way, form=form, errors=form.errors, locked=locked, clinic=clinic)


def _page(name: str, way: BehindLink, **context: object) -> str:
    template = f"patients/behind_link/{name}.html"
    return render_template(template, path=way.path, words=way.words, **context)


def _to(path: str) -> Response:
    return make_response(redirect(path, 303))
