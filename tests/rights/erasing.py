"""What is done to a patient who asks to be erased: asked, decided, and carried out on its day."""

import uuid

from sqlalchemy import text

from app.database import SYSTEM, tenant_scope
from app.rights.models import RequestKind, RightsDecision
from app.rights.services.carry_out import carry_out, due_decisions
from app.rights.services.decide_erasure import decide_erasure
from app.rights.services.remove_files import remove_files
from app.rights.services.take_request import take_request
from tests.factories.tenants import MadeClinic


def ask_erasure(clinic: MadeClinic, patient_id: uuid.UUID) -> dict[str, RightsDecision]:
    """Ask for an erasure and decide it; return the decisions by class."""
    with clinic.scope() as scope:
        request = take_request(
            scope,
            patient_id=patient_id,
            kind=RequestKind.ERASURE,
            channel="in_person",
            identified_by="id_document",
        )
    with clinic.scope() as scope:
        decided = decide_erasure(scope, request_id=request.id, backup_days=35)
    return {one.retention: one for one in decided}


def send_everything(clinic: MadeClinic) -> None:
    """Take every waiting letter of a clinic for sent."""
    with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        scope.session.execute(
            text("UPDATE message SET state = 'sent' WHERE tenant_id = :t"), {"t": clinic.tenant_id}
        )


def run_what_is_due(clinic: MadeClinic) -> None:
    """Do what the nightly job and the jobs that it starts do."""
    with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        due = list(due_decisions(scope))
    for decision_id in due:
        with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            carry_out(scope, decision_id=decision_id)
        with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            remove_files(scope, decision_id=decision_id)
