"""Questions about interpreters and witnesses."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from app.consent.errors import PartyUnknown
from app.consent.signing.party_models import ConsentParty
from app.database import TenantScope


def list_parties(scope: TenantScope, consent_id: uuid.UUID) -> Sequence[ConsentParty]:
    """Return who takes part beside the patient, in the order in which they were added."""
    statement = (
        select(ConsentParty)
        .where(
            ConsentParty.tenant_id == scope.tenant_id,
            ConsentParty.consent_id == consent_id,
            ConsentParty.removed_at.is_(None),
        )
        .order_by(ConsentParty.added_at, ConsentParty.id)
    )
    return scope.session.scalars(statement).all()


def get_party(scope: TenantScope, consent_id: uuid.UUID, party_id: uuid.UUID) -> ConsentParty:
    """Return somebody who takes part; raises PartyUnknown."""
    found = scope.session.get(ConsentParty, (scope.tenant_id, party_id))
    if found is None or found.consent_id != consent_id or found.removed_at is not None:
        raise PartyUnknown("Nobody of that kind takes part in this form.")
    return found
