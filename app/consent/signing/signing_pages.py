"""The page with the signature, the receipt, the document, and saying no."""

import uuid

from flask import Blueprint, Response, request

from app.consent import queries
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.taken_back import receipt_answer, taken_back_view
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.browser import this_browser
from app.consent.ciphers import get_shown
from app.consent.documents.patient_paper import SigningAct, statement_of
from app.consent.errors import ConsentUnknown
from app.consent.forms.shown import AssembledForm
from app.consent.forms.view import summary_of
from app.consent.holds.services.settle_hold import end_expired
from app.consent.models import Consent, ConsentState
from app.consent.screening.fields import Fields, text_of
from app.consent.services.sign_consent import acknowledged_on_signing, sign_consent
from app.consent.signing.declining import REASONS, read_typed
from app.consent.signing.drafts import read_page
from app.consent.signing.page_errors import show_kindly
from app.consent.signing.page_frame import (
    autosave_of,
    clinic_frame,
    day_text,
    location_of,
    open_step,
    pdf_answer,
    posted_fields,
    show,
    to_path,
    to_step,
)
from app.consent.signing.patient_questions import Asked, asked_view, open_ones, questions_asked
from app.consent.signing.receipt_view import ended_view, receipt_view, signed_document
from app.consent.signing.services.ask_question import take_back_question
from app.consent.signing.services.join_signing import is_everybody_there
from app.consent.signing.services.keep_signing import keep_signing, kept_signing
from app.consent.signing.steps import Step, step_of
from app.consent.ways.at_the_form import patient
from app.consent.ways.services.hand_over import find_tablet
from app.database import TenantScope
from app.documents.files import read_document
from app.errors import Invalid, TooLarge
from app.kit.speech import mark, say
from app.patients.queries import get_patient
from app.plans.queries import get_plan_version
from app.tenants.queries import get_staff

Page = Response | tuple[str, int]
bp = Blueprint("sign_act", __name__, url_prefix="/sign")
show_kindly(bp)


@bp.get("/signature")
@patient
def show_signature(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Show the sentence that is signed, and the place to sign."""
    end_expired(scope, consent_id=consent_id)
    consent = open_step(scope, consent_id, Step.SIGN)
    if isinstance(consent, Response):
        return consent
    asked = questions_asked(scope, consent)
    if open_ones(asked):
        return _waiting(scope, consent, asked)
    if not is_everybody_there(scope, consent):
        return to_path("/sign/people")
    return _signature(scope, consent, read_page(scope, consent, "sign"), [])


@bp.post("/signature/without-answer")
@patient
def go_without_answer(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Go on without the answer to a question."""
    consent = open_step(scope, consent_id, Step.SIGN)
    if isinstance(consent, Response):
        return consent
    wanted = request.form.get("question_id", "")
    for one in questions_asked(scope, consent):
        if str(one.id) == wanted:
            take_back_question(scope, consent_id=consent_id, question_id=one.id)
    return to_step(Step.SIGN)


@bp.post("/signature")
@patient
def sign(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Sign: sealed in this very request, or honestly not signed yet."""
    consent = open_step(scope, consent_id, Step.SIGN)
    if isinstance(consent, Response):
        return consent
    try:
        fields = posted_fields()
    except TooLarge:
        return _refused(scope, consent_id, {}, {"ink": say(_TOO_MUCH)}, 413)
    clinic_frame(scope, keep_signing(scope, consent_id=consent_id, fields=fields))
    return _sign(scope, consent_id, fields)


@bp.post("/signature/again")
@patient
def sign_again(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Resume the signing that a failure of ours interrupted."""
    consent = open_step(scope, consent_id, Step.SIGN)
    if isinstance(consent, Response):
        return consent
    key = request.form.get("idempotency_key", "")
    fields = kept_signing(scope, consent_id=consent_id, key=key)
    if fields is None:
        return to_step(Step.SIGN)
    clinic_frame(scope, consent)
    return _sign(scope, consent_id, fields)


@bp.get("/receipt")
@patient
def show_receipt(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Show the receipt, or how the form ended otherwise."""
    consent = open_step(scope, consent_id, Step.RECEIPT)
    if isinstance(consent, Response):
        return consent
    signature = queries.find_signature(scope, consent_id)
    is_over = consent.ended_at is not None or consent.state == ConsentState.PAUSED
    if signature is None or is_over:
        taken_back = taken_back_view(scope, consent, "/sign/withdrawal/file")
        ended = ended_view(scope, consent)
        return show(scope, consent, Step.RECEIPT, "ended", taken_back=taken_back, **ended)
    view = receipt_view(scope, consent, signature)
    return show(scope, consent, Step.RECEIPT, "receipt", **view)


@bp.get("/document")
@patient
def download(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Hand out the sealed document to the session that signed it."""
    consent = open_step(scope, consent_id, Step.RECEIPT)
    if isinstance(consent, Response):
        return consent
    if find_tablet(scope, consent_id) is not None:
        return to_step(Step.RECEIPT)  # A file would stay on the device for whoever comes next.
    document = signed_document(scope, consent_id)
    if document is None:
        raise ConsentUnknown("There is no such document.")
    return pdf_answer(read_document(scope, document.id), "consent.pdf")


@bp.get("/withdraw")
@patient
def show_withdraw(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Ask once whether the patient means it; before signing it is saying no."""
    consent = queries.get_consent(scope, consent_id)
    if step_of(consent) is Step.IDENTITY:
        return to_step(Step.IDENTITY)
    return _withdraw_page(scope, consent)


@bp.post("/withdraw")
@patient
def withdraw(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Take the consent back, or say no."""
    consent = queries.get_consent(scope, consent_id)
    if step_of(consent) is Step.IDENTITY:
        return to_step(Step.IDENTITY)
    reasons, words = request.form.getlist("reasons"), request.form.get("words", "")
    try:
        why = read_typed(reasons, words)
    except Invalid as wrong:
        errors = [{"field": "words", "message": wrong.message}]
        typed = {"reasons": reasons, "words": words}
        return _withdraw_page(scope, consent, status=422, errors=errors, typed=typed)
    take_back(scope, consent_id=consent_id, way=WithdrawalWay.SIGN_LINK, why=why)
    return to_step(Step.RECEIPT)


@bp.get("/withdrawal/file")
@patient
def download_receipt(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Hand out the sealed receipt of the withdrawal."""
    if step_of(queries.get_consent(scope, consent_id)) is Step.IDENTITY:
        return to_step(Step.IDENTITY)
    return receipt_answer(scope, consent_id)


def _withdraw_page(
    scope: TenantScope, consent: Consent, *, status: int = 200, **more: object
) -> Page:
    reasons = [{"value": code, "label": say(text)} for code, text in REASONS.items()]
    return show(
        scope,
        consent,
        Step.HOLD,
        "withdraw",
        status=status,
        signed=consent.signed_at is not None,
        reasons=reasons,
        action_url="/sign/withdraw",
        **more,
    )


_TOO_MUCH = mark("That is more ink than a signature needs. Please clear it and draw it again.")


def _sign(scope: TenantScope, consent_id: uuid.UUID, fields: Fields) -> Page:
    # Only what a person can put right is answered here; all else is rolled back by the edge.
    try:
        sign_consent(scope, consent_id=consent_id, act=_act_of(fields))
    except TooLarge as much:
        return _refused(scope, consent_id, fields, {"ink": much.message}, 413)
    except Invalid as wrong:
        found = wrong.extra.get("fields")
        named = found if isinstance(found, dict) else {_field_of(wrong): wrong.message}
        return _refused(scope, consent_id, fields, named, 422)
    return to_step(Step.RECEIPT)


def _act_of(fields: Fields) -> SigningAct:
    ticked, browser = fields.get("acknowledged", []), this_browser()
    return SigningAct(
        typed_name=text_of(fields, "full_name"),
        method="ink" if text_of(fields, "signature_kind") == "ink" else "typed",
        ink=text_of(fields, "ink"),
        shown_sha256=text_of(fields, "document_sha256"),
        acknowledged=tuple(ticked) if isinstance(ticked, list) else (ticked,),
        address=browser.address,
        user_agent=browser.user_agent,
    )


def _field_of(wrong: Invalid) -> str:
    return {"ink_refused": "ink", "missing_glyph": "full_name"}.get(wrong.code, "")


def _refused(
    scope: TenantScope, consent_id: uuid.UUID, fields: Fields, named: dict[str, str], status: int
) -> Page:
    consent = queries.get_consent(scope, consent_id)
    errors = [{"field": name, "message": message} for name, message in named.items()]
    # Ink that was refused is not drawn again: it would be refused again.
    kept = {name: value for name, value in fields.items() if name != "ink" or "ink" not in named}
    return _signature(scope, consent, kept, errors, status)


def _signature(
    scope: TenantScope,
    consent: Consent,
    fields: Fields,
    errors: list[dict[str, str]],
    status: int = 200,
) -> Page:
    shown = get_shown(scope, consent)
    return show(
        scope,
        consent,
        Step.SIGN,
        "sign",
        status=status,
        errors=errors,
        statement=statement_of(shown),
        summary=summary_of(shown),
        document_url="/sign/read",
        document_sha256=consent.shown_sha256.hex(),
        idempotency_key=f"{consent.id}:{consent.shown_sha256.hex()[:16]}",
        signer_name=get_patient(scope, consent.patient_id).name,
        today_text=day_text(location_of(scope, consent).zone),
        action_url="/sign/signature",
        acknowledgements=_acknowledgements(shown),
        values={name: text_of(fields, name) for name in ("full_name", "signature_kind", "ink")}
        | {"acknowledged": fields.get("acknowledged", [])},
        asked=asked_view(questions_asked(scope, consent), location_of(scope, consent).zone),
        decline_url="/sign/withdraw",
        **autosave_of(scope, consent, "sign"),
    )


def _waiting(scope: TenantScope, consent: Consent, asked: tuple[Asked, ...]) -> Page:
    zone = location_of(scope, consent).zone
    version = get_plan_version(scope, consent.plan_version_id)
    return show(
        scope,
        consent,
        Step.SIGN,
        "asked",
        asked=asked_view(asked, zone),
        answered_by=get_staff(scope, version.practitioner_id).name,
    )


def _acknowledgements(shown: AssembledForm) -> list[dict[str, str]]:
    texts = {block.clause: block.text for part in shown.sections for block in part.blocks}
    wanted = acknowledged_on_signing(shown.acknowledgements)
    return [{"id": clause, "text": texts[clause]} for clause in wanted]
