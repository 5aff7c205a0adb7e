"""Codes on a screen and how far a patient is, for programs of the clinic."""

import uuid

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.models import Consent
from app.consent.progress import Progress, progress_of
from app.consent.schemas import ConsentStatusResponse
from app.consent.services.request_consent import request_consent
from app.consent.services.show_code import ShownCode, show_code
from app.consent.way_schemas import ProgressResponse, ShownCodeResponse
from app.database import TenantScope
from app.idempotency import idempotent

bp = Blueprint(
    "consent_ways_api",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>",
    description="Ways to sign",
)


@bp.post("/plans/<uuid:plan_id>/consents/here")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@bp.response(201, ConsentStatusResponse)
def ask_here(scope: TenantScope, plan_id: uuid.UUID) -> Consent:
    """Make the form for a patient who is in the clinic; nothing is sent."""
    return request_consent(scope, plan_id=plan_id, is_sent=False).consent


@bp.post("/consents/<uuid:consent_id>/qr")
@guard(Permission.CONSENT_REQUEST)
@bp.response(201, ShownCodeResponse)
def make_code(scope: TenantScope, consent_id: uuid.UUID) -> ShownCode:
    """Make a fresh code for the patient's phone; the one before ends."""
    return show_code(scope, consent_id=consent_id)


@bp.get("/consents/<uuid:consent_id>/progress")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, ProgressResponse)
def show_progress(scope: TenantScope, consent_id: uuid.UUID) -> Progress:
    """Return how far the patient is, in words that tell nothing of the answers."""
    return progress_of(scope, queries.get_consent(scope, consent_id))
