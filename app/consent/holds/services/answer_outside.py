"""A clinician outside says who they are, proves the address, and answers once.

Tries of the code are counted and committed before it is compared. What they state of themselves is
kept and printed as their own statement; the clinic answers for whom it asked.
"""

import json
import uuid
from dataclasses import asdict, dataclass

from app import audit
from app.auth.attempts import clear_attempts, count_attempt
from app.auth.passwords import hash_code, verify_code
from app.auth.secrets import issue_secret, revoke_secrets
from app.consent import queries
from app.consent.ciphers import close_text, open_text
from app.consent.errors import DecisionRefused, NotReady
from app.consent.holds import queries as hold_queries
from app.consent.holds.models import HoldAgreement, OutsideReview, ReviewState
from app.consent.holds.other_person import traces_of_outsider
from app.consent.holds.outside import EMAIL, PERSON, outside_person
from app.consent.holds.services.ask_outside import end_review
from app.consent.holds.services.second_person import lock_pending, record_word, require_other
from app.consent.ways.services.open_link import SESSION_LASTS
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_code, new_id
from app.kit.names import BadName, clean_name
from app.messaging.services import CODE_LASTS, queue_message
from app.policies.definitions import PROFESSIONS
from app.tenants.queries import get_clinic

CODE_DIGITS = 8
TRIES, TRY_SECONDS = 5, 600
SENDS, SEND_SECONDS = 5, 3600


@dataclass(frozen=True)
class Stated:
    """Who a clinician outside says they are."""

    name: str
    profession: str
    body: str
    registration_number: str


def open_review(scope: TenantScope, *, review_id: uuid.UUID) -> str:
    """Return the token of the one session that a link gives; the link is used up already."""
    review = hold_queries.get_review_for_update(scope, review_id)
    revoke_secrets(scope, "review_session", subject_id=review.id)
    audit.record(
        scope,
        "consent:review:open",
        subject_id=review.id,
        patient_id=queries.get_patient_id(scope, review.consent_id),
    )
    return issue_secret(scope, "review_session", subject_id=review.id, lasts=SESSION_LASTS)


def state_person(scope: TenantScope, *, review_id: uuid.UUID, stated: Stated) -> OutsideReview:
    """Keep who they are and send a code to the address that was asked; raises DecisionRefused."""
    review = hold_queries.get_review_for_update(scope, review_id)
    consent = queries.get_consent(scope, review.consent_id)
    checked = _checked(stated)
    address = open_text(scope, consent.patient_id, EMAIL, review.id, review.email_cipher)
    decision = hold_queries.get_decision(scope, review.decision_id)
    own = (checked.name, address, checked.body, checked.registration_number)
    require_other(scope, decision, traces_of_outsider(*own))
    count_attempt(scope.session, f"review.send:{review_id}", most=SENDS, seconds=SEND_SECONDS)
    review = hold_queries.get_review_for_update(scope, review_id)
    text = json.dumps(asdict(checked), ensure_ascii=False)
    review.person_cipher = close_text(scope, consent.patient_id, PERSON, review.id, text)
    code = new_code(CODE_DIGITS)
    review.code_hash, review.code_sent_at, review.identified_at = hash_code(code), now(), None
    review.version += 1
    values = {"code": code, "clinic": get_clinic(scope).legal_name}
    queue_message(scope, to=address, channel="email", template="review_code", values=values)
    audit.record(
        scope,
        "consent:review:state",
        subject_id=review.id,
        patient_id=queries.get_patient_id(scope, review.consent_id),
    )
    return review


def prove_address(scope: TenantScope, *, review_id: uuid.UUID, code: str) -> bool:
    """Compare a typed code; raises TooManyTries after five. A code works once and ten minutes."""
    key = f"review.code:{review_id}"
    count_attempt(scope.session, key, most=TRIES, seconds=TRY_SECONDS)
    review = hold_queries.get_review_for_update(scope, review_id)
    typed = "".join(one for one in code if one.isdigit())
    is_right = verify_code(review.code_hash, typed)
    sent = review.code_sent_at
    if not is_right or review.code_hash is None or sent is None or sent <= now() - CODE_LASTS:
        audit.record(
            scope,
            "consent:review:refuse",
            subject_id=review.id,
            patient_id=queries.get_patient_id(scope, review.consent_id),
        )
        return False
    review.code_hash, review.identified_at = None, now()
    review.version += 1
    clear_attempts(scope.session, key)
    audit.record(
        scope,
        "consent:review:prove",
        subject_id=review.id,
        patient_id=queries.get_patient_id(scope, review.consent_id),
    )
    return True


def answer_outside(
    scope: TenantScope, *, review_id: uuid.UUID, agrees: bool, reason: str
) -> HoldAgreement:
    """Record the word of a clinician outside; it ends their way in.

    Raises NotReady before the address is proved, HoldMoved, SecondPersonRefused, DecisionRefused.
    """
    review = hold_queries.get_review_for_update(scope, review_id)
    if review.identified_at is None or review.state != ReviewState.ASKED:
        raise NotReady("There is a step before this one.", missing="identity")
    row = hold_queries.get_decision(scope, review.decision_id)
    consent, hold, decision = lock_pending(scope, row.hold_id, row.number)
    person = outside_person(scope, consent, review.id)
    own = (person.name, person.email, person.body, person.registration_number)
    require_other(scope, decision, traces_of_outsider(*own))
    said = HoldAgreement(
        tenant_id=scope.tenant_id,
        id=new_id(),
        decision_id=decision.id,
        outside_review_id=review.id,
        agrees=agrees,
        said_at=now(),
    )
    record_word(scope, consent, hold, decision, said, reason)
    end_review(scope, review, ReviewState.ANSWERED)
    return said


def _checked(stated: Stated) -> Stated:
    wrong: dict[str, str] = {}
    name = ""
    try:
        name = clean_name(stated.name)
    except BadName as bad:
        wrong["name"] = bad.reason
    if stated.profession not in PROFESSIONS:
        wrong["profession"] = "Choose your profession."
    texts = {"body": stated.body.strip(), "registration_number": stated.registration_number.strip()}
    for field, text in texts.items():
        if not 2 <= len(text) <= 100 or not text.isprintable():
            wrong[field] = "Enter this as it stands on your registration."
    if wrong:
        raise DecisionRefused(next(iter(wrong.values())), fields=wrong)
    return Stated(name, stated.profession, **texts)
