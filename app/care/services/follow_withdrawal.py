"""What a withdrawal moves outside its own room: what of the money would be given back."""

import uuid

from app.billing.refund_models import RefundQuote
from app.billing.services.quote_refund import quote_after_withdrawal
from app.consent.after.withdrawal_queries import get_withdrawal
from app.consent.queries import get_consent
from app.database import TenantScope
from app.plans.queries import get_plan_version


def follow_withdrawal(scope: TenantScope, *, withdrawal_id: uuid.UUID) -> list[RefundQuote]:
    """Work out the quotes for what was paid for the treatment; done again, nothing is added."""
    withdrawal = get_withdrawal(scope, withdrawal_id)
    consent = get_consent(scope, withdrawal.consent_id)
    version = get_plan_version(scope, consent.plan_version_id)
    return quote_after_withdrawal(
        scope,
        withdrawal_id=withdrawal.id,
        patient_id=consent.patient_id,
        procedure_id=version.procedure_id,
    )
