"""What this room does later: receipts of withdrawals that could not be sealed at once."""

import uuid

from app import jobs
from app.consent import withdrawal_queries
from app.consent.services.seal_withdrawal import seal_withdrawal
from app.database import TenantScope

MOST_A_NIGHT = 500


@jobs.handler("consent.seal_withdrawal", outlives="the consent was taken back")
def seal_receipt(scope: TenantScope, *, withdrawal_id: uuid.UUID) -> None:
    """Seal the receipt of a withdrawal; sealed before, nothing happens."""
    seal_withdrawal(scope, withdrawal_id=withdrawal_id)


@jobs.handler("consent.seal_missing_receipts", nightly=True)
def seal_missing_receipts(scope: TenantScope) -> None:
    """Ask again for every receipt that is missing, as after days without a seal."""
    for withdrawal_id in withdrawal_queries.list_without_receipt(scope, most=MOST_A_NIGHT):
        jobs.enqueue(
            scope,
            "consent.seal_withdrawal",
            lock=f"withdrawal:{withdrawal_id}",
            withdrawal_id=withdrawal_id,
        )
