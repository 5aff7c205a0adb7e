"""Every word that a patient reads is translated, and none is kept that nobody reads."""

import json
import runpy
from pathlib import Path

import pytest

from app.catalogue.overlay import LanguageMissing, overlay_problems, patients_texts, told_in
from app.catalogue.reading import ContentRefused
from app.catalogue.shipped import catalogue_from_json, shipped_catalogue
from app.kit import speech
from app.kit.speech import WordsMissing, say, say_many, speaking

WORDS = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "words.py"))
OTHERS = [one for one in speech.LANGUAGES if one != speech.ENGLISH]


def test_every_text_of_ours_is_translated_and_none_is_left_over() -> None:
    assert WORDS["languages"]() == sorted(OTHERS)
    assert WORDS["problems"]() == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_is_whole_in_every_language(language: str) -> None:
    _, catalogue = shipped_catalogue()

    told = patients_texts(told_in(catalogue, language))

    assert set(catalogue.locales) == set(OTHERS)
    assert set(told) == set(patients_texts(catalogue))
    assert told["rules", "pregnancy", "patient"] != catalogue.rule["pregnancy"].patient


@pytest.mark.parametrize("language", OTHERS)
def test_numbers_that_patients_are_told_are_the_same_in_every_language(language: str) -> None:
    _, catalogue = shipped_catalogue()
    told = patients_texts(told_in(catalogue, language))

    def numbers(text: str) -> list[str]:
        words = text.replace(",", ".").replace("-", " ").split()
        plain = (word.strip(".:;()") for word in words)
        return sorted(one for one in plain if one.replace(".", "").isdigit() and int(one[0]) > 1)

    for key in (one for one in told if one[0] == "indications"):
        there, here = numbers(patients_texts(catalogue)[key]), numbers(told[key])
        missing = [one for one in there if one not in here]
        assert missing == [], key


def test_a_language_with_a_text_missing_or_empty_is_refused() -> None:
    text, _ = shipped_catalogue()
    lost, empty, strange = json.loads(text), json.loads(text), json.loads(text)
    del lost["locales"]["de"]["risks"]["granuloma"]["text"]
    empty["locales"]["ar"]["areas"]["neck"]["title"] = " "
    strange["locales"]["ar"]["areas"]["tail"] = {"title": "ذيل"}

    for raw, problem in (
        (lost, "'risks.granuloma.text' has no text in 'de'."),
        (empty, "'areas.neck.title' is empty in 'ar'."),
        (strange, "'areas.tail.title' is told in 'ar', and the catalogue has no such text."),
    ):
        with pytest.raises(ContentRefused) as refused:
            catalogue_from_json(json.dumps(raw))
        assert refused.value.problems == (problem,)


def test_a_catalogue_approved_before_a_language_was_there_does_not_speak_it() -> None:
    raw = json.loads(shipped_catalogue()[0])
    del raw["locales"]
    older = catalogue_from_json(json.dumps(raw))

    assert list(overlay_problems(older)) == []
    with pytest.raises(LanguageMissing):
        told_in(older, "de")


def test_a_text_that_nobody_translated_never_stands_in_a_document() -> None:
    with speaking("de"):
        assert say("Nobody has translated this.") == "Nobody has translated this."
    with speaking("de", whole=True), pytest.raises(WordsMissing):
        say("Nobody has translated this.")


def test_numbers_take_the_form_that_their_language_wants() -> None:
    def weeks(language: str, number: int) -> str:
        with speaking(language):
            return say_many("%(num)s week", "%(num)s weeks", number)

    assert [weeks("en", n) for n in (1, 4)] == ["1 week", "4 weeks"]
    assert [weeks("ar", n) for n in (1, 2, 4, 12)] == [
        "أسبوع واحد",
        "أسبوعين",
        "4 أسابيع",
        "12 أسبوعًا",
    ]


def test_a_name_keeps_its_own_direction_in_a_line_from_the_right() -> None:
    with speaking("ar"):
        assert say("%(name)s looks at them", name="Dr Weiß") == "ينظر فيها \u2068Dr Weiß\u2069"
    with speaking("de"):
        assert "\u2068" not in say("%(name)s looks at them", name="Dr Weiß")
