"""A restore from a backup is accepted once, signed, told for ever, and excuses nothing else."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from app.audit.models import AuditEvent
from app.jobs.worker import work
from app.messaging.models import Message
from app.tenants.audit_watch import verify_all
from tests.audit.conftest import Intruder, act, checks, look, look_at_anchors, seal
from tests.factories.tenants import MadeClinic
from tests.support.pages import Desk

TABLES = ("audit_event", "audit_link", "audit_head")


@pytest.fixture
def lost(clinic: MadeClinic, superuser: Engine, intruder: Intruder) -> tuple[int, int]:
    """Set the clinic's record back to a backup and go on; return the last row kept and lost."""
    seal(clinic)
    backup = copy_of(clinic, superuser)
    kept = len(backup["audit_link"])
    act(clinic, 3)
    seal(clinic)
    act(clinic, 2)
    seal(clinic)
    for table in TABLES:
        intruder(f"DELETE FROM {table} WHERE tenant_id = :t", t=clinic.tenant_id)
        for row in backup[table]:
            asked = f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, :row)"
            intruder(asked.replace(":row", "CAST(:row AS jsonb)"), row=json.dumps(row))
    # The rounds went on for an hour before somebody looked.
    act(clinic, 3)
    seal(clinic)
    return kept, kept + 5


def copy_of(clinic: MadeClinic, superuser: Engine) -> dict[str, list[dict[str, object]]]:
    with superuser.connect() as connection:
        return {
            table: list(
                connection.execute(
                    text(f"SELECT to_jsonb(x) FROM {table} x WHERE tenant_id = :t"),
                    {"t": clinic.tenant_id},
                ).scalars()
            )
            for table in TABLES
        }


def accept(app: Flask, clinic: MadeClinic, expect: int = 0) -> str:
    words = ["--clinic", str(clinic.tenant_id), "--reason", "disk-failure", "--by", "j.doe"]
    done = app.test_cli_runner().invoke(args=["audit", "accept-restore", *words, "--yes"])
    assert done.exit_code == expect, done.output
    return done.output


def verify(app: Flask, clinic: MadeClinic) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["audit", "verify", "--clinic", str(clinic.tenant_id)])
    return done.exit_code, done.output


def test_an_accepted_restore_ends_the_alarm_and_stands_in_every_report(
    context: Flask, clinic: MadeClinic, lost: tuple[int, int]
) -> None:
    kept, last = lost
    assert verify_all([clinic.tenant_id]) > 0
    assert verify(context, clinic)[0] == 1

    said = accept(context, clinic)

    line = rf"Rows {kept + 1} to {last} as anchors 2 to 3 hold them are not in the record"
    assert re.search(line, said)
    for _ in range(2):
        act(clinic)
        seal(clinic)
        assert verify_all([clinic.tenant_id]) == 0
        code, told = verify(context, clinic)
        assert code == 0
        assert re.search(f"RESTORED {line}", told)
        assert "because a disk or a machine failed. Accepted on 20" in told
        assert "by j.doe, anchor 5." in told
    assert look(clinic).anchored_seq == look(clinic).sealed
    desk = Desk(context, clinic, clinic.owner)
    assert f"Rows {kept + 1} to {last}" in desk.read("/audit/chain")
    assert desk.api.get("/audit/chain")["restores"][0]["by"] == "j.doe"


def test_the_owners_are_told_and_the_record_says_so(
    context: Flask, clinic: MadeClinic, lost: tuple[int, int]
) -> None:
    accept(context, clinic)
    work(context, context.config["SETTINGS"].worker_url, until_empty=True)

    with clinic.scope() as scope:
        asked = select(Message.subject).where(Message.template == "restore_accepted")
        assert list(scope.session.scalars(asked)) == [
            "An older state of Tern & Thistle was restored"
        ]
        event = scope.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "audit:restore:accept")
        ).one()
    assert json.loads(event.details)["last"] == lost[1]


def test_what_was_changed_after_the_restore_is_no_part_of_it(
    context: Flask, clinic: MadeClinic, lost: tuple[int, int], intruder: Intruder
) -> None:
    edit = (
        "UPDATE audit_event SET actor_kind = :kind WHERE tenant_id = :t AND id ="
        " (SELECT event_id FROM audit_link WHERE tenant_id = :t AND seq = 10)"
    )
    intruder(edit, t=clinic.tenant_id, kind="patient")
    assert "does not hold by itself" in accept(context, clinic, expect=1)
    assert look_at_anchors().restores == []

    intruder(edit, t=clinic.tenant_id, kind="staff")
    accept(context, clinic)
    intruder(edit, t=clinic.tenant_id, kind="patient")

    assert checks(look(clinic)) == {"tag", "event"}


def test_there_is_nothing_to_accept_where_nothing_is_gone(
    context: Flask, clinic: MadeClinic
) -> None:
    seal(clinic)

    assert "nothing to accept" in accept(context, clinic, expect=1)
    assert look_at_anchors().anchors == 1


def test_a_statement_that_nobody_signed_excuses_nothing(
    context: Flask, clinic: MadeClinic, lost: tuple[int, int], anchors: Path
) -> None:
    accept(context, clinic)
    [statement] = look_at_anchors().restores
    path = anchors / f"{statement.number:010d}.json"
    path.write_text(path.read_text().replace("disk-failure", "moved"))

    report = look_at_anchors()

    assert report.restores == []
    assert "signature over something else" in " ".join(report.findings)
    assert checks(look(clinic)) == {"anchor", "truncated"}
