"""The staff's page of one consent: where it stands, what was answered, and what may be done now.

Whoever may only see where a consent stands gets no answer to see. Confirming has a page of its own
behind the second factor, on which everything that is confirmed can be read.
"""

import uuid
from typing import Any

from flask import Blueprint, g, render_template
from werkzeug.wrappers import Response

from app import audit
from app.auth.guards import guard, has_permission
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.after.follow_view import follow_view
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.taken_back import taken_back_view
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.browser import this_browser
from app.consent.clinical_view import clinical_view
from app.consent.documents.executed_paper import ground_of_consent, statement_for
from app.consent.holds.models import HoldOrigin
from app.consent.models import Consent, ConsentState
from app.consent.services.attest_consent import attest_consent, may_attest, may_still_confirm
from app.consent.services.pause_consent import IN_FORCE, Finding, pause_plan
from app.consent.services.request_consent import resend_link
from app.consent.services.void_consent import void_consent
from app.consent.signing.progress import progress_of
from app.consent.signing.receipt_view import signed_document
from app.consent.signing.services.answer_patient import answer_patient
from app.consent.standing import state_in_words
from app.consent.still_current import too_old
from app.consent.ways.services.lock_link import is_locked
from app.consent.ways.services.prove_identity import attest_identity, id_was_shown
from app.consent.ways.tablet_state import tablet_state
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.patients.queries import get_patient
from app.staff_pages import go_to
from app.tenants.queries import get_location, get_staff

bp = Blueprint(
    "consent_pages",
    __name__,
    url_prefix="/clinics/<uuid:clinic_id>/consents/<uuid:consent_id>",
)
IN_FORCE_OR_SIGNED = (ConsentState.SIGNED, ConsentState.ACTIVE, ConsentState.PAUSED)


@bp.get("")
@guard(Permission.CONSENT_STATUS)
def show_consent(scope: TenantScope, consent_id: uuid.UUID) -> str:
    """Show where a consent stands, and to clinicians what was answered."""
    return _page(scope, consent_id, Form())


@bp.get("/attest")
@guard(Permission.CONSENT_ATTEST, step_up=True)
def show_attest(scope: TenantScope, consent_id: uuid.UUID) -> str:
    """Show all that is confirmed, and the sentence to which the practitioner puts their name."""
    return _attest_page(scope, consent_id, Form())


@bp.post("/attest")
@guard(Permission.CONSENT_ATTEST, step_up=True)
@idempotent
def attest(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Confirm a signed consent; it is in force from then on."""
    form = sent_form()
    with asking_again(form, lambda again: _attest_page(scope, consent_id, again)):
        when, browser = g.login.stepped_up_at, this_browser()
        attest_consent(scope, consent_id=consent_id, stepped_up_at=when, browser=browser)
    return go_to(scope, f"/consents/{consent_id}")


@bp.post("/resend")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def resend(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Send a fresh link; older ones end."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, consent_id, again)):
        resend_link(scope, consent_id=consent_id)
    return go_to(scope, f"/consents/{consent_id}")


@bp.post("/identity")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def note_identity(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Note that the patient's ID was seen here and now."""
    attest_identity(scope, consent_id=consent_id)
    return go_to(scope, f"/consents/{consent_id}")


@bp.post("/answer")
@guard(Permission.PLAN_WRITE)
@idempotent
def answer(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Answer what the patient asked about the form."""
    form = sent_form()
    question_id = form.key_of("question_id", "Choose the question.")
    field = f"answer_{question_id}"
    with asking_again(form, lambda again: _page(scope, consent_id, again), {"answer": field}):
        form.check()
        answer_patient(
            scope, consent_id=consent_id, question_id=question_id, answer=form.typed(field)
        )
    return go_to(scope, f"/consents/{consent_id}")


@bp.post("/withdraw")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def withdraw(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Take a consent back for a patient who says so."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, consent_id, again)):
        reason = form.optional("reason") or ""
        take_back(scope, consent_id=consent_id, way=WithdrawalWay.STAFF, reason=reason)
    return go_to(scope, f"/consents/{consent_id}")


@bp.post("/hold")
@guard(Permission.HOLD_DECIDE)
@idempotent
def stop(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Stop the plan: nothing more is treated under it until somebody has decided."""
    form = sent_form()
    with asking_again(
        form, lambda again: _page(scope, consent_id, again), {"reason": "stop_reason"}
    ):
        chosen = form.choice("origin", ("clinic", "incident"), "Choose one of the two.")
        form.check()
        finding = Finding(HoldOrigin(chosen), form.typed("stop_reason"))
        plan_id = queries.get_consent(scope, consent_id).plan_id
        hold = pause_plan(scope, plan_id=plan_id, finding=finding)
    return go_to(scope, f"/holds/{hold.id}", "stopped")


@bp.post("/void")
@guard(Permission.CONSENT_VOID)
@idempotent
def void(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Call a form or a consent back, with a reason."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, consent_id, again)):
        reason = form.text("void_reason", "Say why it is called back.", most=2000)
        form.check()
        void_consent(scope, consent_id=consent_id, reason=reason)
    return go_to(scope, f"/consents/{consent_id}", "called-back")


def _page(scope: TenantScope, consent_id: uuid.UUID, form: Form) -> str:
    consent = queries.get_consent(scope, consent_id)
    return render_template(
        "consent/consent.html", form=form, **_shared(scope, consent), **_acts(scope, consent)
    )


def _attest_page(scope: TenantScope, consent_id: uuid.UUID, form: Form) -> str:
    consent = queries.get_consent(scope, consent_id)
    ground = ground_of_consent(scope, consent)
    staff_id = scope.actor.id or uuid.UUID(int=0)
    return render_template(
        "consent/attest.html",
        form=form,
        statement=statement_for(scope, consent, ground),
        eligible=may_attest(scope, staff_id=staff_id, ground=ground),
        waits=may_still_confirm(scope, consent),
        **_shared(scope, consent),
    )


def _shared(scope: TenantScope, consent: Consent) -> dict[str, Any]:
    location = get_location(scope, consent.location_id)
    may_read = has_permission(Permission.CONSENT_READ)
    if may_read:
        audit.record(
            scope, "consent:answers:read", subject_id=consent.id, patient_id=consent.patient_id
        )
    document = signed_document(scope, consent.id)
    may_open = document is not None and has_permission(Permission.DOCUMENT_READ)
    return {
        "consent": consent,
        "patient": get_patient(scope, consent.patient_id),
        "location": location,
        "place": location.name,
        "words": state_in_words(consent),
        "too_old": too_old(scope, consent),
        "follow": follow_view(scope, consent),
        "taken_back": taken_back_view(scope, consent, _receipt_path(scope, consent)),
        "progress": progress_of(scope, consent),
        "clinical": clinical_view(scope, consent) if may_read else None,
        "may_open": has_permission(Permission.DOCUMENT_READ),
        "document_url": f"/api/v1/clinics/{scope.tenant_id}/consents/{consent.id}/document"
        if may_open
        else None,
    }


def _receipt_path(scope: TenantScope, consent: Consent) -> str:
    return f"/api/v1/clinics/{scope.tenant_id}/consents/{consent.id}/withdrawal/receipt"


def _acts(scope: TenantScope, consent: Consent) -> dict[str, Any]:
    unsigned = consent.state in queries.UNSIGNED
    asks = has_permission(Permission.CONSENT_REQUEST)
    seen_by = consent.identity_attested_by
    return {
        "can_send": unsigned and asks,
        "tablet": tablet_state(scope, consent.id) if asks else None,
        "can_answer": unsigned and has_permission(Permission.PLAN_WRITE),
        "is_locked": unsigned and is_locked(consent),
        "can_withdraw": (unsigned or consent.state in IN_FORCE_OR_SIGNED) and asks,
        "can_stop": consent.state in IN_FORCE and has_permission(Permission.HOLD_DECIDE),
        "can_void": (unsigned or consent.state in IN_FORCE_OR_SIGNED)
        and has_permission(Permission.CONSENT_VOID),
        "can_attest": has_permission(Permission.CONSENT_ATTEST)
        and may_still_confirm(scope, consent),
        "id_seen_by": get_staff(scope, seen_by).name
        if seen_by is not None and id_was_shown(consent)
        else None,
    }
