"""Forms and consents, for programs of the clinic."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Response, g
from flask_smorest import Blueprint

from app import audit
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.after import withdrawal_queries
from app.consent.after.follow_queries import find_decline
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.taken_back import receipt_answer
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.browser import this_browser
from app.consent.errors import NotDeclined, NotTakenBack
from app.consent.forms.choose_form import WantedForm
from app.consent.models import Attestation, Consent
from app.consent.schemas import (
    AttestationResponse,
    ConsentRequest,
    ConsentStatusResponse,
    DeclineResponse,
    PatientAnswerRequest,
    PatientQuestionResponse,
    StandingResponse,
    VoidRequest,
    WithdrawalResponse,
    WithdrawRequest,
)
from app.consent.services.attest_consent import attest_consent
from app.consent.services.request_consent import request_consent, resend_link
from app.consent.services.void_consent import void_consent
from app.consent.signing.declining import read_typed, why_of
from app.consent.signing.page_frame import pdf_answer
from app.consent.signing.patient_questions import Asked, questions_asked
from app.consent.signing.receipt_view import signed_document
from app.consent.signing.services.answer_patient import answer_patient
from app.consent.standing import Standing, consent_standing
from app.consent.ways.services.prove_identity import attest_identity
from app.database import TenantScope
from app.documents.files import read_document
from app.errors import NotThereYet
from app.idempotency import idempotent
from app.kit.clock import now
from app.patients.queries import get_patient
from app.plans.queries import get_plan

bp = Blueprint(
    "consent", __name__, url_prefix="/api/v1/clinics/<uuid:clinic_id>", description="Consent"
)


@bp.post("/plans/<uuid:plan_id>/consents")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@bp.arguments(ConsentRequest)
@bp.response(201, ConsentStatusResponse)
def ask(scope: TenantScope, wanted: dict[str, Any], plan_id: uuid.UUID) -> Consent:
    """Ask the patient for one consent: to the latest version of a plan, an add-on, or photos."""
    return request_consent(scope, plan_id=plan_id, wanted=WantedForm(**wanted)).consent


@bp.get("/plans/<uuid:plan_id>/standing")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, StandingResponse)
def standing(scope: TenantScope, plan_id: uuid.UUID) -> Standing:
    """Return what the plan's consent allows now."""
    plan = get_plan(scope, plan_id)
    return consent_standing(scope, patient_id=plan.patient_id, plan_id=plan.id, at=now())


@bp.get("/patients/<uuid:patient_id>/consents")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, ConsentStatusResponse(many=True))
def list_status(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[Consent]:
    """List where a patient's consents stand."""
    return queries.list_consents_of_patient(scope, get_patient(scope, patient_id).id)


@bp.get("/consents/<uuid:consent_id>")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, ConsentStatusResponse)
def get(scope: TenantScope, consent_id: uuid.UUID) -> Consent:
    """Return where a consent stands."""
    return queries.get_consent(scope, consent_id)


@bp.post("/consents/<uuid:consent_id>/resend")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@bp.response(200, ConsentStatusResponse)
def resend(scope: TenantScope, consent_id: uuid.UUID) -> Consent:
    """Send a fresh link; older ones end."""
    return resend_link(scope, consent_id=consent_id).consent


@bp.post("/consents/<uuid:consent_id>/identity")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@bp.response(200, ConsentStatusResponse)
def note_identity(scope: TenantScope, consent_id: uuid.UUID) -> Consent:
    """Note that the patient's ID was seen here and now."""
    return attest_identity(scope, consent_id=consent_id)


@bp.post("/consents/<uuid:consent_id>/attest")
@guard(Permission.CONSENT_ATTEST, step_up=True)
@idempotent
@bp.response(201, AttestationResponse)
def attest(scope: TenantScope, consent_id: uuid.UUID) -> Attestation:
    """Confirm a signed consent; it is in force from then on."""
    when, browser = g.login.stepped_up_at, this_browser()
    return attest_consent(scope, consent_id=consent_id, stepped_up_at=when, browser=browser)


@bp.get("/consents/<uuid:consent_id>/questions")
@guard(Permission.CONSENT_READ)
@bp.response(200, PatientQuestionResponse(many=True))
def list_questions(scope: TenantScope, consent_id: uuid.UUID) -> list[Asked]:
    """List what the patient asked about the form, with the answers."""
    return list(questions_asked(scope, queries.get_consent(scope, consent_id)))


@bp.post("/consents/<uuid:consent_id>/questions/<uuid:question_id>/answer")
@guard(Permission.PLAN_WRITE)
@idempotent
@bp.arguments(PatientAnswerRequest)
@bp.response(200, PatientQuestionResponse)
def answer_question(
    scope: TenantScope, wanted: dict[str, Any], consent_id: uuid.UUID, question_id: uuid.UUID
) -> Asked:
    """Answer a patient's question; after the last one they are told that they may go on."""
    answer_patient(scope, consent_id=consent_id, question_id=question_id, answer=wanted["answer"])
    asked = questions_asked(scope, queries.get_consent(scope, consent_id))
    return next(one for one in asked if one.id == question_id)


@bp.post("/consents/<uuid:consent_id>/withdraw")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@bp.arguments(WithdrawRequest)
@bp.response(200, ConsentStatusResponse)
def withdraw(scope: TenantScope, wanted: dict[str, Any], consent_id: uuid.UUID) -> Consent:
    """Take a consent back for a patient who says so."""
    why = read_typed(wanted["reasons"], wanted["reason"])
    return take_back(
        scope, consent_id=consent_id, way=WithdrawalWay.STAFF, reason=wanted["reason"], why=why
    )


@bp.get("/consents/<uuid:consent_id>/decline")
@guard(Permission.CONSENT_READ)
@bp.response(200, DeclineResponse)
def get_decline(scope: TenantScope, consent_id: uuid.UUID) -> dict[str, Any]:
    """Return that the patient said no before signing, and why if they said so."""
    consent = queries.get_consent(scope, consent_id)
    row = find_decline(scope, consent.id)
    if row is None:
        raise NotDeclined("Nobody said no to this form.", state=consent.state)
    audit.record(
        scope, "consent:decline:read", subject_id=consent.id, patient_id=consent.patient_id
    )
    return {"row": row, "why": why_of(scope, consent, row)}


@bp.post("/consents/<uuid:consent_id>/void")
@guard(Permission.CONSENT_VOID)
@idempotent
@bp.arguments(VoidRequest)
@bp.response(200, ConsentStatusResponse)
def void(scope: TenantScope, wanted: dict[str, Any], consent_id: uuid.UUID) -> Consent:
    """Call a form or a consent back, with a reason; the patient is told that it ended."""
    return void_consent(scope, consent_id=consent_id, reason=wanted["reason"])


@bp.get("/consents/<uuid:consent_id>/withdrawal")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, WithdrawalResponse)
def get_withdrawal(scope: TenantScope, consent_id: uuid.UUID) -> dict[str, Any]:
    """Return when and through whom a consent was taken back, and whether its receipt is made."""
    consent = queries.get_consent(scope, consent_id)
    found = withdrawal_queries.find_withdrawal(scope, consent.id)
    if found is None:
        raise NotTakenBack("This consent was not taken back.", state=consent.state)
    receipt = withdrawal_queries.find_receipt(scope, found.id)
    return {"withdrawal": found, "receipt": receipt}


@bp.get("/consents/<uuid:consent_id>/withdrawal/receipt")
@guard(Permission.DOCUMENT_READ)
@bp.response(200, content_type="application/pdf")
def get_withdrawal_receipt(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Return the sealed receipt of a withdrawal."""
    return receipt_answer(scope, consent_id)


@bp.get("/consents/<uuid:consent_id>/document")
@guard(Permission.DOCUMENT_READ)
@bp.response(200, content_type="application/pdf")
def get_document(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Return the executed consent, or the patient's signed document before that."""
    document = signed_document(scope, queries.get_consent(scope, consent_id).id)
    if document is None:
        raise NotThereYet("Nothing has been signed yet.")
    return pdf_answer(read_document(scope, document.id), "consent.pdf")
