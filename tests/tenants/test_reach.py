"""People who are limited to a location: what lies elsewhere does not exist for them."""

import html
import uuid
from dataclasses import dataclass

import pytest
from flask import Flask

from app import models, reach
from app.care.last_treated import last_treated_on
from app.database import Base
from app.database.reach import RULES
from app.kit.clock import now
from app.kit.ids import new_id
from app.plans.models import Plan
from app.tenants.models import Role
from app.tenants.services.manage_location import NewLocation, add_location
from tests.contract.test_routes import ids_of_somebody_else, whole_story
from tests.factories.tenants import MadeClinic, add_staff
from tests.support.api import Api
from tests.support.pages import Desk
from tests.support.route_table import CONVERTER, cells_below_a_clinic, is_for_programs
from tests.support.step_up import proven

# Ids in paths that belong to the whole clinic, so that a limit does not hide them.
OF_THE_CLINIC = {"clinic_id", "staff_id", "invitation_id", "location_id", "device_id", "lot_id"}
OF_THE_CLINIC |= {"package_id", "qualification_id", "evidence_id", "logo_id", "export_id"}
OF_THE_CLINIC |= {"policy", "policy_id", "decision_id", "number", "version", "part", "name"}
OF_THE_CLINIC |= {"form_version_id", "form_draft_id", "blank_id", "safety_notice_id"}
READING = [
    rule
    for method, rule in cells_below_a_clinic()
    if method == "GET" and not set(CONVERTER.findall(rule)) <= OF_THE_CLINIC
]


# All the others: lists, searches, reports and downloads, which name no row in their path.
LISTS = [rule for method, rule in cells_below_a_clinic() if method == "GET" and rule not in READING]


@dataclass
class Places:
    """A clinic whose whole story plays at one location, and people limited to this and another."""

    clinic: MadeClinic
    ids: dict[str, uuid.UUID]
    elsewhere_id: uuid.UUID
    here: dict[Role, Api]
    elsewhere: dict[Role, Api]

    def path(self, rule: str) -> str:
        """Return a rule's path with the story's own ids."""
        found = {**self.ids, "clinic_id": self.clinic.tenant_id}
        return CONVERTER.sub(lambda one: str(found.get(one.group(1), uuid.uuid4())), rule)


@pytest.fixture(scope="module")
def places(app: Flask) -> Places:
    with app.app_context():
        real, made = whole_story()
        clinic = made.clinic
        elsewhere_id = another_location(clinic)
        roles = [Role.MEDICAL_LEAD, Role.MANAGER, Role.FRONT_DESK, Role.AUDITOR]

        def people(location_id: uuid.UUID) -> dict[Role, Api]:
            return {
                role: Api(app, clinic, add_staff(clinic, role, at=(location_id,))) for role in roles
            }

        ids = {**ids_of_somebody_else(), **real}
        return Places(clinic, ids, elsewhere_id, people(clinic.location_id), people(elsewhere_id))


def another_location(clinic: MadeClinic) -> uuid.UUID:
    """Add a second location to a clinic."""
    with clinic.scope() as scope:
        return add_location(
            scope,
            NewLocation(
                name="Berlin",
                address="Musterstraße 7",
                zone="Europe/Berlin",
                currency="EUR",
                jurisdiction="DE",
                market="EU",
                premises_kind="medical practice",
                premises_registration="TEST-1",
                emergency_contact="030 1",
            ),
        ).id


def status(who: Api, path: str) -> int:
    """Return the status of reading a path as a program or a browser would."""
    accept = "application/json" if is_for_programs(path) else "text/html"
    return who.client.get(path, headers={"Accept": accept}).status_code


@pytest.mark.parametrize("rule", READING)
def test_case_02_what_lies_at_another_location_is_not_found(places: Places, rule: str) -> None:
    path = places.path(rule)
    told = {role: status(who, path) for role, who in places.elsewhere.items()}

    # Where a second factor is asked for first, that is the answer whatever the id.
    assert set(told.values()) <= {303, 403, 404}, told
    assert 200 not in told.values()


def test_case_02_the_same_is_found_by_people_of_that_location(places: Places) -> None:
    """Without this, the cells above would prove nothing."""
    told = {
        (rule, role): status(who, places.path(rule))
        for rule in READING
        for role, who in places.here.items()
    }
    lead = places.here[Role.MEDICAL_LEAD]
    told |= {(rule, Role.MEDICAL_LEAD): status(lead, places.path(rule)) for rule in LISTS}
    found = {rule for (rule, _), status in told.items() if status == 200}

    assert [one for one, status in told.items() if status >= 500] == []
    assert len(found & set(READING)) >= len(READING) * 0.6, sorted(set(READING) - found)


def test_case_02_lists_and_searches_show_nothing_of_another_location(places: Places) -> None:
    desk = places.elsewhere[Role.FRONT_DESK]
    near = places.here[Role.FRONT_DESK]
    name = next(iter(near.get("/patients")["patients"]))["name"]

    assert desk.get("/patients")["patients"] == []
    assert near.get("/patients")["patients"] != []
    found = desk.post("/patients/search", {"q": name}, expect=200)
    assert found["patients"] == []
    for path in ("/patients", "/today", "/outbox"):
        page = desk.client.get(f"/clinics/{places.clinic.tenant_id}{path}").text
        assert name not in page
    asked = f"/clinics/{places.clinic.tenant_id}/today?location={places.clinic.location_id}"
    assert name not in desk.client.get(asked).text


def test_case_02_no_list_report_or_download_shows_anybody_of_another_location(
    places: Places,
) -> None:
    """Every way of reading that names no row, those that nobody has thought of yet as well."""
    name = places.here[Role.FRONT_DESK].get("/patients")["patients"][0]["name"]
    # Words in paths, such as the size of a picture, are nobody's; ids are.
    own = (one for key, one in places.ids.items() if key not in OF_THE_CLINIC)
    marks = {name, *(str(one) for one in own if isinstance(one, uuid.UUID))}

    def shown(people: dict[Role, Api]) -> set[str]:
        return {
            f"{role.value} {rule}"
            for role, who in people.items()
            for rule in LISTS
            if seen(who, places.path(rule), marks)
        }

    assert shown(places.elsewhere) == set()
    assert {one.rsplit("/", 1)[1] for one in shown(places.here)} >= {
        "patients",
        "today",
        "outbox",
    }


def seen(who: Api, path: str, marks: set[str]) -> set[str]:
    """Return which marks somebody is shown at a path."""
    accept = "application/json" if is_for_programs(path) else "text/html"
    answer = who.client.get(path, headers={"Accept": accept})
    # A file that is no text is searched, too, as far as its bytes can be read as letters.
    told = answer.get_data().decode(errors="replace")
    text = html.unescape(told) if answer.status_code == 200 else ""
    return {mark for mark in marks if mark in text}


def test_case_02_nothing_is_made_at_another_location(places: Places) -> None:
    desk = places.elsewhere[Role.FRONT_DESK]
    body = {
        "name": "Siobhán O'Connor",
        "date_of_birth": "1991-03-14",
        "location_id": str(places.clinic.location_id),
    }

    assert desk.post("/patients", body, expect=404)["code"] == "outside_reach"
    body["location_id"] = str(places.elsewhere_id)
    assert desk.post("/patients", body)["location_id"] == str(places.elsewhere_id)


def test_case_02_acts_on_another_location_are_not_found(places: Places) -> None:
    lead = places.elsewhere[Role.MEDICAL_LEAD]
    ids = places.ids

    lead.post(f"/visits/{ids['visit_id']}/move", {"to": "arrived"}, expect=404)
    lead.post(f"/plans/{ids['plan_id']}/consents", expect=404)
    lead.post(f"/consents/{ids['consent_id']}/withdraw", {}, expect=404)
    planned = {"practitioner_id": str(lead.who.id), "planned_at": "2026-12-01T10:00:00+00:00"}
    lead.post(f"/plans/{ids['plan_id']}/visits", planned, expect=404)


def test_a_patient_with_a_plan_at_a_second_location_belongs_to_both(
    context: Flask, places: Places
) -> None:
    """The record is shared, yet plans, consents and papers of the other location stay there."""
    lead = places.elsewhere[Role.MEDICAL_LEAD]
    patient = f"/patients/{places.ids['patient_id']}"
    lead.get(patient, expect=404)
    with places.clinic.scope() as scope:
        scope.session.add(plan_elsewhere(places))

    lead.get(patient)
    assert lead.get(f"{patient}/consents") == []
    papers = lead.get(f"{patient}/documents")
    assert {one["kind"] for one in papers} & {"patient_consent", "executed_consent"} == set()
    lead.get(f"/documents/{places.ids['document_id']}/file", expect=404)
    lead.get(f"/plans/{places.ids['plan_id']}", expect=404)


def plan_elsewhere(places: Places) -> Plan:
    """Return a plan of the story's patient at the other location."""
    return Plan(
        tenant_id=places.clinic.tenant_id,
        id=new_id(),
        patient_id=places.ids["patient_id"],
        location_id=places.elsewhere_id,
        latest_number=0,
        created_at=now(),
        created_by=places.clinic.owner.id,
    )


def test_safety_sees_what_happened_at_other_locations(context: Flask, places: Places) -> None:
    with places.clinic.scope() as scope:
        scope.session.places = frozenset({places.elsewhere_id})
        treated = last_treated_on(scope, places.ids["patient_id"], zone="Europe/Berlin")

    assert treated != {}


@pytest.mark.parametrize("path", ["/ledger", "/permissions"])
def test_what_reaches_the_whole_clinic_is_closed_to_a_limited_manager(
    places: Places, path: str
) -> None:
    manager = places.here[Role.MANAGER]

    if path == "/ledger":
        assert "some locations only" in manager.get(path, expect=403)["detail"]
    else:
        manager.get(path)


def test_a_limit_that_is_lifted_ends_on_the_next_request(context: Flask, places: Places) -> None:
    who = add_staff(places.clinic, Role.MANAGER, at=(places.elsewhere_id,))
    theirs = Api(context, places.clinic, who)
    path = f"/plans/{places.ids['plan_id']}"
    theirs.get(path, expect=404)
    owner = proven(Api(context, places.clinic, places.clinic.owner))

    owner.put(f"/staff/{who.id}", {"role": "manager", "location_ids": []}, match=1)

    theirs.get(path)


def test_every_table_is_reached_by_a_limit_or_says_why_not() -> None:
    models.load()
    limited = {model.__tablename__ for model in RULES}

    assert limited & set(reach.WHOLE_CLINIC) == set()
    assert limited | set(reach.WHOLE_CLINIC) == set(Base.metadata.tables)


def test_pages_offer_a_limited_person_their_own_locations(context: Flask, places: Places) -> None:
    who = add_staff(places.clinic, Role.FRONT_DESK, at=(places.elsewhere_id,))
    desk = Desk(context, places.clinic, who)

    assert "Harbour" not in desk.read("/today")
    assert "Harbour" not in desk.read("/patients/new")
