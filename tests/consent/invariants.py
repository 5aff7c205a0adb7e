"""What must hold of a clinic's consents, asked of the rows and of nothing that our code says."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

# What a hold makes of its consent is for people; these are for the patient to read and sign.
HARMLESS = frozenset({"clear", "warn", "substitute", "exclude_area"})
OVER = frozenset({"declined", "withdrawn", "superseded", "voided", "not_safe"})
ALLOWED: Mapping[str, frozenset[str]] = {
    "sent": frozenset({"opened", "voided", "declined"}),
    "opened": frozenset({"held", "cleared", "voided", "declined"}),
    "held": frozenset({"opened", "cleared", "not_safe", "voided", "declined"}),
    "cleared": frozenset({"held", "signed", "voided", "declined"}),
    "signed": frozenset({"active", "paused", "withdrawn", "superseded", "voided"}),
    "active": frozenset({"paused", "withdrawn", "superseded"}),
    # Back to where it was stopped: signed, or in force.
    "paused": frozenset({"signed", "active", "not_safe", "withdrawn", "superseded"}),
    **{state: frozenset() for state in OVER},
}
LOOK = text("""
SELECT c.id, c.plan_id, c.purpose, c.state, c.shown_sha256, c.identified_at,
  c.electronic_accepted_at, c.read_at, c.understood_at,
  p.latest_number = v.number AS is_latest_plan,
  (SELECT count(*) FROM safety_notice x WHERE x.tenant_id = c.tenant_id AND x.ended_at IS NULL
    AND x.about = 'device' AND x.subject = v.device_id::text
    AND x.entered_at > c.created_at) AS news,
  p.talk_again_since IS NOT NULL AND NOT EXISTS (SELECT 1 FROM discussion x
    WHERE x.plan_version_id = v.id AND x.held_at > p.talk_again_since) AS wants_talk,
  (SELECT count(*) FROM discussion x WHERE x.plan_version_id = c.plan_version_id) AS talks,
  (SELECT count(*) FROM patient_question x WHERE x.consent_id = c.id AND x.answered_at IS NULL
    AND x.taken_back_at IS NULL) AS open_questions,
  (SELECT count(*) FROM hold x WHERE x.consent_id = c.id AND x.closed_at IS NULL) AS open_holds,
  COALESCE((SELECT array_agg(x.number ORDER BY x.number) FROM consent_answers x
    WHERE x.consent_id = c.id), '{}') AS numbers,
  COALESCE((SELECT array_agg(x.outcome ORDER BY x.number) FROM consent_answers x
    WHERE x.consent_id = c.id), '{}') AS outcomes,
  (SELECT x.id FROM consent_answers x WHERE x.consent_id = c.id ORDER BY x.number DESC LIMIT 1)
    AS answers_id,
  (SELECT x.answers_id FROM hold_decision x WHERE x.consent_id = c.id
    AND (NOT x.needs_second OR EXISTS (SELECT 1 FROM hold_agreement a
      WHERE a.decision_id = x.id AND a.agrees)) AND x.kind <> 'not_safe'
    ORDER BY x.number DESC LIMIT 1) AS decided_about,
  (SELECT count(*) FROM signature x WHERE x.consent_id = c.id) AS signatures,
  (SELECT count(*) FROM signature x WHERE x.consent_id = c.id
    AND x.shown_sha256 = c.shown_sha256) AS signatures_of_what_is_shown,
  (SELECT count(*) FROM document x WHERE x.subject_id = c.id AND x.kind = 'patient_consent')
    AS signed_files,
  (SELECT count(*) FROM document x WHERE x.subject_id = c.id AND x.kind = 'executed_consent')
    AS executed_files,
  (SELECT count(*) FROM attestation x WHERE x.consent_id = c.id) AS attestations,
  (SELECT count(*) FROM attestation x JOIN signature s ON s.id = x.signature_id
    JOIN discussion d ON d.id = x.discussion_id JOIN qualification q ON q.id = x.qualification_id
    WHERE x.consent_id = c.id AND s.consent_id = c.id
    AND d.plan_version_id = c.plan_version_id AND q.staff_id = x.staff_id
    AND q.expires_on >= x.attested_at::date) AS sound_attestations,
  (SELECT count(*) FROM withdrawal x WHERE x.consent_id = c.id) AS withdrawals,
  (SELECT count(*) FROM consent_grant x WHERE x.consent_id = c.id
    AND upper(x.valid) > clock_timestamp()) AS open_grants,
  (SELECT count(*) FROM consent_grant x WHERE x.consent_id = c.id AND NOT EXISTS (
    SELECT 1 FROM plan_area a WHERE a.plan_version_id = c.plan_version_id AND a.area = x.area
    AND a.max_depth_um >= x.max_depth_um)) AS grants_beyond_plan,
  (SELECT count(*) FROM audit_event x WHERE x.subject_id = c.id
    AND x.action = 'consent:form:sign') AS told_signed
FROM consent c JOIN plan_version v ON v.id = c.plan_version_id JOIN plan p ON p.id = c.plan_id
WHERE c.tenant_id = :t
""")


@dataclass(frozen=True)
class Row:
    """One consent as the rows tell it."""

    id: uuid.UUID
    plan_id: uuid.UUID
    purpose: str
    state: str
    shown_sha256: bytes
    identified_at: datetime | None
    electronic_accepted_at: datetime | None
    read_at: datetime | None
    understood_at: datetime | None
    is_latest_plan: bool
    news: int
    wants_talk: bool
    talks: int
    open_questions: int
    open_holds: int
    numbers: list[int]
    outcomes: list[str]
    answers_id: uuid.UUID | None
    decided_about: uuid.UUID | None
    signatures: int
    signatures_of_what_is_shown: int
    signed_files: int
    executed_files: int
    attestations: int
    sound_attestations: int
    withdrawals: int
    open_grants: int
    grants_beyond_plan: int
    told_signed: int

    @property
    def is_over(self) -> bool:
        """Whether nothing can become of it any more."""
        return self.state in OVER

    @property
    def is_cleared_or_decided(self) -> bool:
        """Whether the newest answers let the patient sign, or somebody decided about them.

        Answers that once were in the way and are gone need a decision as well: a person looked.
        """
        if not self.outcomes:
            return False
        if set(self.outcomes) <= HARMLESS:
            return True
        if self.outcomes[-1] in HARMLESS:
            return self.decided_about is not None
        return self.decided_about == self.answers_id


def look(superuser: Engine, tenant_id: uuid.UUID) -> dict[uuid.UUID, Row]:
    """Return every consent of a clinic by its id."""
    with superuser.connect() as connection:
        found = connection.execute(LOOK, {"t": tenant_id}).mappings().all()
    return {one["id"]: Row(**one) for one in found}


def check(
    before: Mapping[uuid.UUID, Row], after: Mapping[uuid.UUID, Row], read: Mapping[uuid.UUID, bytes]
) -> list[str]:
    """Return what is wrong after a step, with what was before it and what was read last."""
    wrong = [said for row in after.values() for said in _always(row)]
    wrong.extend(_of_plans(after))
    for row in after.values():
        old = before.get(row.id)
        if old is not None:
            wrong.extend(_of_a_step(old, row, read.get(row.id)))
    return wrong


def _always(row: Row) -> Iterator[str]:
    signed = row.state in {"signed", "active", "paused"} or row.attestations > 0
    checks = {
        "two signatures or files": max(row.signatures, row.signed_files, row.executed_files) > 1,
        "a file without its signature": row.signed_files != row.signatures,
        "an event without its signature": row.told_signed != row.signatures,
        "signed without a signature": signed and row.signatures != 1,
        "a signature of something else": row.signatures != row.signatures_of_what_is_shown,
        "an attestation that is not sound": row.attestations != row.sound_attestations,
        "an attestation without its file": bool(row.attestations) != bool(row.executed_files),
        "a grant that is open": row.open_grants > 0 and not _may_grant(row),
        "a grant beyond the plan": row.grants_beyond_plan > 0,
        "two open holds": row.open_holds > 1,
        "a hold and no stop": row.open_holds > 0 and row.state in {"cleared", "active"},
        "answers that were overwritten": row.numbers != list(range(1, len(row.numbers) + 1)),
        "withdrawn without a record": (row.state == "withdrawn") != (row.withdrawals == 1),
    }
    return (f"{row.id}: {said}" for said, is_wrong in checks.items() if is_wrong)


def _may_grant(row: Row) -> bool:
    return (
        row.state == "active"
        and row.signatures == row.executed_files == 1
        and row.sound_attestations > 0
        and row.talks > 0
        and row.open_holds == 0
        and row.is_cleared_or_decided
    )


def _of_plans(after: Mapping[uuid.UUID, Row]) -> Iterator[str]:
    """Of one plan and purpose, one form at a time waits for the patient, and one is in force."""
    for states in ({"sent", "opened", "held", "cleared"}, {"active", "paused"}):
        # A form that was stopped between signature and confirmation was never in force.
        seen = [
            (one.plan_id, one.purpose)
            for one in after.values()
            if one.state in states and (one.state != "paused" or one.attestations > 0)
        ]
        if len(seen) != len(set(seen)):
            yield f"two of one plan are {sorted(states)}"


def _of_a_step(old: Row, row: Row, read: bytes | None) -> Iterator[str]:
    if row.state != old.state and row.state not in ALLOWED[old.state]:
        yield f"{row.id}: from {old.state} to {row.state}"
    if row.outcomes[: len(old.outcomes)] != old.outcomes or row.signatures < old.signatures:
        yield f"{row.id}: something was taken away"
    if row.signatures > old.signatures:
        yield from (f"{row.id}: signed, and {said}" for said in _missing_to_sign(old, row, read))
    if row.open_grants > old.open_grants and old.signatures != 1:
        yield f"{row.id}: granted in one step with the signature"


def _missing_to_sign(old: Row, row: Row, read: bytes | None) -> Iterator[str]:
    missing = {
        "nobody knew who it was": old.identified_at is None,
        "no agreement to sign on a screen": old.electronic_accepted_at is None,
        "answers that are not cleared": old.state != "cleared" or not old.is_cleared_or_decided,
        "a hold is open": old.open_holds > 0,
        "it was not read": old.read_at is None or read != row.shown_sha256,
        "it was not understood": old.understood_at is None,
        "no discussion": old.talks == 0,
        "a question is open": old.open_questions > 0,
        "the plan was changed": not old.is_latest_plan,
        "something became known since it was asked for": old.news > 0,
        "no talk since the incident": old.wants_talk,
    }
    return (said for said, is_missing in missing.items() if is_missing)
