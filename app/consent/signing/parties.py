"""What is known of an interpreter or a witness, and what they put their name to."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from app.catalogue.shipped import canonical_json
from app.consent.ciphers import close_text, open_text
from app.consent.models import Consent
from app.consent.signing.party_models import ConsentParty, PartyRole
from app.database import TenantScope
from app.kit.speech import mark, say

MODES: Mapping[str, str] = {
    "in_person": mark("in the room"),
    "video": mark("by video"),
    "phone": mark("by telephone"),
}
_INTERPRETER = mark(
    "I am an adult. I have put all that was said and all that stands in this form into %(language)s"
    ", completely and truthfully, and the patient's answers back again."
)
_WITNESS = mark(
    "I am an adult. I am there while the patient signs, and I see that it is their own free act."
)


@dataclass(frozen=True)
class Details:
    """Who somebody is. ``reference`` is an agency or a number; ``typed_name`` their signature."""

    name: str
    mode: str = "in_person"
    language: str = ""
    reference: str = ""
    statement: str = ""
    typed_name: str = ""


def statement_of_party(role: str, language: str) -> str:
    """Return the sentence to which somebody puts their name, in the language spoken now."""
    if role == PartyRole.WITNESS:
        return say(_WITNESS)
    return say(_INTERPRETER, language=language)


def mode_in_words(mode: str) -> str:
    """Return how somebody took part, for people."""
    return say(MODES[mode]) if mode in MODES else mode


def read_details(scope: TenantScope, consent: Consent, party: ConsentParty) -> Details:
    """Return what is stored of somebody."""
    place = "consent_party.details"
    text = open_text(scope, consent.patient_id, place, party.id, party.details_cipher)
    return Details(**json.loads(text))


def close_details(
    scope: TenantScope, consent: Consent, party_id: uuid.UUID, details: Details
) -> bytes:
    """Return what is known of somebody, closed under the patient's key."""
    text = canonical_json(asdict(details))
    return close_text(scope, consent.patient_id, "consent_party.details", party_id, text)
