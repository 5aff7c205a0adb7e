"""What follows from answers does not depend on the language in which they were given."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.answers import NO, UNSURE, YES
from app.catalogue.overlay import told_in
from app.catalogue.shipped import shipped_catalogue
from app.consent.screening.judging import AnswersNotUsable, evaluate
from app.consent.screening.questionnaire import parse_answers, questions_for
from app.kit.speech import LANGUAGES, speaking
from tests.catalogue.plans import ORDINARY, VISIT

CATALOGUE = shipped_catalogue()[1]
QUESTIONS = questions_for(CATALOGUE, ORDINARY, visit_date=VISIT)


def _value(question):
    if question.answer == "choice":
        return st.sampled_from([*(one.id for one in question.choices), UNSURE])
    if question.answer == "date_or_no":
        return st.sampled_from([NO, UNSURE, VISIT.isoformat(), "2020-02-29"])
    return st.sampled_from([YES, NO, UNSURE])


ANSWERS = st.fixed_dictionaries({one.id: _value(one) for one in QUESTIONS})


def outcome_in(language: str, raw: dict[str, str]) -> object:
    """Return what screening makes of answers that were given on pages in a language."""
    with speaking(language):
        asked = questions_for(told_in(CATALOGUE, language), ORDINARY, visit_date=VISIT)
        answers, problems = parse_answers(asked, raw, today=VISIT)
        assert problems == ()
        try:
            return answers, evaluate(CATALOGUE, answers, ORDINARY, VISIT, VISIT).as_dict()
        except AnswersNotUsable as unusable:
            return answers, [(one.code, one.questions) for one in unusable.problems]


@settings(max_examples=60, deadline=None)
@given(raw=ANSWERS)
def test_answers_and_outcomes_are_the_same_in_every_language(raw: dict[str, str]) -> None:
    english, *others = (outcome_in(language, raw) for language in LANGUAGES)

    assert all(one == english for one in others)
