"""Who a clinician outside said they are, as it stands beside their word."""

import json
import uuid
from dataclasses import dataclass

from app.consent.ciphers import open_text
from app.consent.holds.models import OutsideReview
from app.consent.models import Consent
from app.database import TenantScope

PERSON, EMAIL = "outside_review.person", "outside_review.email"


@dataclass(frozen=True)
class OutsidePerson:
    """Name, profession and registration, as the person typed them; the address they proved."""

    name: str
    profession: str
    body: str
    registration_number: str
    email: str = ""

    @property
    def in_words(self) -> str:
        """The person as documents name them."""
        own = f"{self.name}, {self.profession}, {self.body} {self.registration_number}"
        return f"{own} (from outside the clinic, as stated by themselves)"


def person_from(text: str, email: str) -> OutsidePerson:
    """Return the person whose details a stored text holds."""
    return OutsidePerson(**json.loads(text), email=email)


def outside_person(
    scope: TenantScope, consent: Consent, review_id: uuid.UUID | None
) -> OutsidePerson:
    """Return who answered from outside; raises LookupError where nobody has said who they are."""
    row = scope.session.get(OutsideReview, (scope.tenant_id, review_id))
    if row is None or row.person_cipher is None:
        raise LookupError("nobody outside has answered")
    text = open_text(scope, consent.patient_id, PERSON, row.id, row.person_cipher)
    email = open_text(scope, consent.patient_id, EMAIL, row.id, row.email_cipher)
    return person_from(text, email)
