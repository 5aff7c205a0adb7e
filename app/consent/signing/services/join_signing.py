"""An interpreter or a witness takes part: added, puts their name to a sentence, or is taken off.

Nobody signs before everybody who was added has done so; who needs an interpreter has one. A child
is never either: each says that they are an adult.
"""

import uuid
from dataclasses import dataclass, replace

from app import audit
from app.consent import queries
from app.consent.errors import ConsentMoved, NotReady, PartyRefused
from app.consent.models import Consent
from app.consent.signing import party_queries
from app.consent.signing.parties import (
    MODES,
    Details,
    close_details,
    read_details,
    statement_of_party,
)
from app.consent.signing.party_models import ConsentParty, PartyRole
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.names import BadName, clean_name
from app.kit.speech import say
from app.patients.models import Interpreter
from app.patients.queries import get_patient

LONGEST = 120
MOST = 4


@dataclass(frozen=True)
class NewParty:
    """Somebody who takes part. ``language`` and ``reference`` belong to interpreters."""

    role: str
    name: str
    mode: str = "in_person"
    language: str = ""
    reference: str = ""


def add_party(scope: TenantScope, *, consent_id: uuid.UUID, wanted: NewParty) -> ConsentParty:
    """Add an interpreter or a witness; raises PartyRefused or ConsentMoved."""
    consent = _open_consent(scope, consent_id)
    details = _checked(wanted)
    if len(party_queries.list_parties(scope, consent.id)) >= MOST:
        told = say("At most %(most)s people take part beside the patient.", most=str(MOST))
        raise _refused("name", told)
    party_id = new_id()
    party = ConsentParty(
        tenant_id=scope.tenant_id,
        id=party_id,
        consent_id=consent.id,
        role=PartyRole(wanted.role).value,
        details_cipher=close_details(scope, consent, party_id, details),
        added_at=now(),
        added_by=scope.actor.id if scope.actor.kind == "staff" else None,
    )
    scope.session.add(party)
    audit.record(
        scope,
        "consent:party:add",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        party_id=party.id,
    )
    return party


def state_as_party(
    scope: TenantScope, *, consent_id: uuid.UUID, party_id: uuid.UUID, name: str, is_adult: bool
) -> ConsentParty:
    """Note that somebody put their name to the sentence; staff may take it down for them.

    Raises PartyRefused without a name that is theirs, or where nobody says that they are an adult.
    """
    consent = _open_consent(scope, consent_id)
    party = party_queries.get_party(scope, consent.id, party_id)
    if party.stated_at is not None:
        return party
    if not is_adult:
        told = say("Only an adult can do this. Please ask for somebody else.")
        raise _refused("is_adult", told)
    details = read_details(scope, consent, party)
    typed = _name(name)
    said = statement_of_party(party.role, details.language)
    stated = replace(details, statement=said, typed_name=typed)
    party.details_cipher = close_details(scope, consent, party.id, stated)
    party.stated_at = now()
    party.taken_by = scope.actor.id if scope.actor.kind == "staff" else None
    audit.record(
        scope,
        "consent:party:state",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        party_id=party.id,
    )
    return party


def remove_party(scope: TenantScope, *, consent_id: uuid.UUID, party_id: uuid.UUID) -> None:
    """Take somebody off before the patient has signed; what they said stays stored."""
    consent = _open_consent(scope, consent_id)
    party = party_queries.get_party(scope, consent.id, party_id)
    party.removed_at = now()
    audit.record(
        scope,
        "consent:party:remove",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        party_id=party.id,
    )


def needs_interpreter(scope: TenantScope, consent: Consent) -> bool:
    """Return whether the patient's record says that somebody has to interpret."""
    return get_patient(scope, consent.patient_id).interpreter != Interpreter.NONE


def is_everybody_there(scope: TenantScope, consent: Consent) -> bool:
    """Return whether nobody is missing beside the patient."""
    parties = party_queries.list_parties(scope, consent.id)
    if any(one.stated_at is None for one in parties):
        return False
    has_one = any(one.role == PartyRole.INTERPRETER for one in parties)
    return has_one or not needs_interpreter(scope, consent)


def require_everybody(scope: TenantScope, consent: Consent) -> None:
    """Raise NotReady while the interpreter or a witness is still missing."""
    if not is_everybody_there(scope, consent):
        told = "The interpreter or witness has to put their name to it first."
        raise NotReady(told, missing="people")


def _open_consent(scope: TenantScope, consent_id: uuid.UUID) -> Consent:
    consent = queries.get_consent_for_update(scope, consent_id)
    if consent.state not in queries.UNSIGNED:
        raise ConsentMoved("This form is finished already.", state=consent.state)
    return consent


def _checked(wanted: NewParty) -> Details:
    if wanted.role not in set(PartyRole):
        raise _refused("role", "Choose interpreter or witness.")
    if wanted.mode not in MODES:
        raise _refused("mode", say("Choose how they take part."))
    language, reference = wanted.language.strip(), wanted.reference.strip()
    if wanted.role == PartyRole.INTERPRETER and not language:
        raise _refused("language", say("Enter the language into which they interpret."))
    if max(len(language), len(reference)) > LONGEST:
        told = say("Use at most %(most)s characters.", most=str(LONGEST))
        raise _refused("reference", told)
    return Details(_name(wanted.name), wanted.mode, language, reference)


def _name(typed: str) -> str:
    try:
        return clean_name(typed)
    except BadName as bad:
        raise _refused("name", bad.reason) from bad


def _refused(field: str, told: str) -> PartyRefused:
    return PartyRefused(told, fields={field: told})
