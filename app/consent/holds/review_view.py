"""What a clinician outside sees of one hold, and nothing else of the patient or the clinic.

No name, no contact, no birth date, no other answer than those to the rules in question.
"""

from collections.abc import Mapping
from typing import Any

from app.catalogue.answers import age_on
from app.catalogue.loader import questions_of
from app.consent import queries
from app.consent.consent_facts import ground_of
from app.consent.holds import queries as hold_queries
from app.consent.holds.decided import read_decision
from app.consent.holds.decision_words import decision_rows
from app.consent.holds.findings import findings_of
from app.consent.holds.models import OutsideReview
from app.consent.holds.view import rule_view
from app.consent.screening.fields import answers_in_words
from app.consent.screening.stored_answers import asked_of_patient, read_answers
from app.database import TenantScope
from app.kit.in_words import millimetres
from app.plans.queries import get_plan_version
from app.tenants.queries import get_staff


def review_view(scope: TenantScope, review: OutsideReview) -> Mapping[str, Any]:
    """Return the hold as somebody outside may see it."""
    decision = hold_queries.get_decision(scope, review.decision_id)
    consent = queries.get_consent(scope, review.consent_id)
    hold = hold_queries.get_hold(scope, decision.hold_id)
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    findings = findings_of(scope, consent, hold)
    rules = [ground.catalogue.rule[one["rule_id"]] for one in findings.fired]
    about = {name for rule in rules for name in questions_of(rule)}
    asked = [one for one in asked_of_patient(ground) if one.id in about]
    row = queries.find_latest_answers(scope, consent.id)
    given = {} if row is None else read_answers(scope, consent, row)
    facts = ground.facts
    return {
        "asker": get_staff(scope, review.asked_by).name,
        "rules": [rule_view(one, findings, ground.catalogue) for one in findings.fired],
        "answers": answers_in_words(ground.catalogue, asked, given),
        "plan": [
            ("Treatment", ground.catalogue.procedure[facts.procedure].title),
            ("For", ground.catalogue.indication[facts.indication].title),
            *(
                (ground.catalogue.area[area].title, f"to {millimetres(um)} as planned")
                for area, um in facts.areas.items()
            ),
            ("Age", f"{age_on(facts.date_of_birth, ground.today)} years"),
            ("Skin type", str(facts.skin_type or "not known")),
        ],
        "lines": list(decision_rows(read_decision(scope, consent, decision), ground.catalogue)),
    }
