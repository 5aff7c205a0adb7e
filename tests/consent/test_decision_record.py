"""What is decided lies in sealed evidence: who lifted what, why, and within what.

Before signing it is part of what is signed; after it, it has a sealed record of its own.
"""

import io
import json
import uuid
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import Engine, text

from app.consent.documents.drafts import PATIENT_FILE
from app.consent.holds import queries as hold_queries
from app.consent.holds.models import HoldDecision
from app.consent.jobs import seal_missing_decisions, seal_record
from app.consent.services.attest_consent import attest_consent
from app.database.install import DatabaseUrls
from app.documents.container import detach_files
from app.documents.files import read_document
from app.documents.models import DocumentKind
from app.documents.queries import find_document_of
from app.documents.setup import own_trust
from app.documents.verify import verify_file
from app.kit.clock import now
from tests.consent.test_holds_after_signing import WHY, decide, stop
from tests.consent.test_second_person import AGREED, colleague, lift, say
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.consent import read_and_understand, sign
from tests.factories.holds import LONG_REASON, REASON, limits, make_held
from tests.factories.plans import make_discussed_plan
from tests.support.engines import superuser_engine

WAITING = text(
    "SELECT count(*) FROM queue.procrastinate_jobs WHERE args\\:\\:text LIKE '%seal_decision%'"
    " AND args\\:\\:text LIKE '%' || :id || '%'"
)


@pytest.fixture(scope="module")
def superuser(admin_url: str, urls: DatabaseUrls) -> Engine:
    return superuser_engine(admin_url, urls.app)


@pytest.fixture
def ready(context: Flask) -> ReadyVisit:
    """A visit that could start now."""
    return make_ready_visit()


def decision_of(ready: ReadyVisit) -> HoldDecision:
    assert ready.consent is not None
    with ready.made.clinic.scope() as scope:
        return hold_queries.list_decisions(scope, ready.consent.consent_id)[-1]


def record_of(ready: ReadyVisit, decision_id: uuid.UUID) -> bytes:
    with ready.made.clinic.scope() as scope:
        found = find_document_of(scope, decision_id, DocumentKind.DECISION)
        assert found is not None
        return read_document(scope, found.id)


def evidence_in(data: bytes) -> dict[str, Any]:
    files = {one.name: one.data for one in detach_files(data)}
    return dict(json.loads(files["evidence.json"]))


def texts(data: bytes) -> str:
    pages = PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_a_decision_in_the_middle_of_a_course_is_sealed_by_itself(
    ready: ReadyVisit, context: Flask, superuser: Engine
) -> None:
    assert ready.consent is not None
    decide(ready, stop(ready), limits=limits(depths={"face_cheeks": 600}))
    decision = decision_of(ready)
    with superuser.connect() as connection:
        assert connection.scalar(WAITING, {"id": decision.id}) == 1

    with ready.made.clinic.scope() as scope:
        seal_record(scope, decision_id=decision.id)

    data = record_of(ready, decision.id)
    told, shown = evidence_in(data), texts(data)
    assert verify_file(data, own_trust(context.config["SETTINGS"])).holds
    assert told["consent_id"] == str(ready.consent.consent_id)
    assert (told["kind"], told["origin"], told["overrides"]) == ("safe", "clinic", [])
    assert told["limits"]["max_depth_um"] == {"face_cheeks": 600}
    assert WHY in shown
    assert REASON in shown
    assert "0.6 mm" in shown
    assert ready.made.practitioner.name in shown
    assert WHY not in json.dumps(told)


def test_a_no_in_the_middle_of_a_course_is_sealed_too_and_once(ready: ReadyVisit) -> None:
    decide(ready, stop(ready), "not_safe")
    decision_id = decision_of(ready).id
    with ready.made.clinic.scope() as scope:
        assert list(hold_queries.list_unsealed_decisions(scope, most=5)) == [decision_id]
        seal_missing_decisions(scope)
    for _ in range(2):
        with ready.made.clinic.scope() as scope:
            seal_record(scope, decision_id=decision_id)

    assert evidence_in(record_of(ready, decision_id))["kind"] == "not_safe"
    with ready.made.clinic.scope() as scope:
        assert list(hold_queries.list_unsealed_decisions(scope, most=5)) == []


def test_case_26_an_override_is_in_the_sealed_evidence_of_both_papers(context: Flask) -> None:
    held = make_held(make_discussed_plan(), bleeding_disorder="yes")
    lift(held)
    second = colleague(held)
    say(held, second)
    read_and_understand(held)
    signature = sign(held)
    with held.made.clinic.scope(held.made.practitioner) as scope:
        attested = attest_consent(scope, consent_id=held.id, stepped_up_at=now())
    with held.made.clinic.scope() as scope:
        executed = read_document(scope, attested.document_id)
        signed = read_document(scope, signature.document_id)

    inside = {one.name: one.data for one in detach_files(executed)}[PATIENT_FILE]
    assert inside == signed
    for data in (signed, executed):
        [one] = evidence_in(data)["clinical_snapshot"]["overrides"]
        assert one["rule"] == "bleeding_disorder"
        assert held.made.practitioner.name in one["by"]
        assert second.name in one["second_by"]
        assert one["reason"] == LONG_REASON
        assert AGREED in texts(data)
