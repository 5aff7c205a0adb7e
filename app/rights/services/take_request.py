"""A patient asks something about their data; a member of staff writes it down."""

import uuid
from datetime import date, timedelta

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now, today_in
from app.kit.ids import new_id
from app.patients.queries import get_patient
from app.rights.models import RequestKind, RightsRequest
from app.rights.queries import get_request_for_update, list_open_decisions_of
from app.tenants.queries import get_location

CHANNELS = ("in_person", "phone", "email", "letter", "representative")
IDENTIFIED_BY = ("id_document", "known_in_person", "contact_on_file", "not_yet")
# One month, counted so that it also holds in February.
ANSWER_WITHIN = timedelta(days=28)


def take_request(
    scope: TenantScope,
    *,
    patient_id: uuid.UUID,
    kind: RequestKind,
    channel: str,
    identified_by: str,
) -> RightsRequest:
    """Write a request down; an answer is due within a month.

    Raises Invalid for an unknown channel, or where nobody made sure who asks: until then nothing
    is decided, and nothing may be handed out.
    """
    patient = get_patient(scope, patient_id)
    if channel not in CHANNELS:
        raise Invalid("Choose how they asked.", fields={"channel": "not one of the ways"})
    if identified_by not in IDENTIFIED_BY:
        raise Invalid(
            "Choose how you know who asks.", fields={"identified_by": "not one of the ways"}
        )
    if identified_by == "not_yet":
        raise Invalid(
            "First make sure that it is the patient who asks, or somebody who acts for them.",
            fields={"identified_by": "First make sure who asks, then write the request down."},
        )
    request = RightsRequest(
        tenant_id=scope.tenant_id,
        id=new_id(),
        patient_id=patient.id,
        kind=kind.value,
        state="open",
        channel=channel,
        identified_by=identified_by,
        asked_at=now(),
        due_on=_due(today_in(get_location(scope, patient.location_id).zone)),
        taken_by=scope.actor.id,
    )
    scope.session.add(request)
    audit.record(
        scope, "rights:request:take", subject_id=request.id, patient_id=patient.id, kind=kind.value
    )
    return request


def close_request(scope: TenantScope, *, request_id: uuid.UUID) -> RightsRequest:
    """Note that a request was answered; raises Invalid while something of it is not done."""
    request = get_request_for_update(scope, request_id)
    if request.state == "done":
        return request
    if request.kind == RequestKind.ERASURE and (
        request.state == "open" or list_open_decisions_of(scope, request.id)
    ):
        raise Invalid("An erasure is answered by deciding it, and done when all is carried out.")
    request.state, request.closed_at = "done", now()
    request.version += 1
    audit.record(
        scope, "rights:request:close", subject_id=request.id, patient_id=request.patient_id
    )
    return request


def _due(today: date) -> date:
    return today + ANSWER_WITHIN
