"""The chain: sealed later, in one order, also where a transaction ends late."""

import hashlib
import json
import threading
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app import audit
from app.audit import queries
from app.audit.chain import leaf_hash, root_of_path, tree_path, tree_root
from app.audit.models import AuditEvent, AuditLink
from app.audit.sealing import BATCH, seal_events
from app.kit import clock
from tests.audit.conftest import act, checks, look, seal
from tests.factories.tenants import MadeClinic, make_clinic


def links_of(clinic: MadeClinic) -> list[tuple[AuditLink, AuditEvent | None]]:
    with clinic.scope() as scope:
        return list(queries.page_links(scope, after=0, size=BATCH))


class TestSealing:
    def test_every_event_is_sealed_once_in_one_unbroken_row(self, clinic: MadeClinic) -> None:
        seal(clinic)
        before = links_of(clinic)
        act(clinic, 3)
        seal(clinic)
        after = links_of(clinic)

        assert len(before) >= 8
        assert [link.seq for link, _ in after] == list(range(1, len(before) + 4))
        assert len({link.event_id for link, _ in after}) == len(after)
        assert [link.hash for link, _ in after[: len(before)]] == [link.hash for link, _ in before]
        assert look(clinic).holds

    def test_the_hashes_can_be_made_without_any_of_our_code(self, clinic: MadeClinic) -> None:
        seal(clinic)
        last = bytes(32)
        for link, event in links_of(clinic):
            assert event is not None
            row = "\n".join(
                str(one or "")
                for one in (
                    event.id,
                    event.at.astimezone(clock.now().tzinfo).isoformat(timespec="microseconds"),
                    event.actor_kind,
                    event.actor_id,
                    event.person_id,
                    event.action,
                    event.subject_id,
                    event.patient_id,
                    event.details,
                )
            )
            digest = hashlib.sha256(clinic.tenant_id.bytes + row.encode()).digest()
            last = hashlib.sha256(last + link.seq.to_bytes(8, "big") + digest).digest()
            assert link.hash == last

    def test_nothing_new_is_no_new_link(self, clinic: MadeClinic) -> None:
        seal(clinic)
        with clinic.scope() as scope:
            assert seal_events(scope) == 0

    def test_an_event_whose_transaction_ends_late_is_sealed_later(self, clinic: MadeClinic) -> None:
        late, early = uuid.uuid4(), uuid.uuid4()
        with clinic.scope() as slow:
            audit.record(slow, "trial:slow:do", subject_id=late)
            slow.session.flush()
            with clinic.scope() as quick:
                audit.record(quick, "trial:quick:do", subject_id=early)
            seal(clinic)
            sealed = [event.subject_id for _, event in links_of(clinic) if event]
            assert early in sealed
            assert late not in sealed
            assert look(clinic).holds

        seal(clinic)

        sealed = [event.subject_id for _, event in links_of(clinic) if event]
        assert sealed.index(late) == sealed.index(early) + 1
        assert look(clinic).holds

    def test_an_event_older_than_the_last_day_is_found_by_night(self, clinic: MadeClinic) -> None:
        seal(clinic)
        with clock.shifted(timedelta(days=-3)):
            [old] = act(clinic)
        seal(clinic)
        assert old not in [event.subject_id for _, event in links_of(clinic) if event]
        assert look(clinic).unsealed == 1

        seal(clinic, everything=True)

        assert old in [event.subject_id for _, event in links_of(clinic) if event]
        assert look(clinic).holds

    def test_rounds_at_the_same_time_make_one_chain(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        seal(clinic)
        with clinic.scope() as scope:
            for _ in range(300):
                audit.record(scope, "trial:thing:do")
        gate, sealed, lost = threading.Barrier(4), [], []

        def round_of_one() -> None:
            with context.app_context():
                gate.wait()
                try:
                    with clinic.scope() as scope:
                        sealed.append(seal_events(scope))
                except Exception as problem:
                    lost.append(problem)

        rounds = [threading.Thread(target=round_of_one) for _ in range(4)]
        for one in rounds:
            one.start()
        for one in rounds:
            one.join()

        assert lost == []
        assert sorted(sealed) == [0, 0, 0, 300]
        seqs = [link.seq for link, _ in links_of(clinic)]
        assert seqs == list(range(1, len(seqs) + 1))
        assert look(clinic).holds

    def test_the_application_cannot_rewrite_the_chain(self, clinic: MadeClinic) -> None:
        seal(clinic)
        for statement in (
            "UPDATE audit_event SET details = '{}' WHERE tenant_id = :t",
            "DELETE FROM audit_event WHERE tenant_id = :t",
            "UPDATE audit_link SET hash = digest WHERE tenant_id = :t",
            "DELETE FROM audit_link WHERE tenant_id = :t",
            "DELETE FROM audit_head WHERE tenant_id = :t",
        ):
            with clinic.scope() as scope, pytest.raises(Exception, match="permission denied"):
                scope.session.execute(text(statement), {"t": clinic.tenant_id})


class TestTree:
    @pytest.mark.parametrize("many", [1, 2, 3, 5, 8, 13])
    def test_every_leaf_leads_to_the_root(self, many: int) -> None:
        leaves = [leaf_hash(uuid.uuid4(), number, bytes(32)) for number in range(many)]
        root = tree_root(leaves)
        for at, leaf in enumerate(leaves):
            assert root_of_path(leaf, tree_path(leaves, at)) == root
            assert (
                root_of_path(leaf_hash(uuid.uuid4(), at, bytes(32)), tree_path(leaves, at)) != root
            )

    def test_another_order_is_another_root(self) -> None:
        leaves = [leaf_hash(uuid.uuid4(), number, bytes(32)) for number in range(3)]

        assert tree_root(leaves) != tree_root(leaves[::-1])

    def test_clinics_do_not_share_a_chain(self, clinic: MadeClinic, superuser: Engine) -> None:
        other = make_clinic()
        act(other)
        seal(clinic, other)

        assert {look(clinic).holds, look(other).holds} == {True}
        assert {link.seq for link, _ in links_of(other)} >= {1, 2}


def test_the_words_of_a_finding_hold_ids_and_numbers_only(
    clinic: MadeClinic, superuser: Engine
) -> None:
    seal(clinic)
    with superuser.begin() as connection:
        connection.execute(
            text("UPDATE audit_event SET details = :d WHERE tenant_id = :t"),
            {"d": json.dumps({"note": "Siobhán takes warfarin"}), "t": clinic.tenant_id},
        )
    report = look(clinic)

    assert checks(report) == {"tag", "event"}
    assert "warfarin" not in " ".join(one.text for one in report.findings)
