"""What a clinician reads of one consent: the answers, what the rules said, and what was asked."""

from typing import Any

from app.consent import queries
from app.consent.ciphers import get_shown
from app.consent.consent_facts import ground_of
from app.consent.drafts import read_page
from app.consent.form_fields import answers_in_words, text_of
from app.consent.models import Consent
from app.consent.services.read_form import teach_back_of
from app.consent.stored_answers import asked_of_patient, read_answers, read_outcome
from app.database import TenantScope
from app.plans.queries import get_plan_version


def clinical_view(scope: TenantScope, consent: Consent) -> dict[str, Any] | None:
    """Return the newest answers for a clinician, or None where nothing was answered yet."""
    row = queries.find_latest_answers(scope, consent.id)
    if row is None:
        return None
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    outcome = read_outcome(scope, consent, row)
    given = read_answers(scope, consent, row)
    told = answers_in_words(ground.catalogue, asked_of_patient(ground), given)
    hold = queries.find_open_hold(scope, consent.id)
    return {
        "number": row.number,
        "answers": told,
        "noteworthy": [one for one in told if one[1] not in ("No",)],
        "rules": [
            {"action": rule["action"].replace("_", " "), "text": rule["clinician"]}
            for rule in outcome["fired"]
        ],
        "hold": hold,
        "asked": _asked(scope, consent),
        "taught_back": _taught_back(scope, consent),
    }


def _asked(scope: TenantScope, consent: Consent) -> list[tuple[str, str]]:
    typed = read_page(scope, consent, "read")
    parts = get_shown(scope, consent).sections
    boxes = ((part.title, text_of(typed, f"question_{part.id}")) for part in parts)
    return [(title, text) for title, text in boxes if text]


def _taught_back(scope: TenantScope, consent: Consent) -> list[str]:
    """Return the questions of understanding that were answered wrongly."""
    if consent.understood_at is None:
        return []
    typed = read_page(scope, consent, "understood")
    asked = teach_back_of(get_shown(scope, consent))
    return [one.text for one in asked if text_of(typed, one.clause) != one.correct]
