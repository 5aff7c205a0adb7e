"""The beginning of the patient's way: who it is, and what signing on a screen means.

Nothing about health is shown before identity is proved.
"""

import uuid

from flask import Blueprint, Response, make_response, request

from app.auth.cookies import SIGN_COOKIE, set_cookie
from app.auth.visitors import visitor
from app.consent import queries
from app.consent.ciphers import get_shown
from app.consent.errors import PrivacyChanged, SampleNotOpened
from app.consent.forms.view import electronic_view
from app.consent.models import Consent
from app.consent.signing.page_errors import show_kindly
from app.consent.signing.page_frame import (
    AGAIN_COOKIE,
    AGAIN_SECONDS,
    go_on,
    open_step,
    pdf_answer,
    show,
    to_path,
    to_step,
)
from app.consent.signing.privacy import privacy_notice
from app.consent.signing.services.read_form import accept_electronic, want_paper
from app.consent.signing.steps import Step
from app.consent.ways.at_the_form import patient
from app.consent.ways.identity_view import PROOF_STATUS, birth_errors, identity_view, typed_birth
from app.consent.ways.link_reference import Reference, reference_of
from app.consent.ways.sample_code import wants_sample
from app.consent.ways.sample_file import sample_file
from app.consent.ways.services.open_link import SESSION_LASTS, renew_session
from app.consent.ways.services.prove_identity import Proof, prove_identity, send_code
from app.database import TenantScope
from app.kit.speech import mark, say

Page = Response | tuple[str, int]
bp = Blueprint("sign_start", __name__, url_prefix="/sign")
show_kindly(bp)
PAPER = mark("We print it for you. Ask at the desk, or we bring it to your visit.")
SUMMARY = mark(
    "What you tell us is kept encrypted in the clinic's record, is read by the people who treat"
    " you, and is kept for as long as the law asks."
)


@bp.get("/identity")
@patient
def show_identity(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Ask who it is."""
    consent = open_step(scope, consent_id, Step.IDENTITY)
    if isinstance(consent, Response):
        return consent
    return show(scope, consent, Step.IDENTITY, "identity", **identity_view(scope, consent))


@bp.post("/identity/code")
@patient
def send(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Send a code to the contact on file."""
    consent = open_step(scope, consent_id, Step.IDENTITY)
    if isinstance(consent, Response):
        return consent
    send_code(scope, consent_id=consent_id, channel=request.form.get("channel", ""))
    return to_step(Step.IDENTITY)


@bp.post("/identity")
@patient
def prove(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Compare code and date of birth; on success the session gets a new name."""
    consent = open_step(scope, consent_id, Step.IDENTITY)
    if isinstance(consent, Response):
        return consent
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
    if proof is Proof.PASSED:
        token = renew_session(scope, consent_id)
        response = to_path("/sign/electronic")
        set_cookie(response, SIGN_COOKIE, token, seconds=int(SESSION_LASTS.total_seconds()))
        return response
    view = identity_view(scope, consent, proof=proof, errors=errors, birth=request.form)
    page = show(
        scope, consent, Step.IDENTITY, "identity", status=PROOF_STATUS.get(proof, 422), **view
    )
    return _locked(page, consent) if proof is Proof.LOCKED else page


def _locked(page: tuple[str, int], consent: Consent) -> Response:
    """Let the patient ask for a new link, which goes to the contact on file only."""
    response = make_response(page)
    again = reference_of(Reference(consent.tenant_id, consent.id))
    set_cookie(response, AGAIN_COOKIE, again, seconds=AGAIN_SECONDS)
    return response


@bp.get("/electronic")
@patient
def show_electronic(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Say what signing on a screen means."""
    consent = open_step(scope, consent_id, Step.ELECTRONIC)
    return consent if isinstance(consent, Response) else _electronic(scope, consent, "")


@bp.post("/electronic")
@patient
def choose_way(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Go on on the screen, or ask for paper."""
    way = request.form.get("way", "")
    if way == "screen":
        shown = request.form.get("privacy_version", "")
        try:
            accepted = accept_electronic(
                scope,
                consent_id=consent_id,
                privacy_sha256=shown,
                sample_code=request.form.get("sample_code", ""),
            )
            return go_on(accepted)
        except PrivacyChanged:
            return _read_again(scope, consent_id)
        except SampleNotOpened as refused:
            return _try_again(scope, consent_id, refused.message)
    if way == "paper":
        return _electronic(scope, want_paper(scope, consent_id=consent_id), way)
    consent = open_step(scope, consent_id, Step.ELECTRONIC)
    if isinstance(consent, Response):
        return consent
    wrong = [{"field": "way", "message": say("Choose how you want to sign.")}]
    return _electronic(scope, consent, "", status=422, errors=wrong)


@bp.get("/sample")
@patient
def show_sample(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Show the sample file in which the code stands; it says nothing about the patient."""
    consent = open_step(scope, consent_id, Step.ELECTRONIC)
    if isinstance(consent, Response):
        return consent
    response = pdf_answer(sample_file(scope, consent), "sample.pdf")
    response.headers["Content-Disposition"] = 'inline; filename="sample.pdf"'
    return response


def _try_again(scope: TenantScope, consent_id: uuid.UUID, why: str) -> Page:
    wrong = [{"field": "sample_code", "message": why}]
    consent = queries.get_consent(scope, consent_id)
    return _electronic(scope, consent, "screen", status=422, errors=wrong)


def _read_again(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    told = say("This was changed while you had the page open. Please read it once more.")
    wrong = [{"field": "privacy", "message": told}]
    consent = queries.get_consent(scope, consent_id)
    return _electronic(scope, consent, "screen", status=409, errors=wrong)


def _electronic(
    scope: TenantScope, consent: Consent, way: str, status: int = 200, **more: object
) -> Page:
    chosen = way or ("screen" if consent.electronic_accepted_at else None)
    notice = privacy_notice(scope)
    return show(
        scope,
        consent,
        Step.ELECTRONIC,
        "electronic",
        status=status,
        action_url="/sign/electronic",
        way=chosen,
        privacy={
            "version": notice.sha256,
            "summary": say(SUMMARY),
            "lines": notice.lines,
            "own": notice.own,
        },
        sample_url="/sign/sample" if wants_sample(scope, consent) else None,
        paper_text=say(PAPER),
        **electronic_view(get_shown(scope, consent)),
        **more,
    )
