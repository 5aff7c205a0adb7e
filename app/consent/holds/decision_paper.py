"""What was decided about a patient's answers, frozen for their document."""

from app.catalogue.content import Catalogue
from app.consent.consent_facts import Ground
from app.consent.documents.frozen import DecisionPaper, Override, iso
from app.consent.holds.decided import Decided, find_decided
from app.consent.holds.decision_words import decision_rows
from app.consent.models import Consent
from app.consent.screening.models import ConsentAnswers
from app.database import TenantScope


def decision_paper(
    scope: TenantScope, consent: Consent, ground: Ground, answers: ConsentAnswers
) -> DecisionPaper | None:
    """Return what was decided, in the language spoken, or None where nothing was."""
    decided = find_decided(scope, consent)
    return None if decided is None else paper_of(decided, ground.told, answers.number)


def paper_of(decided: Decided, catalogue: Catalogue, answers_number: int) -> DecisionPaper:
    """Return a decision in the language spoken; ``answers_number`` is the version it was about."""
    second = decided.second
    return DecisionPaper(
        rows=tuple(decision_rows(decided, catalogue)),
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
        answers_number=answers_number,
    )
