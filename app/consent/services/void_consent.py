"""The clinic calls a form or a consent back, with a reason that stays; the patient is told kindly.

Not the patient's change of mind: that is a withdrawal, which needs no reason and gives a receipt.
"""

import uuid

from app import audit
from app.consent import queries
from app.consent.after.follow_models import ConsentVoid
from app.consent.ciphers import close_text
from app.consent.errors import ConsentMoved
from app.consent.models import Consent, ConsentState
from app.consent.services.open_grants import close_grants
from app.consent.services.request_consent import end_links
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.messaging.services import queue_message
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.patients.services.limit_use import is_restricted
from app.patients.services.require_alive import is_deceased
from app.tenants.queries import get_clinic

LEAST, MOST = 5, 2000
_MAY_BE = (*queries.UNSIGNED, ConsentState.SIGNED, ConsentState.ACTIVE, ConsentState.PAUSED)


def void_consent(scope: TenantScope, *, consent_id: uuid.UUID, reason: str) -> Consent:
    """Call a consent back before or after it was signed; repeating it changes nothing.

    Grants close at once. Raises Invalid without a reason, ConsentMoved where it ended otherwise.
    """
    told = reason.strip()
    if not LEAST <= len(told) <= MOST:
        raise Invalid(
            f"Say why, in {LEAST} to {MOST} characters.", fields={"reason": "too short or too long"}
        )
    consent = queries.get_consent_for_update(scope, consent_id)
    if consent.state == ConsentState.VOIDED:
        return consent
    if consent.state not in _MAY_BE:
        raise ConsentMoved("This consent has ended already.", state=consent.state)
    if consent.state in (ConsentState.ACTIVE, ConsentState.PAUSED):
        close_grants(scope, consent.id)
    was_signed = consent.signed_at is not None
    consent.state, consent.ended_at = ConsentState.VOIDED, now()
    consent.version += 1
    scope.session.add(_void_row(scope, consent, told))
    # Open pages stay, so that whoever is on one reads what happened and not that a link is dead.
    end_links(scope, consent.id, keep_session=True)
    audit.record(
        scope,
        "consent:form:void",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        was_signed=was_signed,
    )
    _tell(scope, consent)
    return consent


def _void_row(scope: TenantScope, consent: Consent, reason: str) -> ConsentVoid:
    if scope.actor.id is None:
        raise ValueError("a consent is called back by somebody")
    row_id = new_id()
    return ConsentVoid(
        tenant_id=scope.tenant_id,
        id=row_id,
        consent_id=consent.id,
        reason_cipher=close_text(scope, consent.patient_id, "consent_void.reason", row_id, reason),
        voided_by=scope.actor.id,
        voided_at=consent.ended_at,
    )


def _tell(scope: TenantScope, consent: Consent) -> None:
    """Tell the patient that there is nothing to do; the reason is the clinic's to say."""
    patient = get_patient(scope, consent.patient_id)
    email = contact(scope, patient, "email")
    if email is None or is_restricted(scope, patient.id) or is_deceased(scope, patient.id):
        return
    queue_message(
        scope,
        to=email,
        channel="email",
        template="form_called_back",
        values={"name": patient.name, "clinic": get_clinic(scope).legal_name},
        patient_id=patient.id,
        location_id=consent.location_id,
    )
