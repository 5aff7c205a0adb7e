"""What is done later: paying for a start that could not be, and what a withdrawal moves."""

import uuid

from app import jobs
from app.billing.services.redeem_credit import redeem_credit
from app.care import queries
from app.care.services.follow_withdrawal import follow_withdrawal
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


@jobs.handler("care.follow_withdrawal", outlives="the consent was taken back")
def follow(scope: TenantScope, *, withdrawal_id: uuid.UUID) -> None:
    """Work out what of the money would be given back; done before, nothing happens."""
    follow_withdrawal(scope, withdrawal_id=withdrawal_id)
