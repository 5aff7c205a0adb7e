"""Spots to leave out, what is added, what the price includes, and whether somebody can decide."""

from dataclasses import replace

import pytest
from flask import Flask

from app.consent.ciphers import get_shown
from app.consent.errors import CannotDecide, NotDiscussed
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.services.request_consent import request_consent
from app.kit.clock import today_in
from app.plans.errors import PlanNotPossible
from app.plans.facts import capacity_note, facts_of, spots_of
from app.plans.models import PlanVersion
from app.plans.queries import get_latest_version, get_plan, list_spots
from app.plans.services.make_plan import change_plan
from app.plans.terms import LeftOut, PlanTerms
from app.policies.services.decide_policy import NewDecision, decide_policy
from app.tenants.queries import get_location
from tests.factories.plans import MadePlan, make_discussed_plan, make_visit, terms
from tests.support.pages import Desk, words

MOLE = LeftOut("face_cheeks", "Mole, left cheek", "face", 300, 480)
FULL = {
    "depth_face_forehead": "",
    "capacity": "assessed",
    "capacity_note": "Repeated the risks in her own words.",
    "anaesthetic_name": "lidocaine 4 %",
    "add_ons": "prp",
    "price_terms": "Three treatments; nothing is charged when called off a day before.",
    "spot_area_1": "face_cheeks",
    "spot_what_1": "<b>Mole</b>, left cheek",
    "spot_place_1": "face 300 480",
    "spot_area_3": "face_cheeks",
    "spot_what_3": "Scar strip, right",
}


@pytest.fixture
def made(context: Flask) -> MadePlan:
    return make_discussed_plan()


def changed(made: MadePlan, **changes: object) -> PlanVersion:
    """Agree a new version of the plan with some other terms."""
    wanted: PlanTerms = replace(terms(made.device_id, made.practitioner.id), **changes)  # type: ignore[arg-type]  # the names are checked by replace itself
    with made.clinic.scope(made.practitioner) as scope:
        version = get_plan(scope, made.plan_id).version
        return change_plan(scope, plan_id=made.plan_id, terms=wanted, version=version)


def plan_fields(made: MadePlan, **changes: str) -> dict[str, str]:
    """Return the page's fields of an ordinary plan."""
    return {
        "indication_id": "acne_scars_atrophic",
        "procedure_id": "mechanical_microneedling",
        "depth_face_cheeks": "1",
        "device_id": str(made.device_id),
        "practitioner_id": str(made.practitioner.id),
        "sessions": "3",
        "interval_days": "28",
        "anaesthetic": "otc",
        "skin_type": "2",
        "capacity": "presumed",
        "what_matters": "Calm skin in spring.",
        "price": "526.50",
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"leave_out": (replace(MOLE, area="neck"),)}, "leave_out.1"),
        ({"leave_out": (MOLE, replace(MOLE, what=" "))}, "leave_out.2"),
        ({"leave_out": (replace(MOLE, view="back"),)}, "leave_out.1"),
        ({"leave_out": (replace(MOLE, x=1001),)}, "leave_out.1"),
        ({"leave_out": (replace(MOLE, y=None),)}, "leave_out.1"),
        ({"leave_out": (replace(MOLE, view="moon"),)}, "leave_out.1"),
        ({"leave_out": (MOLE,) * 41}, "leave_out"),
        ({"add_ons": ("vampire",)}, "add_ons"),
        ({"capacity": "assessed"}, "capacity_note"),
        ({"capacity": "surely"}, "capacity"),
        ({"anaesthetic": "none", "anaesthetic_name": "lidocaine"}, "anaesthetic_name"),
    ],
)
def test_what_does_not_fit_the_plan_is_named(
    made: MadePlan, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(PlanNotPossible) as refusal:
        changed(made, **changes)

    assert field in refusal.value.extra["fields"]


def test_a_plan_keeps_its_spots_and_words_and_only_in_cipher(made: MadePlan) -> None:
    version = changed(
        made, leave_out=(MOLE,), capacity="assessed", capacity_note="Spoke clearly of the risks."
    )

    with made.clinic.scope() as scope:
        stored = get_latest_version(scope, get_plan(scope, made.plan_id))
        rows = list_spots(scope, version.id)
        assert stored.capacity_cipher is not None
        assert b"clearly" not in stored.capacity_cipher
        assert all(b"Mole" not in row.spot_cipher for row in rows)
        assert spots_of(scope, stored) == (MOLE,)
        assert capacity_note(scope, stored) == "Spoke clearly of the risks."


def test_what_is_added_reaches_the_rules(made: MadePlan) -> None:
    version = changed(made, add_ons=("prp",))

    with made.clinic.scope() as scope:
        facts = facts_of(scope, version)
    assert facts.add_ons == {"prp"}


def test_nobody_who_cannot_decide_is_asked_to_sign(made: MadePlan) -> None:
    changed(made, capacity="lacking", capacity_note="Very tired after the flight; ask next week.")

    with made.clinic.scope(made.practitioner) as scope:
        publish_shipped_form(scope)
        with pytest.raises(CannotDecide):
            request_consent(scope, plan_id=made.plan_id)


def test_a_change_has_to_be_talked_over_again(made: MadePlan) -> None:
    changed(made, price_terms="Three treatments.")

    with made.clinic.scope(made.practitioner) as scope:
        publish_shipped_form(scope)
        with pytest.raises(NotDiscussed, match="Clinic policy"):
            request_consent(scope, plan_id=made.plan_id)


def test_a_plan_is_changed_on_its_page_with_everything_filled_in(
    context: Flask, made: MadePlan
) -> None:
    desk = Desk(context, made.clinic, made.practitioner)
    own = f"/plans/{made.plan_id}"

    before = desk.answer(f"{own}/change").text
    desk.send(f"{own}/change", **plan_fields(made, version="1", **FULL))
    page, again = desk.answer(own).text, desk.answer(f"{own}/change").text

    assert "Mole, left, a thumb below the eye" in before
    assert 'value="526.50"' in before
    for told in ("lidocaine 4 %", "Scar strip, right", "Repeated the risks", "called off a day"):
        assert told in page, told
    assert "&lt;b&gt;Mole&lt;/b&gt;, left cheek" in page
    assert 'transform="translate(60.0 129.6)"' in page
    assert 'name="spot_place_1" value="face 300 480"' in again
    assert 'value="Scar strip, right"' in again


def test_two_people_do_not_overwrite_each_others_change(context: Flask, made: MadePlan) -> None:
    desk = Desk(context, made.clinic, made.practitioner)
    page = f"/plans/{made.plan_id}/change"
    desk.send(page, **plan_fields(made, version="1", sessions="4"))

    late = desk.send(page, expect=412, **plan_fields(made, version="1", sessions="5"))

    assert 'name="sessions"' in late.text
    assert 'value="5"' in late.text


def test_a_spot_outside_the_planned_areas_is_named_beside_its_line(
    context: Flask, made: MadePlan
) -> None:
    desk = Desk(context, made.clinic, made.practitioner)
    fields = plan_fields(made, version="1", spot_area_2="neck", spot_what_2="Goitre scar")

    answer = desk.send(f"/plans/{made.plan_id}/change", expect=422, **fields)

    assert "Choose that area" in words(answer)
    assert 'href="#spot_what_2"' in answer.text


def test_the_form_and_the_visit_say_what_is_left_out(context: Flask, made: MadePlan) -> None:
    with made.clinic.scope() as scope:
        publish_shipped_form(scope)
    with made.clinic.scope(made.practitioner) as scope:
        consent = request_consent(scope, plan_id=made.plan_id).consent
        shown = get_shown(scope, consent)
    visit_id = make_visit(made)
    page = Desk(context, made.clinic, made.practitioner).read(f"/visits/{visit_id}")

    told = [row for part in shown.sections for block in part.blocks for row in block.rows]
    assert ("Left out", "Cheeks: Mole, left, a thumb below the eye") in told
    assert "Mole, left, a thumb below the eye" in page


def test_a_place_may_let_the_patient_sign_before_the_talk(context: Flask, made: MadePlan) -> None:
    changed(made, price_terms="Three treatments.")
    with made.clinic.scope() as scope:
        publish_shipped_form(scope)
        place = get_location(scope, made.clinic.location_id).jurisdiction
        why = ("clinic", False, "", "We talk on the day.")
        decide_policy(
            scope, NewDecision(place, "talk_first", False, *why, today_in("Europe/London"), 0)
        )

    with made.clinic.scope(made.practitioner) as scope:
        asked = request_consent(scope, plan_id=made.plan_id).consent

    assert asked.state == "sent"
