"""Opens new grants after a hold that had closed them: never wider, by the same attestation."""

from app import audit
from app.consent import queries
from app.consent.documents.executed_paper import ground_of_consent, period_of
from app.consent.models import Consent, ConsentState
from app.consent.services.open_grants import open_grants
from app.database import TenantScope
from app.kit.clock import now


def give_back(scope: TenantScope, consent: Consent) -> None:
    """Open what a hold after signing had closed; before the attestation there is nothing to open.

    The new grants begin after the old ones, end no later than before, and are narrowed by every
    decision in force.
    """
    attestation = queries.find_attestation(scope, consent.id)
    if attestation is None:
        consent.state = ConsentState.SIGNED
        return
    ground = ground_of_consent(scope, consent)
    begins, ends = period_of(scope, consent, ground, attestation.attested_at)
    closed = [one.valid.upper for one in queries.list_grants(scope, consent.id)]
    begins = max(begins, now(), *(one for one in closed if one is not None))
    consent.state = ConsentState.ACTIVE
    if begins < ends:
        open_grants(scope, consent, ground, attestation, (begins, ends))
    audit.record(
        scope, "consent:grants:reopen", subject_id=consent.id, patient_id=consent.patient_id
    )
