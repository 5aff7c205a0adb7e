"""What is done again later: a treatment that could not be paid for at its start."""

import uuid

from app import jobs
from app.billing.services.redeem_credit import redeem_credit
from app.care import queries
from app.database import TenantScope


@jobs.handler("care.redeem", outlives="the treatment was given")
def redeem(scope: TenantScope, *, treatment_id: uuid.UUID) -> None:
    """Use a session credit for a treatment whose start could not; done before, nothing happens."""
    treatment = queries.get_treatment(scope, treatment_id)
    redeem_credit(
        scope,
        patient_id=treatment.patient_id,
        procedure_id=treatment.procedure_id,
        treatment_id=treatment.id,
    )
