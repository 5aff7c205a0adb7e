"""What a clinician reads of one consent: the answers, what the rules said, and what was asked."""

from typing import Any

from app.consent import queries
from app.consent.ciphers import get_shown
from app.consent.consent_facts import ground_of
from app.consent.forms.shown import AssembledForm
from app.consent.holds.standing_rules import to_confirm
from app.consent.models import Consent
from app.consent.screening.fields import answers_in_words, text_of
from app.consent.screening.stored_answers import asked_of_patient, read_answers, read_outcome
from app.consent.signing.drafts import read_page
from app.consent.signing.patient_questions import questions_asked
from app.consent.signing.reading_time import ReadingTime, reading_time
from app.consent.signing.services.read_form import teach_back_of
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
    shown = get_shown(scope, consent)
    return {
        "number": row.number,
        "answers": told,
        "noteworthy": [one for one in told if one[1] not in ("No",)],
        "rules": [
            {"action": rule["action"].replace("_", " "), "text": rule["clinician"]}
            for rule in outcome["fired"]
        ],
        "to_confirm": to_confirm(outcome),
        "hold": hold,
        "reading": _reading(scope, consent, shown),
        "asked": questions_asked(scope, consent),
        "parts": {part.id: part.title for part in shown.sections},
        "taught_back": _taught_back(scope, consent, shown),
    }


def _reading(scope: TenantScope, consent: Consent, shown: AssembledForm) -> ReadingTime | None:
    return reading_time(consent, shown, read_page(scope, consent, "read"))


def _taught_back(scope: TenantScope, consent: Consent, shown: AssembledForm) -> list[str]:
    """Return the questions of understanding that were answered wrongly."""
    if consent.understood_at is None:
        return []
    typed = read_page(scope, consent, "understood")
    asked = teach_back_of(shown)
    return [one.text for one in asked if text_of(typed, one.clause) != one.correct]
