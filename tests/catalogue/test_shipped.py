"""The shipped catalogue is whole, keeps its facts, and speaks plainly."""

import json
from collections.abc import Iterator

import pytest

from app.catalogue.content import Catalogue
from app.catalogue.loader import find_jurisdiction, load_catalogue, read_device_label
from app.catalogue.reading import ContentRefused
from app.catalogue.shipped import (
    canonical_json,
    catalogue_from_json,
    read_data_folder,
    sha256_of,
    shipped_catalogue,
)
from app.catalogue.wording import blocked_words_in, doubtful_words_in


@pytest.fixture
def raw() -> dict:
    return json.loads(shipped_catalogue()[0])


@pytest.fixture
def catalogue() -> Catalogue:
    return shipped_catalogue()[1]


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)


def test_every_part_of_the_clinical_facts_is_there(catalogue):
    counts = {
        "indications": 11,
        "areas": 18,
        "never_treat": 8,
        "intimate_areas": 3,
        "device_kinds": 4,
        "labels": 4,
        "risks": 24,
        "report_routes": 3,
        "jurisdictions": 12,
    }

    assert {name: len(getattr(catalogue, name)) for name in counts} == counts
    assert len([rule for rule in catalogue.rules if not rule.added]) == 61
    assert len(catalogue.aftercare.phases) == 5


def test_figures_carry_over_exactly(catalogue):
    assert catalogue.indication["acne_scars_atrophic"].depth_um == (1000, 2000)
    assert catalogue.indication["hair_aga"].sessions.interval_weeks == (1, 4)
    assert catalogue.area["face_periorbital"].depth_um == (200, 500)
    assert catalogue.area["lower_legs"].heal_days == 10
    assert catalogue.area["scalp"].rf_allowed is False
    assert catalogue.rule["surgery_area"].wait.weeks == 26
    assert catalogue.rule["threads_recent"].wait.weeks == 12
    assert catalogue.rule["hsv_active"].source == ("C24", "C27")
    assert catalogue.rule["koebner"].confidence == "D"


def test_disabled_indications_are_disabled(catalogue):
    off = {one.id for one in catalogue.indications if one.default_state == "disabled"}

    assert off == {"cellulite", "product_penetration"}


def test_no_text_uses_a_blocked_word(raw):
    assert {word for text in texts_in(raw) for word in blocked_words_in(text)} == set()


@pytest.mark.parametrize(
    "text",
    [
        "Guaranteed results",
        "permanently smooth",
        "Painless",
        "risk-free",
        "100 % effective",
        "a natural look",
        "FDA-approved",
        "skin whitening",
        "no downtime",
        "for anyone",
        "any part of the body",
    ],
)
def test_a_blocked_word_is_found_in_each_of_its_forms(text):
    assert len(blocked_words_in(text)) == 1


def test_a_doubtful_word_is_pointed_out():
    assert doubtful_words_in("Proven to be safe, it removes scars") == ("proven", "safe", "remove")
    assert doubtful_words_in("An unsafe secure unremarkable procedure") == ()


def test_the_hash_is_of_the_content_and_not_of_its_order(raw):
    turned = dict(reversed(list(raw.items())))

    assert sha256_of(canonical_json(turned)) == sha256_of(shipped_catalogue()[0])
    raw["version"] = "other"
    assert sha256_of(canonical_json(raw)) != sha256_of(shipped_catalogue()[0])


def test_the_stored_text_gives_the_same_catalogue_again(raw, catalogue):
    assert load_catalogue(raw) == catalogue


def test_an_unknown_field_is_refused_with_its_place(raw):
    raw["rules"][0]["colour"] = "red"

    with pytest.raises(ContentRefused, match=r"catalogue\.rules\[0\] has no field called colour"):
        load_catalogue(raw)


def test_a_missing_field_is_refused(raw):
    del raw["areas"][0]["title"]

    with pytest.raises(ContentRefused, match="needs the field title"):
        load_catalogue(raw)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("rules", 0, "question"), "nothing", "names the question 'nothing'"),
        (("rules", 0, "adds_risk"), "nothing", "names the risk 'nothing'"),
        (("rules", 0, "source"), ["X9"], "names the source 'X9'"),
        (("rules", 0, "areas_from"), "nothing", "names the fact 'nothing'"),
        (("risks", 0, "areas"), ["elbow"], "names the area 'elbow'"),
        (("areas", 0, "aftercare"), ["wings"], "names the aftercare group 'wings'"),
        (("questions", 0, "section"), "nothing", "names the section 'nothing'"),
        (("questions", 0, "follows"), "nothing", "names the question 'nothing'"),
        (("labels", 0, "kind"), "laser", "names the kind of device 'laser'"),
        (("labels", 0, "uses", 0, "areas"), ["elbow"], "names the area 'elbow'"),
        (("rules", 0, "action"), "defer", "defers, and has no wait"),
        (("rules", 0, "action"), "substitute", "says nothing to use instead"),
        (("rules", 4, "policy", "default"), "lenient", "default is not among its options"),
        (("questions", 0, "answer"), "choice", "needs choices if, and only if"),
        (("questions", 0, "asked_of"), "derived", "either derived in both ways or in none"),
        (("questions", 0, "id"), "unasked", "'unasked' is asked by no rule"),
    ],
)
def test_an_id_that_leads_nowhere_is_refused(raw, path, value, sentence):
    *way, last = path
    place = raw
    for step in way:
        place = place[step]
    place[last] = value

    with pytest.raises(ContentRefused, match=sentence):
        load_catalogue(raw)


def test_two_entries_with_one_id_are_refused(raw):
    raw["areas"].append(raw["areas"][0])

    with pytest.raises(ContentRefused, match="areas has two entries called 'face_forehead'"):
        load_catalogue(raw)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("heal_days", "3", "should be a whole number"),
        ("heal_days", True, "should be a whole number"),
        ("depth_um", [1], "should have 2 entries"),
        ("group", "tail", "may be face, neck, body, scalp"),
        ("flags", "hair", "should be a list"),
        ("rf_allowed", "yes", "should be true or false"),
    ],
)
def test_a_wrong_type_is_refused(raw, field, value, sentence):
    raw["areas"][0][field] = value

    with pytest.raises(ContentRefused, match=sentence):
        load_catalogue(raw)


def test_a_state_of_the_us_finds_the_rules_of_the_us(catalogue):
    assert find_jurisdiction(catalogue, "US-TX").id == "US"
    assert find_jurisdiction(catalogue, "GB-SCT").id == "GB-SCT"
    assert find_jurisdiction(catalogue, "XX") is None


def test_unverified_law_is_shown_as_clinic_policy(catalogue):
    policies = [policy for place in catalogue.jurisdictions for policy in place.policies]

    assert {one.basis for one in policies} == {"law", "guidance", "clinic"}
    assert {one.shown_basis for one in policies if not one.verified} == {"clinic"}


def test_a_stored_text_that_is_no_catalogue_is_refused():
    with pytest.raises(ContentRefused, match="A catalogue is a mapping"):
        catalogue_from_json("[]")


def test_two_files_may_not_say_the_same_thing(tmp_path):
    (tmp_path / "a.yaml").write_text("version: one", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("version: two", encoding="utf-8")

    with pytest.raises(ContentRefused, match="says 'version' a second time"):
        read_data_folder(tmp_path)


def test_the_warning_about_radiofrequency_names_its_source(catalogue):
    assert catalogue.note["rf_statement"].source == ("C2",)


def test_a_clinics_own_label_has_the_catalogues_shape(raw):
    assert read_device_label(raw["labels"][0]).cap_um == 1500
    with pytest.raises(ContentRefused):
        read_device_label({"market": "UK"})
