"""Codes on a screen, the clinic's tablet and how far a patient is, for programs of the clinic."""

import uuid

from flask import jsonify
from flask_smorest import Blueprint
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.models import Consent
from app.consent.schemas import ConsentStatusResponse
from app.consent.services.request_consent import request_consent
from app.consent.signing.progress import Progress, progress_of
from app.consent.ways.schemas import (
    HandedOverResponse,
    HandOverRequest,
    ProgressResponse,
    ShownCodeResponse,
    TabletResponse,
)
from app.consent.ways.services.hand_over import hand_over, take_back
from app.consent.ways.services.show_code import ShownCode, show_code
from app.consent.ways.tablet_cookie import become_tablet
from app.consent.ways.tablet_state import TabletState, tablet_state
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


@bp.post("/consents/<uuid:consent_id>/hand-over")
@guard(Permission.CONSENT_REQUEST)
@bp.arguments(HandOverRequest)
@bp.response(200, HandedOverResponse)
@bp.alt_response(410, description="There is nothing left to sign, or its time is over")
def give_device(scope: TenantScope, _wanted: dict[str, bool], consent_id: uuid.UUID) -> Response:
    """Lock the device that asks on one form; its member of staff is signed out.

    Not repeatable by a key: whoever asked has no session any more, and no answer that is kept may
    hold the patient's. A device that never got the answer is signed in and handed over anew.
    """
    token = hand_over(scope, consent_id=consent_id)
    return become_tablet(scope, jsonify(location="/sign/identity"), token)


@bp.get("/consents/<uuid:consent_id>/tablet")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, TabletResponse)
def show_tablet(scope: TenantScope, consent_id: uuid.UUID) -> TabletState:
    """Return whether a device of the clinic stands locked on this form."""
    return tablet_state(scope, consent_id)


@bp.post("/consents/<uuid:consent_id>/take-back")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@bp.response(200, TabletResponse)
def take_device_back(scope: TenantScope, consent_id: uuid.UUID) -> TabletState:
    """End the form on the clinic's device, wherever it lies; a patient's own phone stays as it is.

    Return where it stands after that, the same when no device had it.
    """
    take_back(scope, consent_id=consent_id)
    return tablet_state(scope, consent_id)
