"""The nightly watch: it verifies, notes the result, and raises the alarm without personal text."""

import json
from collections.abc import Iterator

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit import queries
from app.jobs.registry import NIGHTLY_ROUNDS, ROUNDS
from app.messaging.models import Message
from app.tenants.audit_watch import verify_all
from tests.audit.conftest import Intruder, act, seal
from tests.factories.tenants import MadeClinic, make_clinic


@pytest.fixture
def lines(context: Flask) -> Iterator[list[dict[str, object]]]:
    """What is logged, as data."""
    with structlog.testing.capture_logs() as kept:
        yield kept


def told(clinic: MadeClinic) -> list[Message]:
    with clinic.scope() as scope:
        asked = select(Message).where(Message.template == "audit_alarm")
        return list(scope.session.scalars(asked))


def test_the_worker_seals_every_few_minutes_and_watches_by_night() -> None:
    assert "audit.round" in ROUNDS
    assert "tenants.watch_audit" in NIGHTLY_ROUNDS


def test_a_chain_that_holds_raises_no_alarm(
    clinic: MadeClinic, lines: list[dict[str, object]], client: FlaskClient
) -> None:
    seal(clinic)

    assert verify_all([clinic.tenant_id]) == 0

    assert told(clinic) == []
    assert [one for one in lines if one["log_level"] == "error"] == []
    with clinic.scope() as scope:
        head = queries.find_head(scope)
        assert head is not None
        assert (head.failed_checks, head.verified_seq) == (0, head.seq)
    metrics = client.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).text
    assert "needlepoint_audit_failed_checks 0.0" in metrics
    assert "needlepoint_audit_anchored_timestamp_seconds 1." in metrics


def test_case_27_a_broken_chain_is_told_to_owner_operator_and_metric(
    clinic: MadeClinic,
    intruder: Intruder,
    lines: list[dict[str, object]],
    client: FlaskClient,
) -> None:
    other = make_clinic()
    act(other)
    seal(clinic, other)
    intruder(
        "UPDATE audit_event SET details = :said WHERE tenant_id = :t AND id ="
        " (SELECT event_id FROM audit_link WHERE tenant_id = :t AND seq = 3)",
        t=clinic.tenant_id,
        said=json.dumps({"note": "Siobhán takes warfarin"}),
    )

    assert verify_all([clinic.tenant_id, other.tenant_id]) == 2

    [message] = told(clinic)
    assert message.subject == "Please look at the record of acts at Tern & Thistle"
    assert told(other) == []
    broken = [one for one in lines if one["event"] == "audit.broken"]
    assert {(one["check"], one["tenant_id"]) for one in broken} == {
        ("tag", str(clinic.tenant_id)),
        ("event", str(clinic.tenant_id)),
    }
    assert "warfarin" not in json.dumps(lines, default=str)
    with clinic.scope() as scope:
        head = queries.find_head(scope)
        assert head is not None
        assert head.failed_checks == 2
    metrics = client.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).text
    assert "needlepoint_audit_failed_checks 2.0" in metrics
    assert "needlepoint_audit_broken_clinics 1.0" in metrics


OF_ROW = "(SELECT event_id FROM audit_link WHERE tenant_id = :t AND seq = {})"
TAMPERED = {
    "edited": (
        (
            "UPDATE audit_event SET action = 'trial:thing:undo' WHERE tenant_id = :t AND id = "
            + OF_ROW.format(5),
        ),
        ("FAILS (tag)", "FAILS (event)", "row 5"),
    ),
    "deleted": (
        ("DELETE FROM audit_event WHERE tenant_id = :t AND id = " + OF_ROW.format(5),),
        ("FAILS (deleted)", "row 5"),
    ),
    "reordered": (
        (
            "UPDATE audit_link SET seq = 1003 WHERE tenant_id = :t AND seq = 3",
            "UPDATE audit_link SET seq = 3 WHERE tenant_id = :t AND seq = 5",
            "UPDATE audit_link SET seq = 5 WHERE tenant_id = :t AND seq = 1003",
        ),
        ("FAILS (link)", "row 3", "row 5"),
    ),
    "truncated": (
        (
            "DELETE FROM audit_event WHERE tenant_id = :t AND id IN (SELECT event_id"
            " FROM audit_link WHERE tenant_id = :t AND seq > 6)",
            "DELETE FROM audit_link WHERE tenant_id = :t AND seq > 6",
        ),
        ("FAILS (truncated)", "rows 7 to"),
    ),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_the_command_names_a_row_that_was_tampered_with(
    context: Flask, clinic: MadeClinic, intruder: Intruder, how: str
) -> None:
    seal(clinic)
    statements, told_of = TAMPERED[how]

    intruder(*statements, t=clinic.tenant_id)

    words = ["audit", "verify", "--clinic", str(clinic.tenant_id)]
    said = context.test_cli_runner().invoke(args=words)
    assert said.exit_code == 1
    assert [one for one in told_of if one.lower() not in said.output.lower()] == [], said.output


def test_the_command_names_the_row_and_ends_with_one(
    context: Flask, clinic: MadeClinic, intruder: Intruder
) -> None:
    seal(clinic)
    run = context.test_cli_runner()
    good = run.invoke(args=["audit", "verify", "--clinic", str(clinic.tenant_id)])
    assert good.exit_code == 0, good.output
    assert f"Clinic {clinic.tenant_id}: holds." in good.output

    intruder("DELETE FROM audit_link WHERE tenant_id = :t AND seq = 5", t=clinic.tenant_id)

    bad = run.invoke(args=["audit", "verify", "--clinic", str(clinic.tenant_id)])
    assert bad.exit_code == 1
    assert "FAILS (deleted) Rows 5 to 5 of the chain are gone." in bad.output
    assert run.invoke(args=["audit", "verify", "--anchors"]).exit_code == 0
