"""The evidence record of a consent, for programs, inspectors and courts."""

import uuid
from typing import Any

from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import fields

from app.audit.schemas import ChainStateResponse
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.documents.evidence_record import evidence_record
from app.database import TenantScope
from app.schemas import StrictSchema

bp = ApiBlueprint(
    "evidence_record",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/consents/<uuid:consent_id>/evidence-record",
    description="How a consent and its sealed documents stand today",
)


class LaterFileResponse(StrictSchema):
    """A later rendition of a file, of which the sealed revision is a byte prefix."""

    level = fields.String(required=True)
    sha256 = fields.String(required=True)
    length = fields.Integer(required=True)


class SealedFileResponse(StrictSchema):
    """A sealed file: its final hash (hex), length in bytes, seal and time stamp."""

    document_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    sha256 = fields.String(required=True)
    length = fields.Integer(required=True)
    predecessor_id = fields.UUID(required=True, allow_none=True)
    sealed_at = fields.AwareDateTime(required=True)
    certificate_sha256 = fields.String(required=True)
    stamp_state = fields.String(required=True)
    stamp_reason = fields.String(required=True, allow_none=True)
    stamped_at = fields.AwareDateTime(required=True, allow_none=True)
    renditions = fields.List(fields.Nested(LaterFileResponse), required=True)


class GrantPeriodResponse(StrictSchema):
    """One area down to a depth (µm) for one period; an open end is null."""

    area = fields.String(required=True)
    max_depth_um = fields.Integer(required=True)
    begins_at = fields.AwareDateTime(required=True, allow_none=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)


class RecordedEventResponse(StrictSchema):
    """What somebody did with the consent; ``seq`` and ``hash`` once the chain holds it."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    action = fields.String(required=True)
    actor_kind = fields.String(required=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    details = fields.Dict(required=True)
    seq = fields.Integer(required=True, allow_none=True)
    hash = fields.String(required=True, allow_none=True)


class StatusChangeResponse(StrictSchema):
    """How the consent ended; ``by`` is a member of staff, null where it was the patient."""

    kind = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    by = fields.UUID(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class DeliveryResponse(StrictSchema):
    """A message about consents to this patient since the request, its address masked."""

    message_id = fields.UUID(required=True)
    template = fields.String(required=True)
    channel = fields.String(required=True)
    to_masked = fields.String(required=True)
    state = fields.String(required=True)
    queued_at = fields.AwareDateTime(required=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)


class EvidenceRecordResponse(StrictSchema):
    """What is known only after sealing; the sealed evidence lies in the documents themselves."""

    schema = fields.String(required=True)
    consent_id = fields.UUID(required=True)
    clinic_id = fields.UUID(required=True)
    made_at = fields.AwareDateTime(required=True)
    state = fields.String(required=True)
    files = fields.List(fields.Nested(SealedFileResponse), required=True)
    grants = fields.List(fields.Nested(GrantPeriodResponse), required=True)
    chain = fields.Nested(ChainStateResponse, required=True)
    events = fields.List(fields.Nested(RecordedEventResponse), required=True)
    status_changes = fields.List(fields.Nested(StatusChangeResponse), required=True)
    delivery = fields.List(fields.Nested(DeliveryResponse), required=True)


@bp.get("")
@guard(Permission.CONSENT_READ)
@bp.response(200, EvidenceRecordResponse)
def get_record(scope: TenantScope, consent_id: uuid.UUID) -> dict[str, Any]:
    """Return final hashes, time stamps, the chain, what was sent and how the consent ended."""
    return evidence_record(scope, queries.get_consent(scope, consent_id))
