"""What a patient answered on paper, typed in by staff: the same rules run, the same holds apply."""

import uuid

from app import audit
from app.consent import queries
from app.consent.errors import ConsentMoved, NotReady
from app.consent.paper import queries as paper_queries
from app.consent.screening.fields import Fields
from app.consent.screening.services.answer_questions import Given, take_answers
from app.consent.signing.steps import require_usable
from app.database import TenantScope


def enter_answers(scope: TenantScope, *, consent_id: uuid.UUID, fields: Fields) -> Given:
    """Take the answers of a printed form; what is wrong is named, and everything typed is kept.

    Raises NotReady where nothing was printed, ConsentMoved once there is nothing to sign.
    """
    consent = queries.lock_with_alike(scope, consent_id)
    require_usable(scope, consent)
    if consent.state not in queries.UNSIGNED:
        raise ConsentMoved("There is nothing left to sign.", state=consent.state)
    paper = paper_queries.find_live_paper(scope, consent_id)
    if paper is None:
        raise NotReady("Print the form first.", missing="print")
    given = take_answers(scope, consent, fields)
    if given.is_stored:
        audit.record(
            scope,
            "consent:paper:answers",
            subject_id=consent.id,
            patient_id=consent.patient_id,
            paper_id=paper.id,
        )
    return given
