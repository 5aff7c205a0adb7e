"""Off-label use is judged by the location's own market, and Scotland's stricter class is known."""

from dataclasses import replace
from datetime import date

from app.catalogue.content import LabelUse
from app.catalogue.facts import PlannedDevice
from app.catalogue.off_label import millimetres, off_label_reasons
from tests.catalogue.plans import PEN, VISIT, catalogue, make_plan


def reasons(plan, market="UK"):
    return off_label_reasons(catalogue(), plan, market, visit_date=VISIT)


def skinpen() -> PlannedDevice:
    labels = tuple(one for one in catalogue().labels if one.device == "SkinPen Precision")
    return PlannedDevice("pen", "SkinPen Precision", labels)


def test_a_plan_within_the_label_has_no_reasons():
    assert reasons(make_plan()) == ()


def test_each_way_out_of_the_label_is_one_sentence():
    plan = make_plan(areas={"face_cheeks": 1501, "neck": 500}, skin_type=6)

    found = reasons(plan)

    assert any("does not name this area: Neck" in one for one in found)
    assert any("does not name skin type VI here: Cheeks" in one for one in found)
    assert any("ends at 1.5 mm; this plan goes deeper" in one for one in found)
    assert len(found) == 3


def test_an_indication_that_the_label_does_not_name_is_said():
    assert "Stretch marks" in reasons(make_plan(indication="striae"))[0]


def test_age_is_judged_on_the_day_of_the_visit_by_the_us_label_in_the_us():
    plan = make_plan(device=skinpen(), market="US", date_of_birth=date(2004, 12, 2))

    assert "from 22 years on" in reasons(plan, "US")[0]
    assert reasons(replace(plan, date_of_birth=date(2004, 12, 1)), "US") == ()


def test_a_us_label_proves_nothing_in_scotland():
    plan = make_plan(device=skinpen(), date_of_birth=date(2004, 12, 2), areas={"face_cheeks": 1900})

    found = reasons(plan)

    assert len(found) == 1
    assert "holds no label of the SkinPen Precision for the UK" in found[0]


def test_the_label_that_fits_best_is_the_one_that_counts():
    narrow = replace(PEN.labels[0], id="narrow", uses=())
    both = replace(PEN, labels=(narrow, PEN.labels[0]))

    assert reasons(make_plan(device=both)) == ()


def test_two_uses_of_one_label_together_cover_a_plan():
    neck = LabelUse(("acne_scars_atrophic",), ("neck",), (1, 2, 3))
    both = replace(PEN, labels=(PEN.labels[0], replace(PEN.labels[0], id="neck", uses=(neck,))))

    assert reasons(make_plan(device=both, areas={"face_cheeks": 900, "neck": 500})) == ()


def test_depths_are_told_in_millimetres():
    assert [millimetres(um) for um in (1500, 250, 2000, 1501)] == [
        "1.5 mm",
        "0.25 mm",
        "2 mm",
        "1.501 mm",
    ]
