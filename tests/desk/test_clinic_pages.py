"""The clinic, its places, their rules, qualifications, and what ends: as an owner plays them."""

import io
import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.documents.models import Document
from app.errors import Invalid
from app.kit.clock import today_in
from app.messaging.models import Message
from app.policies.services.remind_of_endings import due_stage, remind_of_endings
from app.tenants import place_queries
from app.tenants.models import Role
from app.tenants.queries import get_clinic
from app.tenants.services.keep_evidence import cleaned
from tests.factories.consent import make_active_consent
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import MadeClinic, Staff, add_staff, make_clinic, qualify
from tests.support.pages import Desk, checked, words

SETTINGS = {
    "version": "1",
    "legal_name": "Tern & Thistle",
    "address": "1 Quay Street",
    "brand_colour": "#7a2b56",
    "languages": ["en", "de"],
    "quiet_from": "21:00",
    "quiet_until": "8:00",
    "years_clinical": "10",
    "years_financial": "7",
    "reason": "A new look",
}


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def desk(context: Flask, clinic: MadeClinic) -> Desk:
    return Desk(context, clinic, clinic.owner)


def picture(kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (80, 40), "#7a2b56").save(written, kind)
    return written.getvalue()


def send_file(
    desk: Desk, path: str, name: str, data: bytes, expect: int = 303, **values: object
) -> TestResponse:
    form = {"csrf_token": desk.api.csrf, "idempotency_key": uuid.uuid4().hex, **values}
    form[name] = (io.BytesIO(data), "whatever.svg")
    return checked(desk.api.client.post(desk.base + path, data=form), expect)


class TestSettings:
    def test_saving_makes_a_new_version_and_a_style_of_its_own(self, desk: Desk) -> None:
        desk.send("/settings/clinic", **SETTINGS)

        page = desk.answer("/settings/clinic")
        assert "A new look" in words(page)
        style = page.text.split('rel="stylesheet" href="/brand/')[1].split('"')[0]
        css = desk.api.client.get(f"/brand/{style}")
        assert "--accent: #7a2b56;" in css.text
        assert "immutable" in css.headers["Cache-Control"]

    def test_a_pale_colour_is_told_with_one_that_can_be_read(self, desk: Desk) -> None:
        answer = desk.send("/settings/clinic", 422, **SETTINGS | {"brand_colour": "#7fd1c7"})

        assert "needs at least 4.5" in words(answer)
        assert "A shade of it that can be read: #" in words(answer)

    def test_a_look_before_saving_saves_nothing(self, desk: Desk, clinic: MadeClinic) -> None:
        page = words(desk.send("/settings/clinic/preview", 200, **SETTINGS))

        assert "Nothing is saved yet." in page
        with clinic.scope() as scope:
            assert get_clinic(scope).brand_colour == "#1f5f5b"
        pdf = desk.answer("/settings/clinic/preview.pdf?colour=%237a2b56")
        assert pdf.data.startswith(b"%PDF")

    def test_two_owners_who_save_at_once_do_not_overwrite_each_other(self, desk: Desk) -> None:
        desk.send("/settings/clinic", **SETTINGS)

        desk.send("/settings/clinic", 412, **SETTINGS)

    def test_a_logo_is_drawn_anew_and_stands_on_pages(self, desk: Desk) -> None:
        send_file(desk, "/settings/clinic", "logo", picture(), **SETTINGS)

        page = desk.answer("/settings/clinic").text
        address = page.split('masthead__logo" src="')[1].split('"')[0]
        logo = desk.api.client.get(address)
        assert logo.data.startswith(b"\x89PNG")
        assert logo.mimetype == "image/png"

    def test_case_36_an_svg_logo_is_refused_beside_its_field(self, desk: Desk) -> None:
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'

        answer = send_file(desk, "/settings/clinic", "logo", svg, 422, **SETTINGS)

        assert "SVG drawings are refused" in words(answer)

    def test_the_clinics_languages_stand_first_and_count(
        self, context: Flask, desk: Desk, clinic: MadeClinic
    ) -> None:
        desk.send("/settings/clinic", **(SETTINGS | {"languages": ["ko", "de"]}))
        new = {"name": "Ada Doe", "date_of_birth": "1980-02-01"}

        added = desk.api.post("/patients", new | {"location_id": str(clinic.location_id)})

        offered = re.findall(r'<option value="(\w*)"', desk.answer("/patients/new").text)
        assert offered[:3] == ["", "ko", "de"]
        assert added["language"] == "ko"

    def test_a_patient_who_reads_none_of_them_is_marked(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        made = make_discussed_plan()
        desk, path = Desk(context, made.clinic, made.clinic.owner), f"/plans/{made.plan_id}"
        told = "is none of the languages of your clinic. Ask whether they need an interpreter."
        assert told not in desk.read(path)

        desk.send("/settings/clinic", **(SETTINGS | {"languages": ["ja"]}))

        assert f"Reads best in English, which {told}" in desk.read(path)
        assert told in desk.read(f"{path}/discussion")

    def test_quiet_hours_need_both_ends(self, desk: Desk) -> None:
        answer = desk.send("/settings/clinic", 422, **SETTINGS | {"quiet_until": ""})

        assert "a beginning and an end" in words(answer)

    def test_only_an_owner_saves(self, context: Flask, desk: Desk, clinic: MadeClinic) -> None:
        front = Desk(context, clinic, add_staff(clinic, Role.FRONT_DESK))

        front.send("/settings/clinic", 403, **SETTINGS)

    def test_a_sealed_paper_pins_the_version_that_it_bears(self, context: Flask) -> None:
        made = make_discussed_plan()
        own = Desk(context, made.clinic, made.clinic.owner)
        send_file(own, "/settings/clinic", "logo", picture(), **SETTINGS)
        with made.clinic.scope() as scope:
            borne = get_clinic(scope).settings_id

        make_active_consent(made)
        own.send("/settings/clinic", **SETTINGS | {"version": "2", "legal_name": "Other"})

        with made.clinic.scope() as scope:
            documents = scope.session.scalars(
                select(Document).where(Document.tenant_id == scope.tenant_id)
            ).all()
            assert {one.settings_id for one in documents} == {borne}
            assert get_clinic(scope).settings_id != borne


class TestLocations:
    def form(self, **changes: str) -> dict[str, str]:
        return {
            "version": "1",
            "name": "Harbour",
            "address": "2 Quay Street",
            "zone": "Europe/London",
            "jurisdiction": "GB-SCT",
            "premises_kind": "independent clinic",
            "premises_registration": "HIS-1",
            "registered_day": "31",
            "registered_month": "1",
            "registered_year": "2028",
            "emergency_contact": "0131 496 0000",
            "open_mon": "9-12:30, 13:30-18:00",
            "odd_days": "24 12 2026 closed Christmas Eve",
        } | changes

    def test_a_location_is_changed_and_shows_its_hours(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        path = f"/settings/locations/{clinic.location_id}"

        desk.send(path, **self.form())

        page = desk.answer(path).text
        assert 'value="09:00-12:30, 13:30-18:00"' in page
        assert "24 12 2026 closed Christmas Eve" in page

    def test_the_front_desk_reads_hours_law_and_premises(
        self, context: Flask, desk: Desk, clinic: MadeClinic
    ) -> None:
        path = f"/settings/locations/{clinic.location_id}"
        desk.send(path, **self.form())
        front = Desk(context, clinic, add_staff(clinic, Role.FRONT_DESK))

        page = front.read(path)

        assert "Law Scotland" in page
        assert "independent clinic, HIS-1, registered until 31 January 2028" in page
        assert "Monday 09:00-12:30, 13:30-18:00 Tuesday Closed" in page
        assert "24 12 2026 closed Christmas Eve" in page
        assert "Save the location" not in page

    def test_an_older_version_does_not_overwrite(self, desk: Desk, clinic: MadeClinic) -> None:
        path = f"/settings/locations/{clinic.location_id}"
        desk.send(path, **self.form())

        desk.send(path, 412, **self.form(name="Other"))

    @pytest.mark.parametrize("hours", ["9-8", "9-12, 11-13", "nine to five", "25:00-26:00"])
    def test_hours_that_cannot_be_are_refused(
        self, desk: Desk, clinic: MadeClinic, hours: str
    ) -> None:
        path = f"/settings/locations/{clinic.location_id}"

        assert 'href="#open_mon"' in desk.send(path, 422, **self.form(open_mon=hours)).text


class TestRules:
    def test_the_page_says_what_holds_and_on_what_it_rests(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        page = desk.read("/settings/policies")

        assert "Patients are 18 or older Clinic policy (law, not verified: asp 13, s 2)" in page
        comes = "From 6 September 2027: needling needs licensed premises (Clinic policy; law, not"
        assert f"{comes} verified" in page
        one = desk.read(f"/settings/locations/{clinic.location_id}/policies/min_age")
        assert "Clinic policy: patients are 18 or older." in one
        assert "Clinic policy (law, not verified: asp 13, s 2)" in one
        # Nothing that ships is called law until somebody has verified it.
        assert " Law:" not in page + one
        assert " Law," not in page + one

    def test_an_owner_approves_a_law_that_a_lawyer_confirmed(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        path = f"/settings/locations/{clinic.location_id}/policies/min_age"
        day = today_in("Europe/London")
        desk.send(
            path,
            value="18",
            basis="law",
            source="asp 13 of 2026, s 2",
            verified=["yes"],
            from_day=str(day.day),
            from_month=str(day.month),
            from_year=str(day.year),
            reason="Read by our lawyer.",
            after="0",
        )

        page = desk.read(path)
        assert "Law: patients are 18 or older, asp 13 of 2026, s 2." in page
        assert "Read by our lawyer." in page

    def test_a_rule_that_nobody_knows_is_not_found(self, desk: Desk, clinic: MadeClinic) -> None:
        desk.read(f"/settings/locations/{clinic.location_id}/policies/anything", expect=404)


class TestQualifications:
    @pytest.fixture
    def nurse(self, clinic: MadeClinic) -> Staff:
        return add_staff(clinic, Role.PRACTITIONER, name="Ngozi Eze")

    def test_evidence_is_kept_encrypted_and_handed_out_as_a_file(
        self, desk: Desk, clinic: MadeClinic, nurse: Staff
    ) -> None:
        held = qualify(clinic, nurse)
        path = f"/settings/qualifications/{held}/evidence"

        send_file(desk, path, "evidence", picture())

        with clinic.scope() as scope:
            (row,) = place_queries.list_evidence(scope, [held])
        answer = desk.answer(f"{path}/{row.id}")
        assert answer.data.startswith(b"\x89PNG")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        kept = desk.api.client.application.extensions["needlepoint_store"].get(row.object_name)
        assert b"PNG" not in kept
        assert "Picture as evidence" in desk.read(f"/settings/staff/{nurse.id}")

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"<html><script>alert(1)</script>", "This is no PDF. As a picture: Choose a PNG"),
            (b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript>>>>", "can act by itself"),
            (b"", "Choose a file."),
        ],
    )
    def test_case_36_what_is_no_plain_proof_is_refused(
        self, desk: Desk, clinic: MadeClinic, nurse: Staff, data: bytes, told: str
    ) -> None:
        held = qualify(clinic, nurse)

        answer = send_file(desk, f"/settings/qualifications/{held}/evidence", "evidence", data, 422)

        assert told in words(answer)

    def test_case_36_a_file_that_is_too_large_is_not_looked_at(self) -> None:
        with pytest.raises(Invalid, match="larger than 5 MB"):
            cleaned(b"%PDF-1.7\n" + b"0" * (5 * 1024 * 1024))

    def test_ones_own_is_checked_by_somebody_else(
        self, context: Flask, desk: Desk, clinic: MadeClinic
    ) -> None:
        own = qualify(clinic, clinic.owner)
        member = f"/settings/staff/{clinic.owner.id}"
        assert "Not checked yet" in desk.read(member)
        assert "I have checked it with the register" not in desk.read(member)
        desk.send(f"/settings/qualifications/{own}/check", 403)

        lead = Desk(context, clinic, add_staff(clinic, Role.MEDICAL_LEAD, name="Dr Ilse Vogt"))
        lead.send(f"/settings/qualifications/{own}/check")

        assert "Checked by Dr Ilse Vogt" in desk.read(member)

    def test_it_covers_some_areas_and_devices_alone(
        self, desk: Desk, clinic: MadeClinic, nurse: Staff
    ) -> None:
        held = qualify(clinic, nurse)
        path = f"/settings/qualifications/{held}/covers"
        form = {
            "location_id": str(clinic.location_id),
            "procedure_id": "rf_microneedling",
            "max_depth": "1.5",
            "prescribed_anaesthetic": "no",
            "attests": "yes",
            "basis": "Registered nurse",
        }

        desk.send(path, 422, **form, areas=["the_moon"])
        desk.send(path, **form, areas=["scalp", "face_cheeks"], device_kinds=["rf"])

        covered = "down to 1.5 mm, on cheeks, scalp, with radiofrequency needling device only"
        assert covered in desk.read(f"/settings/staff/{nurse.id}")

    def test_what_it_covers_is_widened_once(
        self, desk: Desk, clinic: MadeClinic, nurse: Staff
    ) -> None:
        held = qualify(clinic, nurse)
        form = {
            "location_id": str(clinic.location_id),
            "procedure_id": "rf_microneedling",
            "max_depth": "1.499",
            "basis": "Course of 2025",
        }

        desk.send(f"/settings/qualifications/{held}/covers", **form)
        again = desk.send(f"/settings/qualifications/{held}/covers", 422, **form)

        assert "is entered already" in words(again)
        assert "down to 1.499 mm" in desk.read(f"/settings/staff/{nurse.id}")

    def test_new_last_days_want_a_new_check(
        self, desk: Desk, clinic: MadeClinic, nurse: Staff
    ) -> None:
        held = qualify(clinic, nurse)
        form = {"expires_day": "1", "expires_month": "2", "expires_year": "2098", "version": "1"}

        desk.send(f"/settings/qualifications/{held}/renew", **form)

        page = desk.read(f"/settings/staff/{nurse.id}")
        assert "Valid until 1 February 2098 Not checked yet" in page


class TestWhatEnds:
    def test_the_page_lists_it_and_today_leads_there(self, desk: Desk, clinic: MadeClinic) -> None:
        nurse = add_staff(clinic, Role.PRACTITIONER, name="Ngozi Eze")
        today = today_in("Europe/London")
        qualify(clinic, nurse, expires_on=today + timedelta(days=7))
        qualify(clinic, nurse, expires_on=today + timedelta(days=61))

        page = desk.read("/settings/expiring")

        assert "Ngozi Eze Registration with NMC" in page
        assert page.count("Ngozi Eze") == 1
        assert "1 thing ends in the next 60 days" in desk.read("/today")

    def test_one_day_is_no_days(self, desk: Desk, clinic: MadeClinic) -> None:
        nurse = add_staff(clinic, Role.PRACTITIONER)
        qualify(clinic, nurse, expires_on=today_in("Europe/London") + timedelta(days=1))

        page = desk.read("/settings/expiring")

        assert " 1 day " in page
        assert "1 days" not in page

    @pytest.mark.parametrize(
        ("days", "stage"),
        [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-1, None)],
    )
    def test_the_stage_that_is_due(self, days: int, stage: int | None) -> None:
        assert due_stage(days) == stage

    def test_the_person_and_the_owner_are_told_once_a_stage(self, clinic: MadeClinic) -> None:
        nurse = add_staff(clinic, Role.PRACTITIONER, name="Ngozi Eze")
        qualify(clinic, nurse, expires_on=today_in("Europe/London") + timedelta(days=30))

        told = []
        for _ in range(2):
            with clinic.scope() as scope:
                told.append(remind_of_endings(scope))

        assert told == [2, 0]
        with clinic.scope() as scope:
            sent = scope.session.scalars(
                select(Message.template).where(Message.tenant_id == scope.tenant_id)
            ).all()
        assert sent.count("expiry_reminder") == 2
