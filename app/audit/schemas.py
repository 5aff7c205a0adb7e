"""What the API says about the record of acts."""

import json

from marshmallow import fields, validate

from app.audit.models import AuditEvent
from app.audit.sentences import KINDS, in_words
from app.schemas import StrictSchema


class EventPageRequest(StrictSchema):
    """Which events; each field narrows the list. ``before`` is ``next`` of the page before."""

    before = fields.String(load_default="")
    actor_id = fields.UUID(load_default=None)
    patient_id = fields.UUID(load_default=None)
    subject_id = fields.UUID(load_default=None)
    kind = fields.String(load_default="", validate=validate.OneOf(["", *KINDS]))
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)


class EventResponse(StrictSchema):
    """One event. ``what`` follows the name of whoever acted: "signed a consent"."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    actor_kind = fields.String(required=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    action = fields.String(required=True)
    what = fields.Function(lambda event: in_words(event.action), required=True)
    subject_id = fields.UUID(required=True, allow_none=True)
    patient_id = fields.UUID(required=True, allow_none=True)
    details = fields.Function(lambda event: details_of(event), required=True)


class EventPageResponse(StrictSchema):
    """A page of events, the newest first; ``next`` is empty at the end."""

    events = fields.List(fields.Nested(EventResponse), required=True)
    next = fields.String(required=True)


class AcceptedRestoreResponse(StrictSchema):
    """Rows ``first`` to ``last`` are not in the record: an older state was restored."""

    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    why = fields.String(required=True)
    first = fields.Integer(required=True)
    last = fields.Integer(required=True)
    anchor = fields.Integer(required=True)


class ChainStateResponse(StrictSchema):
    """Where the clinic's chain stands. ``stamp`` is stamped, not_stamped or unknown."""

    sealed_seq = fields.Integer(required=True)
    sealed_at = fields.AwareDateTime(required=True, allow_none=True)
    waiting = fields.Integer(required=True)
    anchor_number = fields.Integer(required=True, allow_none=True)
    anchored_seq = fields.Integer(required=True)
    anchored_at = fields.AwareDateTime(required=True, allow_none=True)
    stamp = fields.String(required=True)
    stamped_at = fields.AwareDateTime(required=True, allow_none=True)
    verified_at = fields.AwareDateTime(required=True, allow_none=True)
    failed_checks = fields.Integer(required=True)
    restores = fields.List(fields.Nested(AcceptedRestoreResponse), required=True)


def details_of(event: AuditEvent) -> dict[str, object]:
    """Return an event's ids and codes."""
    found: dict[str, object] = json.loads(event.details)
    return found
