"""What was decided about a patient's answers, frozen for their document."""

from app.consent.consent_facts import Ground
from app.consent.decided import find_decided
from app.consent.decision_words import decision_rows
from app.consent.models import Consent, ConsentAnswers
from app.consent.papers import DecisionPaper, Override, iso
from app.database import TenantScope


def decision_paper(
    scope: TenantScope, consent: Consent, ground: Ground, answers: ConsentAnswers
) -> DecisionPaper | None:
    """Return what was decided, in the language spoken, or None where nothing was."""
    decided = find_decided(scope, consent)
    if decided is None:
        return None
    second = decided.second
    return DecisionPaper(
        rows=tuple(decision_rows(decided, ground.told)),
        overrides=tuple(
            Override(
                one.rule,
                decided.by,
                second.name if second is not None and one in decided.terms.overrides else "",
                decided.reason,
            )
            for one in (*decided.terms.overrides, *decided.terms.shortened)
        ),
        decided_at=iso(decided.row.decided_at),
        answers_number=answers.number,
    )
