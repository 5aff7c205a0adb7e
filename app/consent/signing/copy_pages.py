"""A patient's copy, by a link of its own: whoever opens it proves anew who they are.

The link's cookie only leads to the question who it is; what passes it is another cookie with
another kind of secret, and only that one opens the document.
"""

import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, after_this_request, jsonify, render_template, request
from flask_smorest import Blueprint as ApiBlueprint

from app import audit
from app.auth.cookies import set_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import LinkNotUsable, patient_session, public, unit
from app.auth.links import find_link
from app.auth.secrets import issue_secret, revoke_secrets
from app.auth.visitors import visitor
from app.consent import queries
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.taken_back import receipt_answer, taken_back_view
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.errors import ConsentMoved, ConsentUnknown
from app.consent.forms.language import speak_form_language
from app.consent.models import Consent, ConsentState
from app.consent.schemas import ExchangeRequest, ExchangeResponse
from app.consent.signing.page_errors import show_kindly
from app.consent.signing.page_frame import pdf_answer, remember_reference, show, to_path
from app.consent.signing.receipt_view import ended_view, signed_document
from app.consent.signing.steps import Step
from app.consent.standing import state_in_words
from app.consent.ways.identity_view import PROOF_STATUS, birth_errors, identity_view, typed_birth
from app.consent.ways.link_reference import split_link
from app.consent.ways.services.prove_identity import Proof, prove_identity, send_code
from app.database import Actor, TenantScope
from app.documents.files import read_document
from app.kit.clock import now
from app.kit.speech import mark, say
from app.page_speech import speak_as_visitor

Page = Response | tuple[str, int]
LINK_COOKIE, COPY_COOKIE = "__Host-copy-link", "__Host-copy"
ASKING_LASTS, SESSION_LASTS = timedelta(hours=1), timedelta(minutes=30)
LEAD = mark("Your clinic has sent you a link to what you signed. We ask who you are first.")
SIGNED = mark("You have signed. A practitioner still has to confirm it.")
bp = Blueprint("sign_copy", __name__, url_prefix="/sign/copy")
api = ApiBlueprint("copy", __name__, url_prefix="/api/v1/sign/copy", description="A copy")
show_kindly(bp)
asked = patient_session("document_link", LINK_COOKIE, speak_form_language)
known = patient_session("document_session", COPY_COOKIE, speak_form_language)


@bp.get("")
@public
def show_link() -> str:
    """Show the page behind the link; nothing is spent before somebody presses the button."""
    speak_as_visitor()
    return render_template(
        "signing/link.html",
        clinic=None,
        exchange_url="/api/v1/sign/copy/exchange",
        neutral_url="/sign/neutral",
        code_url=None,
        errors=[],
        words={
            "title": say("Your copy"),
            "lead": say(LEAD),
            "button": say("Open my copy"),
        },
    )


@api.post("/exchange")
@public
@api.arguments(ExchangeRequest)
@api.response(200, ExchangeResponse)
def exchange(wanted: dict[str, str]) -> Response:
    """Keep the link in a cookie that leads to the question who it is, and no further."""
    refuse_other_sites()
    token, reference = split_link(wanted["token"])
    after_this_request(lambda response: remember_reference(response, reference))
    found = find_link(unit().session, "document_link", token, visitor())
    if found is None:
        raise LinkNotUsable
    scope = unit().enter(found.tenant_id, Actor("patient"))
    if not queries.exists_consent(scope, found.subject_id):
        raise LinkNotUsable
    response = jsonify(location="/sign/copy/identity")
    seconds = int(ASKING_LASTS.total_seconds())
    set_cookie(response, LINK_COOKIE, token, seconds=seconds)
    return response


@bp.get("/identity")
@asked
def show_identity(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Ask who it is."""
    return _identity(scope, consent_id)


@bp.post("/identity/code")
@asked
def send(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Send a code to the contact on file."""
    send_code(scope, consent_id=consent_id, channel=request.form.get("channel", ""))
    return to_path("/sign/copy/identity")


@bp.post("/identity")
@asked
def prove(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Compare code and date of birth; on success a session for the copy begins."""
    born = typed_birth(request.form)
    errors = birth_errors(born)
    proof = Proof.WRONG
    if not errors:
        code = request.form.get("code", "")
        proof = prove_identity(
            scope,
            consent_id=consent_id,
            code=code,
            born=born,
            address=visitor().counted_address,
        )
    if proof is not Proof.PASSED:
        view = {"proof": proof, "errors": errors, "birth": request.form}
        return _identity(scope, consent_id, PROOF_STATUS.get(proof, 422), **view)
    revoke_secrets(scope, "document_session", subject_id=consent_id)
    token = issue_secret(scope, "document_session", subject_id=consent_id, lasts=SESSION_LASTS)
    response = to_path("/sign/copy/document")
    set_cookie(response, COPY_COOKIE, token, seconds=int(SESSION_LASTS.total_seconds()))
    return response


@bp.get("/document")
@known
def show_copy(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Show what there is to keep, and how to take the consent back."""
    consent = queries.get_consent(scope, consent_id)
    return _show(
        scope,
        consent,
        "copy",
        words=_where_it_stands(scope, consent),
        over=bool(consent.ended_at),
        taken_back=taken_back_view(scope, consent, "/sign/copy/withdrawal/file"),
    )


@bp.get("/document/file")
@known
def download(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Hand out the sealed document."""
    document = signed_document(scope, consent_id)
    if document is None:
        raise ConsentUnknown("There is no such document.")
    audit.record(scope, "consent:copy:read", subject_id=document.id, patient_id=document.patient_id)
    return pdf_answer(read_document(scope, document.id), "consent.pdf")


@bp.get("/withdrawal/file")
@known
def download_receipt(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Hand out the sealed receipt of the withdrawal."""
    return receipt_answer(scope, consent_id)


@bp.get("/withdraw")
@known
def show_withdraw(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Ask once whether the patient means it."""
    consent = queries.get_consent(scope, consent_id)
    return _show(
        scope,
        consent,
        "withdraw",
        signed=True,
        action_url="/sign/copy/withdraw",
        back_to="/sign/copy/document",
    )


@bp.post("/withdraw")
@known
def withdraw(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Take the consent back; where it has ended otherwise, say so."""
    with suppress(ConsentMoved):  # Nothing is done under it: that is what was wanted.
        take_back(scope, consent_id=consent_id, way=WithdrawalWay.COPY_LINK)
    return to_path("/sign/copy/document")


def _where_it_stands(scope: TenantScope, consent: Consent) -> str:
    """Return in one or two sentences to the patient what became of their consent."""
    is_open = consent.ended_at is None and consent.state != ConsentState.PAUSED
    if is_open and consent.state == ConsentState.SIGNED:
        return say(SIGNED)
    if is_open and (consent.valid_until is None or consent.valid_until > now()):
        return state_in_words(consent)
    run_out = ConsentState.EXPIRED if is_open else ConsentState(consent.state)
    return "{title}. {text}".format(**ended_view(scope, consent, run_out))


def _identity(scope: TenantScope, consent_id: uuid.UUID, status: int = 200, **more: Any) -> Page:
    consent = queries.get_consent(scope, consent_id)
    view = identity_view(scope, consent, path="/sign/copy/identity", **more)
    return _show(scope, consent, "identity", status=status, lead=say(LEAD), **view)


def _show(
    scope: TenantScope, consent: Consent, template: str, *, status: int = 200, **context: Any
) -> Page:
    return show(scope, consent, Step.HOLD, template, status=status, **context)
