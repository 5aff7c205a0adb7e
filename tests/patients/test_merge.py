"""Two records become one person: read together everywhere, moved nowhere, and taken apart again."""

import ast
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.billing.queries import list_purchase_lines, list_purchases_with_credit
from app.care.queries import list_areas_of_patient, list_treatments_of_patient
from app.consent.queries import list_consents_of_patient
from app.consent.standing import consent_standing
from app.desk.queries import list_visits_of_patient, map_plan_lines
from app.documents.queries import list_documents_of_patient
from app.kit.clock import now
from app.patients.errors import MergeUnknown, PatientUnknown, RecordErased, SamePatient
from app.patients.person import person_ids
from app.patients.queries import get_patient, search_patients
from app.patients.reading import contact
from app.patients.services.merge_patients import merge_patients, undo_merge
from app.plans.queries import list_plans_of_patient
from app.rights.services.carry_out import erase_class
from app.tenants.models import Role
from tests.factories.billing import make_purchase
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.plans import make_patient
from tests.factories.tenants import PROCEDURE, MadeClinic, add_staff, make_clinic
from tests.support.api import Api
from tests.support.pages import Desk
from tests.support.source_tree import sources


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


def merge(clinic: MadeClinic, kept: uuid.UUID, alias: uuid.UUID) -> uuid.UUID:
    with clinic.scope() as scope:
        return merge_patients(scope, kept_id=kept, alias_id=alias).id


def part(clinic: MadeClinic, patient_id: uuid.UUID, merge_id: uuid.UUID) -> None:
    with clinic.scope() as scope:
        undo_merge(scope, patient_id=patient_id, merge_id=merge_id)


def people(clinic: MadeClinic, patient_id: uuid.UUID) -> frozenset[uuid.UUID]:
    with clinic.scope() as scope:
        return person_ids(scope, patient_id)


def three(clinic: MadeClinic) -> Iterator[uuid.UUID]:
    return (make_patient(clinic, name=name)[0] for name in ("Ada", "Bea", "Cara"))


class TestReadingTogether:
    @pytest.fixture
    def ready(self, context: Flask) -> ReadyVisit:
        ready = make_ready_visit()
        ready.start()
        make_purchase(ready.made.clinic, patient_id=ready.made.patient_id)
        return ready

    def counts(self, clinic: MadeClinic, patient_id: uuid.UUID) -> list[int]:
        """Return how much of everything is read about a patient."""
        with clinic.scope() as scope:
            found = (
                map_plan_lines(scope, patient_id=patient_id),
                list_plans_of_patient(scope, patient_id),
                list_consents_of_patient(scope, patient_id),
                list_visits_of_patient(scope, patient_id),
                list_purchase_lines(scope, patient_id),
                list_purchases_with_credit(scope, patient_id, PROCEDURE),
                list_documents_of_patient(scope, patient_id),
                list_treatments_of_patient(scope, patient_id),
                list_areas_of_patient(scope, patient_id),
            )
            return [len(one) for one in found]

    def test_either_record_shows_what_belongs_to_both(self, ready: ReadyVisit) -> None:
        clinic, first = ready.made.clinic, ready.made.patient_id
        second, _ = make_patient(clinic, name="Second Record")
        alone = self.counts(clinic, first)
        assert all(alone)
        assert not any(self.counts(clinic, second))

        merge_id = merge(clinic, second, first)
        assert self.counts(clinic, second) == self.counts(clinic, first) == alone

        part(clinic, second, merge_id)
        assert not any(self.counts(clinic, second))
        assert self.counts(clinic, first) == alone

    def test_no_row_moves_and_the_gate_asks_for_the_grants_own_record(
        self, ready: ReadyVisit
    ) -> None:
        clinic, first = ready.made.clinic, ready.made.patient_id
        second, _ = make_patient(clinic, name="Second Record")
        owners = self.owners(clinic)

        merge(clinic, second, first)

        assert self.owners(clinic) == owners
        with clinic.scope() as scope:
            ask = {"plan_id": ready.made.plan_id, "at": now() + timedelta(minutes=1)}
            assert consent_standing(scope, patient_id=first, **ask).allowed
            assert not consent_standing(scope, patient_id=second, **ask).allowed

    def owners(self, clinic: MadeClinic) -> list[tuple[str, set[uuid.UUID]]]:
        """Return under which records everything stands in the tables."""
        tables = ("plan", "consent", "consent_grant", "visit", "purchase", "document", "treatment")
        with clinic.scope() as scope:
            asked = "SELECT patient_id FROM {} WHERE tenant_id = :t"
            return [
                (
                    table,
                    set(scope.session.scalars(text(asked.format(table)), {"t": clinic.tenant_id})),
                )
                for table in tables
            ]

    def test_the_page_of_either_is_the_page_of_both(
        self, ready: ReadyVisit, context: Flask
    ) -> None:
        clinic, first = ready.made.clinic, ready.made.patient_id
        second, _ = make_patient(clinic, name="Second Record")
        merge(clinic, second, first)
        desk = Desk(context, clinic, clinic.owner)

        leads_to = desk.answer(f"/patients/{first}", expect=303).headers["Location"]
        page = desk.read(f"/patients/{second}")

        assert leads_to.endswith(f"/patients/{second}")
        assert "Second Record" in page
        assert "Yes." in page
        assert "Consent, signed and attested" in page


def test_a_person_is_found_once_and_by_the_names_of_both(
    context: Flask, clinic: MadeClinic
) -> None:
    ada, _ = make_patient(clinic, name="Ada Byron")
    countess, email = make_patient(clinic, name="Countess Lovelace")
    merge(clinic, ada, countess)

    with clinic.scope() as scope:
        for wanted in ("ada", "lovelace", email, "17.5.1990", "0123"):
            assert [one.name for one in search_patients(scope, wanted)] == ["Ada Byron"], wanted
    listed = Api(context, clinic, clinic.owner).get("/patients")["patients"]
    assert [one["name"] for one in listed] == ["Ada Byron"]


def test_contacts_of_the_kept_record_come_first(clinic: MadeClinic) -> None:
    ada, first = make_patient(clinic, name="Ada")
    bea, second = make_patient(clinic, name="Bea")
    merge(clinic, ada, bea)

    with clinic.scope() as scope:
        for one in (ada, bea):
            assert contact(scope, get_patient(scope, one), "email") == first
        assert second != first


def test_chains_lead_to_the_last_and_come_apart_in_any_order(clinic: MadeClinic) -> None:
    ada, bea, cara = three(clinic)
    first = merge(clinic, bea, ada)
    second = merge(clinic, cara, bea)
    assert people(clinic, ada) == people(clinic, cara) == {ada, bea, cara}

    part(clinic, ada, first)
    assert people(clinic, ada) == {ada}
    assert people(clinic, bea) == {bea, cara}

    first = merge(clinic, bea, ada)
    assert people(clinic, ada) == {ada, bea, cara}
    part(clinic, cara, second)
    # The new merge went into the last of the chain, which was Cara's record by then.
    assert people(clinic, cara) == {cara, ada}
    part(clinic, cara, second)  # Undone already, so nothing happens.
    part(clinic, ada, first)
    assert [people(clinic, one) for one in (ada, bea, cara)] == [{ada}, {bea}, {cara}]


def test_a_merge_is_undone_from_its_own_patients_only(clinic: MadeClinic) -> None:
    ada, bea, cara = three(clinic)
    merge_id = merge(clinic, ada, bea)

    for patient_id, one in ((cara, merge_id), (ada, ada)):
        with pytest.raises(MergeUnknown):
            part(clinic, patient_id, one)
    assert people(clinic, ada) == {ada, bea}


def test_one_person_cannot_be_merged_with_themselves(clinic: MadeClinic) -> None:
    ada, bea, _ = three(clinic)
    merge(clinic, ada, bea)

    for kept, alias in ((ada, ada), (ada, bea), (bea, ada)):
        with pytest.raises(SamePatient):
            merge(clinic, kept, alias)


def test_an_erased_record_is_merged_with_nobodys(context: Flask, clinic: MadeClinic) -> None:
    ada, bea, _ = three(clinic)
    with clinic.scope() as scope:
        erase_class(scope, get_patient(scope, bea), "clinical")

    for kept, alias in ((ada, bea), (bea, ada)):
        with pytest.raises(RecordErased):
            merge(clinic, kept, alias)
    desk = Desk(context, clinic, clinic.owner)
    assert "was erased" in desk.read(f"/patients/{ada}/merge/{bea}", expect=410)
    assert people(clinic, ada) == {ada}


def test_case_03_another_clinics_patient_is_unknown(clinic: MadeClinic) -> None:
    ada, _ = make_patient(clinic, name="Ada")
    foreign, _ = make_patient(make_clinic(name="Juniper Quay"), name="Hidden")

    for kept, alias in ((ada, foreign), (foreign, ada)):
        with pytest.raises(PatientUnknown):
            merge(clinic, kept, alias)


def test_merging_wants_the_right_role_and_a_fresh_proof(context: Flask, clinic: MadeClinic) -> None:
    ada, bea, _ = three(clinic)
    desk = Api(context, clinic, add_staff(clinic, Role.FRONT_DESK))
    desk.post(f"/patients/{ada}/merges", {"alias_id": str(bea)}, expect=403)
    owner = Api(context, clinic, clinic.owner)

    answer = owner.post(f"/patients/{ada}/merges", {"alias_id": str(bea)}, expect=401)

    assert answer["code"] == "step_up_required"
    assert people(clinic, ada) == {ada}


def test_both_acts_leave_events_without_a_name(clinic: MadeClinic) -> None:
    ada, bea, _ = three(clinic)
    part(clinic, ada, merge(clinic, ada, bea))

    with clinic.scope() as scope:
        asked = text(
            "SELECT action, details FROM audit_event WHERE tenant_id = :t AND subject_id = :p"
            " AND action LIKE 'patients:record:%' ORDER BY at"
        )
        rows = scope.session.execute(asked, {"t": clinic.tenant_id, "p": ada}).all()
    assert [row.action for row in rows] == ["patients:record:merge", "patients:record:part"]
    assert all("Ada" not in row.details and str(bea) in row.details for row in rows)


# Where what belongs to a person is read.
ROOMS = frozenset({"patients", "plans", "consent", "billing", "care", "desk", "documents"})
ROOMS |= {"audit", "messaging", "rights"}
# Questions that are about one very record, and why.
EXACT = {
    "list_consents_of_plan": "a plan has one record, and the caller names it",
    "list_grants_at": "the gate asks for the grant's own record",
    "find_customer": "Stripe knows a customer per record",
    "list_contacts_of_record": "changes are made to one record",
    "list_tokens": "tokens belong to one record",
    "get_contact": "changes are made to one record",
    "list_holds_on": "takes the records of a person from its caller",
    "find_queued": "a copy is made of the record that was asked about",
    "_walk": "takes the records of a person, one after another, from its caller",
    "find_limit": "a limit is set on one record; limit_use asks for each of a person's",
}


def test_every_question_about_a_patient_asks_for_the_person() -> None:
    exact = {
        f"{source.path} {function.name}"
        for source in sources("app")
        if source.is_queries and source.room in ROOMS
        for function in source.tree.body
        if isinstance(function, ast.FunctionDef) and function.name not in EXACT
        for node in ast.walk(function)
        if isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.Eq)
        and isinstance(node.left, ast.Attribute)
        and node.left.attr == "patient_id"
        and isinstance(node.comparators[0], ast.Name)
    }

    assert exact == set()
