"""Pages on which clinicians find the open holds and decide about one, everything on one screen."""

import uuid

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from app.audit.places import read_place, write_place
from app.auth.cookies import SIGN_COOKIE
from app.auth.guards import (
    STEP_UP_LASTS,
    guard,
    has_permission,
    require_step_up,
    unit,
)
from app.auth.permissions import Permission
from app.auth.secrets import find_token
from app.catalogue.answers import YES
from app.consent import queries
from app.consent.holds import queries as hold_queries
from app.consent.holds.decision import NO_ANAESTHETIC, NO_PRILOCAINE, Limits
from app.consent.holds.findings import findings_of
from app.consent.holds.hold_page import hold_page
from app.consent.holds.models import DecisionKind
from app.consent.holds.services.decide_hold import Wish, decide_hold
from app.consent.holds.services.enter_evidence import KINDS, Evidence, enter_evidence
from app.consent.holds.view import age_in_words
from app.consent.signing.page_frame import to_path
from app.consent.ways.services.hand_over import hand_over
from app.consent.ways.tablet_cookie import become_tablet
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.clock import now
from app.plans.facts import areas_of
from app.staff_pages import go_to
from app.tenants.queries import list_locations_in_reach

QUEUE = 50
bp = Blueprint("hold_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/holds")


@bp.get("")
@guard(Permission.CONSENT_STATUS)
def show_queue(scope: TenantScope) -> str:
    """List the open holds, the oldest first: who waits and since when, never an answer."""
    after = request.args.get("after", "")
    found = hold_queries.list_open_holds(scope, after=read_place(after), most=QUEUE)
    last = found[-1].hold if len(found) == QUEUE else None
    return render_template(
        "consent/holds.html",
        waiting=[one for one in found if one.hold.waits_until is None],
        delayed=[one for one in found if one.hold.waits_until is not None],
        where={one.id: one.name for one in list_locations_in_reach(scope)},
        ages={one.hold.id: age_in_words(one.hold.opened_at, now()) for one in found},
        decides=has_permission(Permission.HOLD_DECIDE),
        following=write_place((last.opened_at, last.id) if last else None),
        is_first=not after,
    )


@bp.get("/<uuid:hold_id>")
@guard(Permission.HOLD_DECIDE)
def show_hold(scope: TenantScope, hold_id: uuid.UUID) -> str:
    """Show everything about a hold and, to whoever may, the form to decide it."""
    return _page(scope, hold_id, Form())


@bp.post("/<uuid:hold_id>/decision")
@guard(Permission.HOLD_DECIDE)
@idempotent
def decide(scope: TenantScope, hold_id: uuid.UUID) -> Response:
    """Decide; lifting a block asks for a fresh second factor first."""
    form = sent_form()
    hold = hold_queries.get_hold(scope, hold_id)
    consent = queries.get_consent(scope, hold.consent_id)
    lifts = form.typed("kind") == DecisionKind.SAFE
    if lifts and findings_of(scope, consent, hold).needs_second:
        require_step_up()
    with asking_again(form, lambda again: _page(scope, hold_id, again), {"": "kind"}):
        wish = read_wish(form, areas_of(scope, consent.plan_version_id))
        form.check()
        decide_hold(scope, hold_id=hold_id, wish=wish)
    return go_to(scope, f"/holds/{hold_id}", "decided")


@bp.post("/<uuid:hold_id>/evidence")
@guard(Permission.HOLD_DECIDE)
@idempotent
def add_evidence(scope: TenantScope, hold_id: uuid.UUID) -> Response:
    """Enter evidence for an answer; the hold stays for a decision."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, hold_id, again), {"": "kind"}):
        seen_on = form.day("seen_on", "Enter the day of the evidence.")
        on = form.optional_day("value_on", "Enter the day that the evidence names.")
        form.check()
        question, value, kind = (form.typed(one) for one in ("question", "value", "evidence_kind"))
        if value == YES and on is not None:
            value = on.isoformat()
        evidence = Evidence(question, value, kind, seen_on, form.typed("note"))
        enter_evidence(scope, hold_id=hold_id, evidence=evidence)
    return go_to(scope, f"/holds/{hold_id}", "evidence-entered")


@bp.post("/<uuid:hold_id>/back")
@guard(Permission.HOLD_DECIDE)
def give_device_back(scope: TenantScope, hold_id: uuid.UUID) -> Response:
    """Go on with the patient on this very device; the member of staff is signed out of it first."""
    consent = queries.get_consent(scope, hold_queries.get_hold(scope, hold_id).consent_id)
    token = request.cookies.get(SIGN_COOKIE, "")
    found = find_token(unit().session, "sign_session", token) if token else None
    is_theirs = found is not None and found.subject_id == consent.id
    token = "" if is_theirs else hand_over(scope, consent_id=consent.id)
    return become_tablet(scope, to_path("/sign/hold"), token)


def read_wish(form: Form, areas: dict[str, int]) -> Wish:
    """Return what a form asks to decide; problems are noted on the form."""
    kind = form.choice("kind", [one.value for one in DecisionKind], "Choose one of the three.")
    is_delay = kind == DecisionKind.DELAY
    depths = {
        area: form.depth_um(f"depth_{area}", "Enter a depth in millimetres, for example 0.5.")
        for area in areas
        if form.typed(f"depth_{area}").strip()
    }
    return Wish(
        kind=DecisionKind(kind) if kind in set(DecisionKind) else DecisionKind.NOT_SAFE,
        reason=form.text("reason", "Give your reason.", most=2000),
        answers_number=form.whole(
            "answers_number", "Please read the answers again.", low=0, high=10_000
        ),
        limits=Limits(
            depths,
            tuple(form.chosen("left_out")),
            bool(form.typed("prophylaxis")),
            tuple(one for one in (NO_ANAESTHETIC, NO_PRILOCAINE) if one in form.chosen("without")),
        ),
        lifts=form.chosen("lifts"),
        delay_until=form.day("delay_until", "Enter the first day.") if is_delay else None,
        expires_on=form.optional_day("expires_on", "Enter a day, or leave it empty."),
        next_step=form.optional("next_step", most=500) or "",
    )


def _is_stepped_up() -> bool:
    shown = g.login.stepped_up_at
    return shown is not None and shown > now() - STEP_UP_LASTS


def _page(scope: TenantScope, hold_id: uuid.UUID, form: Form) -> str:
    kinds = [{"value": one, "label": label} for one, label in KINDS.items()]
    stepped_up = _is_stepped_up()
    return hold_page(scope, hold_id, form, "consent/hold.html", kinds=kinds, stepped_up=stepped_up)
