"""What is done beside a signature, and times that are not the server's: one outcome, told truly.

The rival acts while the file is being stored: between the two transactions of signing, with nothing
locked. That is the only moment at which something else may still win.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.care.services.record_incident import NewIncident, record_incident
from app.consent import queries
from app.consent.errors import (
    AskedBeforeNews,
    ConsentMoved,
    NotDiscussed,
    NotReady,
    PlanChanged,
    ShownChanged,
)
from app.consent.services.attest_consent import attest_consent
from app.consent.services.request_consent import request_consent
from app.consent.services.withdraw_consent import withdraw_consent
from app.documents.errors import ClocksDiffer
from app.documents.queries import find_document_of
from app.documents.stamping import machine_time
from app.documents.true_time import EXTENSION
from app.kit.clock import now
from app.plans.queries import get_plan
from app.plans.services.make_plan import change_plan
from app.storage.object_store import Store
from tests.factories.consent import (
    MadeConsent,
    answer,
    make_asked_consent,
    make_read_consent,
    make_signed_consent,
    sign,
)
from tests.factories.plans import make_discussed_plan, terms
from tests.factories.safety import make_safety_notice
from tests.factories.tenants import PROCEDURE
from tests.support.signer import Signer, state_of

Rival = Callable[[MadeConsent], object]
COUNT = text(
    "SELECT (SELECT count(*) FROM document WHERE tenant_id = :t),"
    " (SELECT count(*) FROM consent WHERE tenant_id = :t"
    "   AND state IN ('sent', 'opened', 'held', 'cleared', 'signed', 'active'))"
)


class StoreWithARival(Store):
    """A store in which somebody else acts while the first file is on its way."""

    def __init__(self, inner: Store, rival: Callable[[], object]) -> None:
        """Store in the same place as the other."""
        super().__init__(inner._store, inner._folder)
        self._waiting = [rival]

    def put(self, name: str, data: bytes) -> str:
        if self._waiting:
            self._waiting.pop()()
        return super().put(name, data)


@contextmanager
def extension(app: Flask, name: str, value: object) -> Iterator[None]:
    kept = app.extensions[name]
    app.extensions[name] = value
    try:
        yield
    finally:
        app.extensions[name] = kept


@pytest.fixture
def read(context: Flask) -> MadeConsent:
    return make_read_consent(make_discussed_plan())


def reissue(asked: MadeConsent) -> None:
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        request_consent(scope, plan_id=asked.made.plan_id)


def hold(asked: MadeConsent) -> None:
    assert answer(asked, pregnancy="yes").is_stored


def change(asked: MadeConsent) -> None:
    made = asked.made
    with made.clinic.scope(made.practitioner) as scope:
        version = get_plan(scope, made.plan_id).version
        wanted = terms(made.device_id, made.practitioner.id, {"face_cheeks": 1500})
        change_plan(scope, plan_id=made.plan_id, terms=wanted, version=version)


def decline(asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        withdraw_consent(scope, consent_id=asked.id)


def warn(asked: MadeConsent) -> None:
    make_safety_notice(asked.made.clinic, "device", str(asked.made.device_id))


def note_incident(asked: MadeConsent) -> None:
    made = asked.made
    wanted = NewIncident(
        patient_id=made.patient_id,
        named_staff_id=made.practitioner.id,
        procedure_id=PROCEDURE,
        areas={"face_cheeks": 500},
        reason="Started before the form was signed.",
        happened_at=now(),
    )
    with made.clinic.scope(made.practitioner) as scope:
        record_incident(scope, wanted)


RIVALS = pytest.mark.parametrize(
    ("rival", "left"),
    [
        (reissue, "voided"),
        (hold, "held"),
        (change, "cleared"),
        (decline, "declined"),
        (warn, "cleared"),
        (note_incident, "cleared"),
    ],
)
LOST = (AskedBeforeNews, ConsentMoved, NotDiscussed, NotReady, PlanChanged, ShownChanged)


@RIVALS
def test_case_22_what_commits_while_the_file_is_stored_wins_and_nothing_is_signed(
    context: Flask, read: MadeConsent, rival: Rival, left: str
) -> None:
    store = StoreWithARival(context.extensions["needlepoint_store"], lambda: rival(read))

    with (
        extension(context, "needlepoint_store", store),
        pytest.raises(LOST),
    ):
        sign(read)

    with read.made.clinic.scope() as scope:
        assert state_of(scope, read) == left
        assert queries.find_signature(scope, read.id) is None
        assert find_document_of(scope, read.id, "patient_consent") is None
        files, standing = scope.session.execute(COUNT, {"t": scope.tenant_id}).one()
    assert files == 0
    assert standing == (0 if left == "declined" else 1)


@pytest.mark.parametrize(("rival", "left"), [(change, "signed"), (decline, "withdrawn")])
def test_case_22_what_commits_while_the_confirmation_is_stored_wins(
    context: Flask, rival: Rival, left: str
) -> None:
    asked = make_signed_consent(make_discussed_plan())
    store = StoreWithARival(context.extensions["needlepoint_store"], lambda: rival(asked))

    with (
        extension(context, "needlepoint_store", store),
        pytest.raises((ConsentMoved, PlanChanged)),
        asked.made.clinic.scope(asked.made.practitioner) as scope,
    ):
        attest_consent(scope, consent_id=asked.id, stepped_up_at=now())

    with asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == left
        assert queries.find_attestation(scope, asked.id) is None
        assert queries.list_grants(scope, asked.id) == []


def test_case_28_a_time_that_the_browser_sends_counts_for_nothing(
    app: Flask, context: Flask
) -> None:
    signer = Signer(app, make_asked_consent(make_discussed_plan()))
    signer.reach_signature()
    began = now()

    signer.go(
        "/sign/signature",
        signer.signing_fields(signed_at="2001-01-01T00:00:00Z", date="2001-01-01", at="0"),
    )

    with signer.asked.made.clinic.scope() as scope:
        signature = queries.find_signature(scope, signer.asked.id)
        assert signature is not None
        assert began <= signature.signed_at <= now()
        assert signature.zone == "Europe/London"


@pytest.mark.parametrize("off", [timedelta(seconds=3), -timedelta(minutes=10), timedelta(days=1)])
def test_case_28_nothing_is_sealed_by_a_clock_that_lies(
    context: Flask, read: MadeConsent, off: timedelta
) -> None:
    def lying() -> datetime:
        return machine_time() + off

    with extension(context, EXTENSION, lying), pytest.raises(ClocksDiffer):
        sign(read)

    with read.made.clinic.scope() as scope:
        assert state_of(scope, read) == "cleared"
        assert queries.find_signature(scope, read.id) is None
    assert sign(read).signed_at <= datetime.now(UTC)
