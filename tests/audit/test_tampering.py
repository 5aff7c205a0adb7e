"""Case 27 and case 40: who rewrites the past is named, whatever they hold but the anchors."""

import base64
import json
import threading
import uuid
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.audit import queries
from app.audit.anchors import proof_of, read_anchor
from app.audit.chain import event_digest, head_bytes, leaf_hash, link_hash, root_of_path
from app.audit.services import event_bytes
from app.audit.verify import ChainReport
from app.vault import sign_row
from stampsim import server as stampsim
from tests.audit.conftest import Intruder, act, checks, look, look_at_anchors, seal
from tests.factories.tenants import MadeClinic, make_clinic

EDIT = "UPDATE audit_event SET action = 'trial:thing:undo' WHERE tenant_id = :t AND id = :event"


def row(clinic: MadeClinic, seq: int) -> dict[str, object]:
    """Return a link's number and event, to name it in a statement."""
    with clinic.scope() as scope:
        link = queries.find_link(scope, seq)
        assert link is not None
        return {"t": clinic.tenant_id, "seq": seq, "event": link.event_id}


def last_seq(clinic: MadeClinic) -> int:
    with clinic.scope() as scope:
        head = queries.find_head(scope)
        assert head is not None
        return head.seq


def named(report: ChainReport, check: str) -> list[tuple[int | None, uuid.UUID | None]]:
    return [(one.seq, one.event_id) for one in report.findings if one.check.value == check]


def rewrite_with_stolen_keys(clinic: MadeClinic, intruder: Intruder) -> None:
    """Make tags, digests, hashes and the head fit what is stored now, as their owner could."""
    last = bytes(32)
    with clinic.scope() as scope:
        pairs = list(queries.page_links(scope, after=0, size=5000))
        seq = 0
        for _, event in pairs:
            assert event is not None
            event.mac = sign_row(clinic.tenant_id, event_bytes(event))
            digest = event_digest(event)
            seq, last = seq + 1, link_hash(last, seq + 1, digest)
            intruder(
                "UPDATE audit_event SET mac = :mac WHERE tenant_id = :t AND id = :event",
                "UPDATE audit_link SET seq = :seq, digest = :digest, hash = :hash"
                " WHERE tenant_id = :t AND event_id = :event",
                t=clinic.tenant_id,
                event=event.id,
                mac=event.mac,
                seq=seq,
                digest=digest,
                hash=last,
            )
            scope.session.expunge(event)
        mac = sign_row(clinic.tenant_id, head_bytes(seq, last))
    intruder(
        "UPDATE audit_head SET seq = :seq, hash = :hash, mac = :mac WHERE tenant_id = :t",
        t=clinic.tenant_id,
        seq=seq,
        hash=last,
        mac=mac,
    )


class TestCase27:
    def test_case_27_an_edited_row_is_named(self, clinic: MadeClinic, intruder: Intruder) -> None:
        seal(clinic)
        assert look(clinic).holds
        wanted = row(clinic, 4)

        intruder(
            EDIT,
            **wanted,
        )

        report = look(clinic)
        assert checks(report) == {"tag", "event"}
        assert named(report, "event") == [(4, wanted["event"])]

    def test_case_27_a_deleted_row_is_named(self, clinic: MadeClinic, intruder: Intruder) -> None:
        seal(clinic)
        wanted = row(clinic, 4)
        intruder("DELETE FROM audit_event WHERE tenant_id = :t AND id = :event", **wanted)
        report = look(clinic)
        assert checks(report) == {"deleted"}
        assert named(report, "deleted") == [(4, wanted["event"])]

        intruder("DELETE FROM audit_link WHERE tenant_id = :t AND seq = :seq", **wanted)

        report = look(clinic)
        assert checks(report) == {"deleted"}
        assert "Rows 4 to 4 of the chain are gone." in [one.text for one in report.findings]

    def test_case_27_deleting_the_last_rows_is_noticed(
        self, clinic: MadeClinic, intruder: Intruder
    ) -> None:
        seal(clinic)
        last = last_seq(clinic)

        self.cut(clinic, intruder, last - 3)

        report = look(clinic)
        assert checks(report) == {"truncated"}
        assert f"rows {last - 2} to {last} are gone" in report.findings[0].text

    def test_case_27_cutting_the_head_as_well_is_noticed_by_the_anchor(
        self, clinic: MadeClinic, intruder: Intruder
    ) -> None:
        seal(clinic)
        last = last_seq(clinic)
        self.cut(clinic, intruder, last - 3)
        rewrite_with_stolen_keys(clinic, intruder)

        with clinic.scope():
            report = look(clinic)

        assert checks(report) == {"truncated"}
        assert "Anchor 1 holds" in report.findings[0].text

    def test_case_27_rows_that_change_places_are_named(
        self, clinic: MadeClinic, intruder: Intruder
    ) -> None:
        seal(clinic)
        one, other = row(clinic, 3), row(clinic, 5)
        intruder(
            "DELETE FROM audit_link WHERE tenant_id = :t AND seq = :seq AND false",
            "UPDATE audit_link SET event_id = :spare WHERE tenant_id = :t AND seq = :seq",
            "UPDATE audit_link SET event_id = :event WHERE tenant_id = :t AND seq = :other",
            "UPDATE audit_link SET event_id = :other_event WHERE tenant_id = :t AND seq = :seq",
            **one,
            spare=uuid.uuid4(),
            other=5,
            other_event=other["event"],
        )

        report = look(clinic)

        assert checks(report) == {"order"}
        assert {seq for seq, _ in named(report, "order")} == {3, 5}

    def test_case_27_links_that_change_numbers_are_named(
        self, clinic: MadeClinic, intruder: Intruder
    ) -> None:
        seal(clinic)
        intruder(
            "UPDATE audit_link SET seq = 1003 WHERE tenant_id = :t AND seq = 3",
            "UPDATE audit_link SET seq = 3 WHERE tenant_id = :t AND seq = 4",
            "UPDATE audit_link SET seq = 4 WHERE tenant_id = :t AND seq = 1003",
            t=clinic.tenant_id,
        )

        report = look(clinic)

        assert checks(report) == {"link"}
        assert {seq for seq, _ in named(report, "link")} == {3, 4, 5}

    def test_case_27_tags_made_with_a_stolen_key_do_not_fit_the_anchor(
        self, clinic: MadeClinic, intruder: Intruder
    ) -> None:
        seal(clinic)
        first = last_seq(clinic)
        act(clinic, 3)
        seal(clinic)
        wanted = row(clinic, first + 2)

        intruder(
            EDIT,
            **wanted,
        )
        rewrite_with_stolen_keys(clinic, intruder)

        report = look(clinic)
        assert checks(report) == {"anchor"}
        [finding] = report.findings
        assert f"between rows {first + 1} and {first + 3} was rewritten" in finding.text

    def test_case_27_an_event_that_was_slipped_in_has_no_tag(
        self, clinic: MadeClinic, intruder: Intruder
    ) -> None:
        seal(clinic)
        intruder(
            "INSERT INTO audit_event (tenant_id, id, at, actor_kind, action, details, mac)"
            " VALUES (:t, :id, now(), 'staff', 'trial:thing:do', '{}', :mac)",
            t=clinic.tenant_id,
            id=uuid.uuid4(),
            mac=bytes(32),
        )
        assert checks(look(clinic)) == {"tag"}

        seal(clinic)

        assert checks(look(clinic)) == {"tag"}

    def test_case_27_a_head_that_was_edited_is_noticed(
        self, clinic: MadeClinic, intruder: Intruder
    ) -> None:
        seal(clinic)
        intruder("UPDATE audit_head SET hash = mac WHERE tenant_id = :t", t=clinic.tenant_id)

        assert checks(look(clinic)) == {"head"}

    @staticmethod
    def cut(clinic: MadeClinic, intruder: Intruder, last: int) -> None:
        intruder(
            "DELETE FROM audit_event WHERE tenant_id = :t AND id IN (SELECT event_id"
            " FROM audit_link WHERE tenant_id = :t AND seq > :last)",
            "DELETE FROM audit_link WHERE tenant_id = :t AND seq > :last",
            t=clinic.tenant_id,
            last=last,
        )


class TestCase40:
    def test_case_40_after_a_restore_the_anchor_shows_what_is_missing(
        self, clinic: MadeClinic, intruder: Intruder, superuser: Engine
    ) -> None:
        seal(clinic)
        before = last_seq(clinic)
        with superuser.connect() as connection:
            head = connection.execute(
                text("SELECT seq, hash, mac FROM audit_head WHERE tenant_id = :t"),
                {"t": clinic.tenant_id},
            ).one()
        act(clinic, 5)
        seal(clinic)
        after = last_seq(clinic)

        # The state of before is back, true to the last byte.
        TestCase27.cut(clinic, intruder, before)
        intruder(
            "UPDATE audit_head SET seq = :seq, hash = :hash, mac = :mac WHERE tenant_id = :t",
            t=clinic.tenant_id,
            **head._mapping,
        )

        report = look(clinic)
        assert checks(report) == {"truncated"}
        [finding] = report.findings
        assert f"rows {before + 1} to {after} are gone, or an older state was restored" in (
            finding.text
        )

        act(clinic, 7)
        seal(clinic)
        assert checks(look(clinic)) >= {"anchor"}

    def test_case_40_a_clinic_that_vanished_is_still_in_its_anchor(
        self, clinic: MadeClinic, intruder: Intruder
    ) -> None:
        seal(clinic)
        intruder(
            "DELETE FROM audit_event WHERE tenant_id = :t",
            "DELETE FROM audit_link WHERE tenant_id = :t",
            "DELETE FROM audit_head WHERE tenant_id = :t",
            t=clinic.tenant_id,
        )

        assert checks(look(clinic)) == {"truncated"}


class TestAnchors:
    def test_an_anchor_is_signed_follows_the_one_before_and_holds(self, clinic: MadeClinic) -> None:
        other = make_clinic()
        first = seal(clinic, other)
        act(clinic)
        second = seal(clinic, other)
        assert first is not None
        assert second is not None

        assert {head.tenant_id for head in first.heads} == {clinic.tenant_id, other.tenant_id}
        assert [head.tenant_id for head in second.heads] == [clinic.tenant_id]
        assert second.previous == first.sha256
        report = look_at_anchors()
        assert report.findings == []
        assert (report.anchors, report.stamped, report.not_stamped) == (2, 0, [1, 2])

    def test_nothing_moved_is_no_anchor(self, clinic: MadeClinic) -> None:
        assert seal(clinic) is not None
        assert seal(clinic) is None

    def test_an_anchor_is_stamped_now_or_once_the_authority_answers(
        self, clinic: MadeClinic, stamps: stampsim.StampAuthority, anchors: Path
    ) -> None:
        stamps.fault = "http_error"
        seal(clinic)
        assert look_at_anchors(stamps.root_pem).not_stamped == [1]

        stamps.fault = "none"
        act(clinic)
        seal(clinic)

        report = look_at_anchors(stamps.root_pem)
        assert (report.stamped, report.not_stamped, report.findings) == (2, [], [])
        token = (anchors / "0000000001.stamp").read_bytes()
        (anchors / "0000000002.stamp").write_bytes(token)
        assert look_at_anchors(stamps.root_pem).findings == [
            "The time stamp of anchor 2 is for something else."
        ]

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (("seq", 1), "do not make its root"),
            (("hash", "00" * 32), "do not make its root"),
        ],
    )
    def test_an_edited_anchor_is_noticed(
        self, clinic: MadeClinic, anchors: Path, change: tuple[str, object], said: str
    ) -> None:
        seal(clinic)
        path = anchors / "0000000001.json"
        file = json.loads(path.read_text())
        file["heads"][0][1 if change[0] == "seq" else 2] = change[1]
        path.write_text(json.dumps(file))

        assert said in " ".join(look_at_anchors().findings)

    def test_a_statement_with_another_root_is_not_what_was_signed(
        self, clinic: MadeClinic, anchors: Path
    ) -> None:
        seal(clinic)
        path = anchors / "0000000001.json"
        file = json.loads(path.read_text())
        clinic_id, seq, _ = file["heads"][0]
        forged = bytes(32)
        statement = json.loads(file["statement"])
        statement["root"] = leaf_hash(uuid.UUID(clinic_id), seq, forged).hex()
        file["heads"][0][2], file["statement"] = forged.hex(), json.dumps(statement)
        path.write_text(json.dumps(file))

        assert look_at_anchors().findings == [
            "Anchor 1 carries a signature over something else: edited."
        ]

    def test_an_anchor_that_somebody_else_signed_is_not_believed(
        self, context: Flask, clinic: MadeClinic, anchors: Path, tmp_path: Path
    ) -> None:
        from_elsewhere = context.extensions["needlepoint_sealers"].__class__(tmp_path / "other-ca")
        own = context.extensions["needlepoint_sealers"]
        context.extensions["needlepoint_sealers"] = from_elsewhere
        seal(clinic)
        context.extensions["needlepoint_sealers"] = own

        assert look_at_anchors().findings == [
            "Anchor 1 was signed by somebody whom this installation does not trust."
        ]

    def test_a_missing_or_damaged_anchor_is_named(self, clinic: MadeClinic, anchors: Path) -> None:
        for _ in range(4):
            act(clinic)
            seal(clinic)
        (anchors / "0000000002.json").unlink()
        (anchors / "0000000004.json").write_bytes(b"\x00 not json")

        assert look_at_anchors().findings == [
            "Anchors 2 to 2 are gone.",
            "Anchor 4 cannot be read: damaged.",
        ]

    def test_a_proof_shows_one_clinic_and_names_no_other(self, clinic: MadeClinic) -> None:
        others = [make_clinic() for _ in range(4)]
        seal(clinic, *others)
        proof = proof_of(read_anchor(1), clinic.tenant_id)
        assert proof is not None

        leaf = leaf_hash(clinic.tenant_id, proof["seq"], bytes.fromhex(proof["hash"]))
        path = [(side, bytes.fromhex(beside)) for side, beside in proof["path"]]
        assert root_of_path(leaf, path).hex() == json.loads(proof["statement"])["root"]
        assert base64.b64decode(proof["seal"]) == read_anchor(1).seal
        assert not [one for one in others if str(one.tenant_id) in json.dumps(proof)]

    def test_workers_at_the_same_time_write_one_row_of_anchors(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        clinics = [clinic, *(make_clinic() for _ in range(3))]

        def one_round(of: MadeClinic) -> None:
            with context.app_context():
                seal(of)

        rounds = [threading.Thread(target=one_round, args=(one,)) for one in clinics]
        for one in rounds:
            one.start()
        for one in rounds:
            one.join()
        seal(*clinics)

        report = look_at_anchors()
        assert report.findings == []
        assert set(report.heads) == {one.tenant_id for one in clinics}
