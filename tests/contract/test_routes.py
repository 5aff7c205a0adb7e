"""Every route, from the application's own table: guarded, closed to strangers, open to its owner.

A new route is in these matrices as soon as its blueprint is registered.
"""

import uuid
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from app.auth.permissions import Permission
from app.auth.shared_desk import enrol_device
from app.care.services.record_incident import NewIncident, record_incident
from app.consent.ciphers import close_text
from app.consent.forms.services.write_form import copy_shipped
from app.consent.models import PatientQuestion
from app.consent.queries import get_consent, get_patient_id
from app.database import SYSTEM, Base, tenant_scope
from app.documents.files import store
from app.kit.clock import now
from app.leaving.services.ask_export import ask_export
from app.leaving.services.make_export import take_step
from app.patients.record_queries import list_contacts_of_record
from app.patients.services.merge_patients import merge_patients
from app.tenants.models import Role
from app.tenants.services.invite_staff import NewInvitation, invite_staff
from app.tenants.services.keep_evidence import add_evidence
from app.tenants.services.manage_qualification import verify_qualification
from tests.factories.billing import make_attempt, make_purchase, make_quote
from tests.factories.care import make_ready_visit
from tests.factories.holds import make_delayed_hold
from tests.factories.papers import make_paper_story
from tests.factories.photos import make_agreed_photo
from tests.factories.plans import MadePlan, make_patient
from tests.factories.rights import make_rights
from tests.factories.safety import make_safety_notice
from tests.factories.tenants import (
    MadeClinic,
    add_staff,
    make_clinic,
    qualify,
    unique_email,
)
from tests.support.api import Api
from tests.support.route_table import (
    CONVERTER,
    Cell,
    bare_app,
    cells_below_a_clinic,
    is_for_programs,
    rules,
)
from tests.support.rows import World
from tests.support.step_up import proven

CELLS = cells_below_a_clinic()
# Names in paths whose table is called otherwise.
ALIASES = {
    "alias_id": "patient",
    "paper_id": "paper_form",
    "party_id": "consent_party",
    "blank_id": "blank_form",
    "page_id": "paper_page",
    "contact_id": "patient_contact",
    "evidence_id": "qualification_evidence",
    "quote_id": "refund_quote",
    "merge_id": "patient_merge",
    "version_id": "plan_version",
    "staff_id": "staff_member",
    "lot_id": "cartridge_lot",
    "export_id": "clinic_export",
    "invitation_id": "staff_invitation",
}
# What an owner may hear when a request without a body is not what the route needs.
UNDERSTOOD = frozenset({200, 201, 202, 204, 303, 400, 409, 410, 412, 422, 428})
SECRET_KINDS = frozenset(
    {
        "document_asking",
        "sign_link",
        "sign_session",
        "short_code",
        "invitation",
        "document_link",
        "document_session",
        "pay_link",
        "shared_device",
        "data_asking",
        "data_session",
        "review_session",
    }
)
# Open to everybody, and why that is safe.
PUBLIC = {
    "health.healthz": "says that the process lives and nothing else",
    "health.readyz": "says that the database answers and nothing else",
    "brand.show_style": "a clinic's colour, to whoever knows two random ids; nothing else",
    "brand.show_logo": "a clinic's logo, to whoever knows two random ids; nothing else",
    "brand.show_sample": "repeats a colour as a style sheet; reads nothing",
    "health.metrics": "answers this machine only",
    "account.show_sign_in": "the door itself",
    "account.sign_in": "the door itself; tries are counted",
    "auth.sign_in": "the door itself; tries are counted",
    "account_links.ask_for_address": "an empty form",
    "account_links.send_reset": "answers the same for every address; letters are counted",
    "account_links.ask_for_new_password": "an empty form; the secret is in the fragment",
    "account_links.reset_password": "believes only the secret of a letter",
    "passkeys.ask_to_sign_in": "a challenge that names no account; asking is counted",
    "passkeys.sign_in": "believes only a passkey's signature over a challenge of this browser",
    "me.ask_to_reset": "answers the same for every address; letters are counted",
    "me.reset_password": "believes only the secret of a letter",
    "address_pages.ask_to_confirm": "an empty form; the secret is in the fragment",
    "address_pages.confirm": "believes only the secret of a letter",
    "address_pages.ask_to_stop": "an empty form; the secret is in the fragment",
    "address_pages.stop": "believes only the secret of a letter",
    "addresses.prove": "believes only the secret of a letter",
    "addresses.stop_change": "believes only the secret of a letter",
    "tenants.sign_up": "answers the same for every address; letters are counted",
    "tenants.confirm": "believes only the secret of a letter and the password",
    "tenants_pages.show_sign_up": "an empty form",
    "tenants_pages.sign_up": "answers the same for every address; letters are counted",
    "tenants_pages.ask_to_confirm": "an empty form; the secret is in the fragment",
    "tenants_pages.confirm": "believes only the secret of a letter and the password",
    "join_pages.show_link": "a page without anybody's data; the token is in the fragment",
    "join_pages.show_ended": "says the same to everybody",
    "join.exchange": "trades a link's token for a session; uses nothing up",
    "review_pages.show_link": "a page without anybody's data; the token is in the fragment",
    "review_pages.show_ended": "says the same to everybody",
    "review_pages.show_thanks": "says the same to everybody",
    "review.exchange": "trades a link's token for a session, once; tries are counted",
    "sign_link.show_link": "a page without anybody's data; the token is in the fragment",
    "sign_link.open_by_code": "trades a typed code, counted before it is checked",
    "sign_link.ask_again": "answers the same whatever was typed; sends to the contact on file only",
    "sign_link.show_neutral": "says the same to everybody",
    "sign_tablet.show_blank": "says the same to everybody",
    "sign_link.show_privacy": "says the same to everybody",
    "sign_copy.show_link": "a page without anybody's data; the token is in the fragment",
    "sign.exchange": "trades a link's token for a session",
    "copy.exchange": "trades a link's token for a session",
    "document_pages.show_link": "a page without anybody's data; the token is in the fragment",
    "document_pages.open_link": "trades a link's token for a session",
    "document_pages.show_ended": "says the same to everybody",
    "copy_pages.show_link": "a page without anybody's data; the token is in the fragment",
    "copy_pages.open_link": "trades a link's token for a session",
    "copy_pages.show_ended": "says the same to everybody",
    "pay.show_link": "a page without anybody's data; the token is in the fragment",
    "pay.exchange": "trades a link's token for a session",
    "pay.show_closed": "says the same to everybody",
    "pay.show_done": "knows a payment by the cookie of its session only",
    "stripe_webhooks.connect": "believes nothing without Stripe's signature",
    "stripe_webhooks.platform": "believes nothing without Stripe's signature",
}
# The cells whose path names something inside the clinic.
NAMING = [cell for cell in CELLS if CONVERTER.findall(cell[1]) != ["clinic_id"]]
# What reads goes first and what ends things last, so that each cell still finds what it names.
GENTLE_FIRST = ("GET", "PUT", "PATCH", "POST", "DELETE")
SIGNS_OUT = ("/hand-over", "/pay-here", "/back")
KINDLY = sorted(CELLS, key=lambda cell: (cell[1].endswith(SIGNS_OUT), GENTLE_FIRST.index(cell[0])))
every_cell = pytest.mark.parametrize("cell", CELLS, ids=[" ".join(cell) for cell in CELLS])


@dataclass
class Houses:
    """A clinic with a story, an owner of another clinic, and foreign ids to ask that one for."""

    made: MadePlan
    owner: Api
    stranger: Api
    real_ids: dict[str, uuid.UUID]
    ids: dict[str, uuid.UUID]

    def path(self, rule: str, clinic_id: uuid.UUID) -> str:
        """Return the path of a rule with the owner's ids, below any clinic."""
        found = {**self.ids, "clinic_id": clinic_id}
        return CONVERTER.sub(lambda one: str(found.get(one.group(1), uuid.uuid4())), rule)

    def knows(self, rule: str) -> bool:
        """Return whether all of a rule's ids are of things that services made."""
        return set(CONVERTER.findall(rule)) <= {"clinic_id", *self.real_ids}


@pytest.fixture(scope="module")
def houses(app: Flask) -> Houses:
    with app.app_context():
        real, made = whole_story()
        other = make_clinic(name="Juniper Quay")
        owner, stranger = (proven(Api(app, one, one.owner)) for one in (made.clinic, other))
        return Houses(made, owner, stranger, real, {**ids_of_somebody_else(), **real})


def made_question(clinic: MadeClinic, consent_id: uuid.UUID) -> uuid.UUID:
    """Let the patient have asked something that nobody answered."""
    question_id = uuid.uuid4()
    with clinic.scope() as scope:
        patient_id = get_patient_id(scope, consent_id)
        cipher = close_text(scope, patient_id, "patient_question.question", question_id, "Why?")
        scope.session.add(
            PatientQuestion(
                tenant_id=clinic.tenant_id,
                id=question_id,
                consent_id=consent_id,
                section="risks",
                question_cipher=cipher,
                asked_at=now(),
            )
        )
    return question_id


def whole_story() -> tuple[dict[str, uuid.UUID | str], MadePlan]:
    """Return an id for every name that a path may use, each of something that services made."""
    ready = make_ready_visit()
    made, consent = ready.made, ready.consent
    assert consent is not None
    clinic = made.clinic
    started = ready.start()
    purchase = make_purchase(clinic, patient_id=made.patient_id)
    with clinic.scope(made.practitioner) as scope:
        incident = record_incident(
            scope,
            NewIncident(
                patient_id=made.patient_id,
                named_staff_id=made.practitioner.id,
                procedure_id="rf_microneedling",  # Of no plan, so that it stops none.
                areas={"face_cheeks": 500},
                reason="The tablet had no power.",
                happened_at=now(),
            ),
        )
    # An owner who treats, too, may confirm what another practitioner has confirmed before.
    held = qualify(clinic, clinic.owner)
    with clinic.scope(made.practitioner) as scope:
        verify_qualification(scope, qualification_id=held)
    with clinic.scope() as scope:
        export_id = ask_export(scope).id
    with clinic.scope() as scope:
        take_step(scope, export_id=export_id)
    real = {
        **made_record(made),
        "export_id": export_id,
        "shared_device_id": made_device(clinic),
        "location_id": clinic.location_id,
        "patient_id": made.patient_id,
        "plan_id": made.plan_id,
        "version_id": made.version_id,
        "device_id": made.device_id,
        "lot_id": made.lot_id,
        "visit_id": ready.visit_id,
        "staff_id": add_staff(clinic, Role.FRONT_DESK).id,
        **of_qualifications(clinic, made),
        "policy": "min_age",
        "invitation_id": made_invitation(clinic),
        "consent_id": consent.consent_id,
        "hold_id": make_delayed_hold(clinic).id,
        "safety_notice_id": make_safety_notice(clinic),
        "question_id": made_question(clinic, consent.consent_id),
        **made_forms(clinic, consent.consent_id),
        "document_id": consent.executed_document_id,
        **make_paper_story(clinic, consent, made.patient_id),
        "treatment_id": started.treatment.id,
        "incident_id": incident.id,
        "package_id": purchase.package_id,
        "purchase_id": purchase.id,
        "quote_id": make_quote(clinic, purchase),
        "photo_id": make_agreed_photo(made).id,
        "size": "full",
        "attempt_id": make_attempt(clinic, purchase, consent.executed_document_id),
        **make_rights(clinic, made.patient_id),
    }
    return real, made


def made_forms(clinic: MadeClinic, consent_id: uuid.UUID) -> dict[str, uuid.UUID | str]:
    """Return the form of a consent, and a draft of another one."""
    with clinic.scope() as scope:
        version_id = get_consent(scope, consent_id).form_version_id
        draft = copy_shipped(scope, key="prp", locale="en")
        names = {"section": "benefit", "clause": "wo-1"}
        return {"form_version_id": version_id, "form_draft_id": draft.id, **names}


def made_record(made: MadePlan) -> dict[str, uuid.UUID]:
    """Return a contact of the patient, and a merge of another record into theirs."""
    twin, _ = make_patient(made.clinic)
    with made.clinic.scope() as scope:
        merge = merge_patients(scope, kept_id=made.patient_id, alias_id=twin)
        contact = list_contacts_of_record(scope, made.patient_id)[0]
        return {"contact_id": contact.id, "merge_id": merge.id, "alias_id": twin}


def made_invitation(clinic: MadeClinic) -> uuid.UUID:
    """Return an invitation that waits for an answer."""
    with clinic.scope() as scope:
        wanted = NewInvitation(unique_email("invited"), Role.PRACTITIONER)
        return invite_staff(scope, wanted).id


def made_device(clinic: MadeClinic) -> uuid.UUID:
    """Return a tablet that the clinic shares."""
    with clinic.scope() as scope:
        return enrol_device(scope, name="Front desk")[0].id


def of_qualifications(clinic: MadeClinic, made: MadePlan) -> dict[str, uuid.UUID]:
    """Return a qualification and a file that shows it."""
    held = qualify(clinic, made.practitioner)
    with clinic.scope() as scope:
        file = add_evidence(scope, store=store(), qualification_id=held, data=b"%PDF-1.7\n%%EOF\n")
    return {"qualification_id": held, "evidence_id": file.id}


def ids_of_somebody_else() -> dict[str, uuid.UUID]:
    """Return ids of stored rows of a third clinic for every name that a path uses."""
    names = {name for _, rule in CELLS for name in CONVERTER.findall(rule)} - {"clinic_id"}
    found = {}
    with tenant_scope(uuid.uuid4(), SYSTEM) as scope:
        world = World(scope.session.connection(), scope.tenant_id)
        for name in sorted(names):
            table = ALIASES.get(name, name.removesuffix("_id"))
            if table in Base.metadata.tables and "id" in Base.metadata.tables[table].columns:
                found[name] = world.row(table)["id"]
    return found


def call(who: Api, method: str, path: str, *, cookies: bool = True) -> TestResponse:
    """Send a request with an empty body, as a program or as a browser would."""
    client = who.client if cookies else who.client.application.test_client()
    headers = {"X-CSRF-Token": who.csrf, "Idempotency-Key": uuid.uuid4().hex}
    if is_for_programs(path):
        body = None if method == "GET" else {}
        return client.open(path, method=method, json=body, headers=headers)
    return client.open(path, method=method, headers={**headers, "Accept": "text/html"})


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.endpoint} {rule}")
def test_every_route_has_a_guard_or_says_that_it_is_public(rule: object) -> None:
    endpoint = rule.endpoint
    guard = getattr(bare_app().view_functions[endpoint], "__guard__", None)

    assert guard is not None, f"{endpoint} has no guard"
    assert (guard == "public") == (endpoint in PUBLIC), f"is {endpoint} public, and why?"
    if "clinic_id" in rule.arguments:
        assert isinstance(guard, Permission), (
            f"{endpoint} names a clinic but asks for no permission"
        )
    else:
        assert guard in {"public", "signed_in", *SECRET_KINDS}


def test_every_reason_to_be_public_is_still_needed() -> None:
    assert set(PUBLIC) <= set(bare_app().view_functions)


@every_cell
def test_nobody_gets_in_without_signing_in(houses: Houses, cell: Cell) -> None:
    method, rule = cell
    path = houses.path(rule, houses.made.clinic.tenant_id)

    answer = call(houses.owner, method, path, cookies=False)

    if is_for_programs(path):
        assert answer.status_code == 401
        assert answer.get_json()["code"] == "unauthenticated"
    else:
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in?next=")


@every_cell
def test_a_stranger_finds_nothing_in_the_clinic(houses: Houses, cell: Cell) -> None:
    method, rule = cell

    answer = call(houses.stranger, method, houses.path(rule, houses.made.clinic.tenant_id))

    assert answer.status_code == 404


@pytest.mark.parametrize("cell", NAMING, ids=[" ".join(cell) for cell in NAMING])
def test_the_ids_of_one_clinic_mean_nothing_in_another(houses: Houses, cell: Cell) -> None:
    method, rule = cell
    path = houses.path(rule, houses.stranger.clinic.tenant_id)

    answer = call(houses.stranger, method, path)

    # A body that is looked at first may be refused for itself, but nothing is found or done.
    refused = {404} if method in {"GET", "DELETE"} else {400, 404, 422}
    is_empty_list = method == "GET" and answer.get_json(silent=True) == []
    assert is_empty_list or answer.status_code in refused, answer.text[:300]
    for value in houses.ids.values():
        assert str(value) not in answer.text.replace(path, "")


@pytest.mark.parametrize("cell", KINDLY, ids=[" ".join(cell) for cell in KINDLY])
def test_the_owner_is_let_in(houses: Houses, cell: Cell) -> None:
    method, rule = cell
    assert houses.knows(rule), "give whole_story() an id for this path"

    answer = call(houses.owner, method, houses.path(rule, houses.made.clinic.tenant_id))

    # An empty form names nothing that could be found; that people are let in, its page shows.
    understood = UNDERSTOOD | ({404} if method == "POST" and ("GET", rule) in CELLS else set())
    # An earlier cell has put the photograph aside.
    understood |= {404} if rule.endswith("/photos/<uuid:photo_id>/marketing") else set()
    assert answer.status_code in understood, answer.text[:300]


def test_a_clinic_that_does_not_exist_looks_like_one_that_is_not_yours(houses: Houses) -> None:
    foreign = call(houses.stranger, "GET", f"/api/v1/clinics/{houses.made.clinic.tenant_id}")
    missing = call(houses.stranger, "GET", f"/api/v1/clinics/{uuid.uuid4()}")

    def body(answer: TestResponse) -> dict[str, object]:
        return {**answer.get_json(), "request_id": ""}

    assert foreign.status_code == missing.status_code == 404
    assert body(foreign) == body(missing)


def test_a_stranger_changes_nothing(houses: Houses, superuser: Engine) -> None:
    before = fingerprint(superuser, houses.made.clinic.tenant_id)
    for method, rule in CELLS:
        if method != "GET":
            call(houses.stranger, method, houses.path(rule, houses.made.clinic.tenant_id))
            call(houses.stranger, method, houses.path(rule, houses.stranger.clinic.tenant_id))

    assert fingerprint(superuser, houses.made.clinic.tenant_id) == before


def fingerprint(superuser: Engine, tenant_id: uuid.UUID) -> dict[str, str]:
    """Return a hash of everything that a clinic has in each table."""
    with superuser.connect() as connection:
        return {
            name: str(
                connection.scalar(
                    text(
                        "SELECT count(*) || md5(coalesce(string_agg(x\\:\\:text, '' ORDER BY"
                        f" x\\:\\:text), '')) FROM {name} x WHERE tenant_id = :t"
                    ),
                    {"t": tenant_id},
                )
            )
            for name in Base.metadata.tables
        }
