"""Opens and closes the grants that the gate asks for. The caller holds the consent's lock."""

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range

from app import audit
from app.consent import queries
from app.consent.consent_facts import Ground
from app.consent.models import Attestation, Consent, ConsentGrant, ConsentState
from app.consent.purposes import rules_of
from app.database import TenantScope
from app.kit.clock import now

CLOSE = text("SELECT door.close_grants(:consent_id)")


def open_grants(
    scope: TenantScope,
    consent: Consent,
    ground: Ground,
    attestation: Attestation,
    period: tuple[datetime, datetime],
) -> None:
    """Put a consent in force for a period [begins, ends): a grant an area, where it opens any."""
    areas = ground.facts.areas if rules_of(consent.purpose).grants else {}
    for area, depth_um in areas.items():
        scope.session.add(
            ConsentGrant(
                tenant_id=scope.tenant_id,
                patient_id=consent.patient_id,
                procedure_id=ground.version.procedure_id,
                area=area,
                max_depth_um=depth_um,
                consent_id=consent.id,
                attestation_id=attestation.id,
                valid=Range(*period, bounds="[)"),
            )
        )
    consent.state = ConsentState.ACTIVE
    consent.attested_at, consent.valid_until = attestation.attested_at, period[1]
    consent.version += 1


def begin_unattested(scope: TenantScope, consent: Consent, until: datetime | None) -> None:
    """Put a consent in force that needs nobody's confirmation: the sealed signature is enough."""
    supersede_others(scope, consent)
    consent.state, consent.valid_until = ConsentState.ACTIVE, until
    consent.version += 1


def close_grants(scope: TenantScope, consent_id: uuid.UUID) -> int:
    """Close a consent's grants now; return how many were open."""
    return int(scope.session.execute(CLOSE, {"consent_id": consent_id}).scalar_one())


def supersede_others(scope: TenantScope, consent: Consent) -> None:
    """End every other agreement to the same thing: the newest alone counts.

    One that was signed and never confirmed ends as well, or it could be confirmed once the newest
    is gone. An add-on, photos for the record and photos for advertising are things of their own.
    """
    for other in queries.list_consents_like(scope, consent):
        if other.state in (ConsentState.SIGNED, ConsentState.ACTIVE, ConsentState.PAUSED):
            close_grants(scope, other.id)
            other.state, other.ended_at = ConsentState.SUPERSEDED, now()
            other.version += 1
            audit.record(
                scope, "consent:form:supersede", subject_id=other.id, patient_id=other.patient_id
            )
