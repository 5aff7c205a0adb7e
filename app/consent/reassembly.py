"""Makes the form anew once answers are in: with personal risks and with what was decided."""

from typing import Any

from app.catalogue.content import Catalogue
from app.consent import queries
from app.consent.consent_facts import assemble_for
from app.consent.forms import queries as form_queries
from app.consent.forms.risk_blocks import PersonalRisk
from app.consent.forms.shown import AssembledForm
from app.consent.holds.decided import find_decided, ground_as_decided
from app.consent.holds.decision_words import with_decision
from app.consent.models import Consent
from app.consent.screening.stored_answers import read_outcome
from app.consent.screening.told_rules import patient_sentence
from app.database import TenantScope
from app.kit.speech import speaking


def assemble_as_decided(scope: TenantScope, consent: Consent) -> AssembledForm:
    """Return the form as this patient reads it after their newest answers and the decision."""
    scope.session.flush()
    ground = ground_as_decided(scope, consent)
    row = queries.find_latest_answers(scope, consent.id)
    outcome: dict[str, Any] = {} if row is None else read_outcome(scope, consent, row)
    form = form_queries.get_form_version(scope, consent.form_version_id)
    with speaking(form.locale, whole=True):
        shown = assemble_for(scope, form, ground, _personal_risks(outcome, ground.told))
        return with_decision(shown, find_decided(scope, consent), ground.told)


def _personal_risks(outcome: dict[str, Any], told: Catalogue) -> tuple[PersonalRisk, ...]:
    return tuple(
        PersonalRisk(rule["adds_risk"], patient_sentence(told, rule))
        for rule in outcome.get("fired", ())
        if rule["adds_risk"]
    )
