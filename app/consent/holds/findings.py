"""What a hold is about: the rules that fired on the newest answers, and what still lacks proof."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from app.catalogue.loader import questions_of
from app.catalogue.queries import content_of, get_catalogue_version
from app.catalogue.rules import Rule
from app.consent import queries
from app.consent.ciphers import open_text
from app.consent.holds import queries as hold_queries
from app.consent.holds.decision import Findings, sort_findings
from app.consent.holds.models import Hold
from app.consent.holds.unproved import (
    Unproved,
    evidence_since,
    unproved_answers,
    unproved_at_visit,
)
from app.consent.models import Consent
from app.consent.screening.stored_answers import plain_answers, read_outcome
from app.database import TenantScope


def findings_of(scope: TenantScope, consent: Consent, hold: Hold) -> Findings:
    """Return the rules that fired and what may be done about each."""
    catalogue = content_of(get_catalogue_version(scope, consent.catalogue_version_id))
    if hold.is_after_signing:
        found = found_by_clinic(scope, consent, hold)
        unproved = unproved_at_visit(scope, consent, hold, found, catalogue)
        return sort_findings(_as_proved(scope, consent, hold, found.get("fired", [])), unproved)
    row = queries.find_latest_answers(scope, consent.id)
    fired = [] if row is None else read_outcome(scope, consent, row)["fired"]
    unproved = unproved_answers(scope, consent, catalogue)
    return sort_findings([*fired, *_flipped(scope, consent, fired, unproved)], unproved)


def found_by_clinic(scope: TenantScope, consent: Consent, hold: Hold) -> dict[str, Any]:
    """Return what the clinic saw when it opened the hold itself; empty for holds of answers."""
    if hold.found_cipher is None:
        return {}
    text = open_text(scope, consent.patient_id, "hold.found", hold.id, hold.found_cipher)
    found: dict[str, Any] = json.loads(text)
    return found


def _as_proved(
    scope: TenantScope, consent: Consent, hold: Hold, fired: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return what was found at a visit, with what later evidence made of it where that bars."""
    rows = evidence_since(scope, consent, hold)
    newest = read_outcome(scope, consent, rows[-1])["fired"] if rows else []
    judged = {one["rule_id"]: one for one in newest if not one["unsure"]}
    return [judged.get(one["rule_id"], one) if one["needs_evidence"] else one for one in fired]


def _flipped(
    scope: TenantScope, consent: Consent, fired: list[dict[str, Any]], unproved: Unproved
) -> Iterator[Mapping[str, Any]]:
    """Yield rules that asked for evidence once, whose question has another answer without it."""
    shown = {one["rule_id"] for one in fired if one["needs_evidence"]}
    for row in reversed(hold_queries.list_answers(scope, consent.id)):
        for rule in read_outcome(scope, consent, row)["fired"]:
            name = rule["rule_id"]
            if rule["needs_evidence"] and unproved.get(name) and name not in shown:
                shown.add(name)
                yield {**rule, "action": "review"}


def own_answers(
    scope: TenantScope, consent: Consent, hold: Hold
) -> Callable[[str], tuple[str, ...]]:
    """Return how to look up the answers that a rule looks at, as comparable texts."""
    catalogue = content_of(get_catalogue_version(scope, consent.catalogue_version_id))
    row = queries.find_latest_answers(scope, consent.id)
    given = {} if row is None else plain_answers(scope, consent, row)
    given |= found_by_clinic(scope, consent, hold).get("answers", {})
    return lambda rule: fingerprint(catalogue.rule[rule], given)


def fingerprint(rule: Rule, given: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what was answered to a rule's questions, as texts that can be compared."""
    return tuple(
        json.dumps([name, one["value"], one.get("on"), sorted(one.get("areas") or ())])
        for name in sorted(questions_of(rule))
        if (one := given.get(name)) is not None
    )
