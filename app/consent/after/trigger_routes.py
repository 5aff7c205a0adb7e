"""Every reason for which a consent has to be asked for again, for programs and inspectors."""

from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import fields

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent.after.reconsent import Triggers, shipped_reasons
from app.database import TenantScope
from app.schemas import StrictSchema

bp = ApiBlueprint(
    "reconsent",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/reconsent-triggers",
    description="Reasons to ask for a consent again",
)


class ReasonResponse(StrictSchema):
    """One reason, with what it rests on. Words in braces are filled where it is met."""

    id = fields.String(required=True)
    sentence = fields.String(required=True)
    basis = fields.String(required=True)
    source = fields.String(required=True)
    confidence = fields.String(required=True)


class TriggerResponse(ReasonResponse):
    """A reason for which a consent is tested each time; ``act`` is ``stop`` or ``tell``."""

    act = fields.String(required=True)
    unsigned = fields.Boolean(required=True)


class ElsewhereResponse(ReasonResponse):
    """A reason that the gate, the questions at a visit, a date or the patient acts on."""

    by = fields.String(required=True)


class TriggersResponse(StrictSchema):
    """All of them, as this release tests them."""

    triggers = fields.List(fields.Nested(TriggerResponse), required=True)
    elsewhere = fields.List(fields.Nested(ElsewhereResponse), required=True)


@bp.get("")
@guard(Permission.CLINIC_READ)
@bp.response(200, TriggersResponse)
def list_triggers(_scope: TenantScope) -> Triggers:
    """List every reason for which a signed consent has to be asked for again."""
    return shipped_reasons()
