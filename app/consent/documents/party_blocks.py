"""Interpreters and witnesses as a document shows them."""

import uuid
from collections.abc import Iterator
from datetime import datetime

from app.consent.documents.frozen import PartyPaper, PatientPaper
from app.consent.models import Consent
from app.consent.signing import party_queries
from app.consent.signing.parties import mode_in_words, read_details
from app.consent.signing.party_models import PartyRole
from app.database import TenantScope
from app.documents.blocks import Block, SignatureBlock
from app.kit.speech import say
from app.tenants.queries import get_staff


def parties_of(scope: TenantScope, consent: Consent) -> tuple[PartyPaper, ...]:
    """Return everybody beside the patient who has put their name to it."""
    found = []
    for one in party_queries.list_parties(scope, consent.id):
        if one.stated_at is None:
            continue
        details = read_details(scope, consent, one)
        found.append(
            PartyPaper(
                role=one.role,
                name=details.name,
                how=mode_in_words(details.mode),
                language=details.language,
                reference=details.reference,
                statement=details.statement,
                typed_name=details.typed_name,
                stated_at=one.stated_at.isoformat(),
                taken_by=_name_of(scope, one.taken_by),
            )
        )
    return tuple(found)


def party_blocks(paper: PatientPaper) -> Iterator[Block]:
    """Yield a signature block for everybody beside the patient."""
    for one in paper.parties:
        is_interpreter = one.role == PartyRole.INTERPRETER
        told = [one.name, one.language, one.how, one.reference]
        by = say("Name typed")
        if one.taken_by:
            by = say("Taken down by %(name)s, who heard or read it", name=one.taken_by)
        yield SignatureBlock(
            label=say("The interpreter") if is_interpreter else say("The witness"),
            name=", ".join(part for part in told if part),
            meaning=one.statement,
            at_utc=datetime.fromisoformat(one.stated_at),
            zone=paper.place.zone,
            method=say("%(how)s; their identity was not checked by the system", how=by),
            typed_name=one.typed_name,
        )


def party_evidence(paper: PatientPaper) -> list[dict[str, object]]:
    """Return the same for computers."""
    return [
        {
            "role": one.role,
            "name_typed": one.typed_name,
            "name_on_record": one.name,
            "locale": one.language,
            "authority_evidence": one.reference,
            "meaning_sentence_shown": one.statement,
            "identity_checks": [],
            "signature": {
                "kind": "typed",
                "at_utc": one.stated_at,
                "tz": paper.place.zone,
                "taken_by": one.taken_by,
            },
        }
        for one in paper.parties
    ]


def _name_of(scope: TenantScope, staff_id: uuid.UUID | None) -> str:
    return "" if staff_id is None else get_staff(scope, staff_id).name
