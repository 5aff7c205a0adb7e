"""The ways in the clinic: a code on the screen for the patient's phone, and the clinic's tablet."""

import uuid

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.signing.page_frame import to_path
from app.consent.signing.progress import progress_of
from app.consent.ways.services.hand_over import hand_over, take_back
from app.consent.ways.services.show_code import ShownCode, show_code
from app.consent.ways.tablet_cookie import become_tablet
from app.database import TenantScope
from app.documents.code_image import code_path
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.patients.queries import get_patient
from app.staff_pages import go_to
from app.tenants.queries import get_location

bp = Blueprint(
    "consent_ways",
    __name__,
    url_prefix="/clinics/<uuid:clinic_id>/consents/<uuid:consent_id>",
)


@bp.get("/qr")
@guard(Permission.CONSENT_REQUEST)
def watch_code(scope: TenantScope, consent_id: uuid.UUID) -> str:
    """Show how far the patient is; a code is made by pressing the button."""
    return _code_page(scope, consent_id, Form(), None)


@bp.post("/qr")
@guard(Permission.CONSENT_REQUEST)
def show_qr(scope: TenantScope, consent_id: uuid.UUID) -> str:
    """Show a fresh code; it stands in this answer and nowhere else, and a second one ends it."""
    form = sent_form()
    with asking_again(form, lambda again: _code_page(scope, consent_id, again, None)):
        shown = show_code(scope, consent_id=consent_id)
    return _code_page(scope, consent_id, form, shown)


@bp.post("/hand-over")
@guard(Permission.CONSENT_REQUEST)
def give_device(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Open the form on this very device; the member of staff is signed out of it."""
    token = hand_over(scope, consent_id=consent_id)
    return become_tablet(scope, to_path("/sign/identity"), token)


@bp.post("/take-back")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def take_device_back(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """End the form on the clinic's device, wherever it lies."""
    take_back(scope, consent_id=consent_id)
    return go_to(scope, f"/consents/{consent_id}", "device-back")


def _code_page(
    scope: TenantScope, consent_id: uuid.UUID, form: Form, shown: ShownCode | None
) -> str:
    consent = queries.get_consent(scope, consent_id)
    return render_template(
        "consent/qr.html",
        form=form,
        consent=consent,
        patient=get_patient(scope, consent.patient_id),
        location=get_location(scope, consent.location_id),
        progress=progress_of(scope, consent),
        code=code_path(shown.link) if shown else None,
        ends_at=shown.ends_at if shown else None,
        can_show=consent.state in queries.UNSIGNED,
    )
