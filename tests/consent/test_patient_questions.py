"""What patients ask about the form, who answers it, and that nobody signs before."""

import io
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from app.consent.ciphers import get_shown
from app.consent.errors import QuestionAnswered, QuestionsOpen, QuestionUnknown
from app.consent.signing.patient_questions import Asked, questions_asked
from app.consent.signing.services.answer_patient import answer_patient
from app.consent.signing.services.ask_question import take_back_question
from app.consent.signing.services.read_form import (
    check_understanding,
    confirm_read,
    note_form_shown,
    teach_back_of,
)
from app.documents.files import read_document
from app.errors import Invalid
from app.kit.clock import shifted
from app.messaging.queries import list_messages_to_patient
from tests.factories.consent import (
    MadeConsent,
    answer,
    make_asked_consent,
    make_identified_consent,
    sign,
)
from tests.factories.plans import make_discussed_plan, make_visit
from tests.factories.tenants import Role, add_staff
from tests.support.api import Api
from tests.support.pages import Desk
from tests.support.signer import Signer

WHY = "May I still <swim> on Sunday?"
SAID = "Not for three days; the pool's chlorine stings."


@pytest.fixture
def read(context: Flask) -> MadeConsent:
    """A form that was read for ten minutes, with one question about its aftercare."""
    asked = make_identified_consent(make_discussed_plan())
    answer(asked)
    with asked.made.clinic.scope() as scope:
        note_form_shown(scope, asked.read(scope))
    fields = {"question_aftercare": WHY, "seconds_aftercare": "95", "seconds_risks": "9x"}
    with shifted(timedelta(minutes=10)), asked.made.clinic.scope() as scope:
        shown = asked.read(scope).shown_sha256.hex()
        confirm_read(scope, consent_id=asked.id, shown_sha256=shown, fields=fields)
        blocks = teach_back_of(get_shown(scope, asked.read(scope)))
        right = {one.clause: one.correct for one in blocks}
        check_understanding(scope, consent_id=asked.id, fields=right)
    return asked


def questions(read: MadeConsent) -> tuple[Asked, ...]:
    with read.made.clinic.scope() as scope:
        return questions_asked(scope, read.read(scope))


def give_answer(read: MadeConsent, text: str = SAID) -> None:
    with read.made.clinic.scope(read.made.practitioner) as scope:
        question_id = questions_asked(scope, read.read(scope))[0].id
        answer_patient(scope, consent_id=read.id, question_id=question_id, answer=text)


def patient_text(read: MadeConsent, document_id: uuid.UUID) -> str:
    with read.made.clinic.scope() as scope:
        data = read_document(scope, document_id)
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_nobody_signs_before_their_question_is_answered(read: MadeConsent) -> None:
    with pytest.raises(QuestionsOpen):
        sign(read)
    give_answer(read)

    signature = sign(read)

    text = patient_text(read, signature.document_id)
    assert WHY in text
    assert "Not for three days" in text
    assert f"{read.made.practitioner.name}, " in text


def test_a_question_may_be_taken_back_and_the_paper_says_so(read: MadeConsent) -> None:
    question = questions(read)[0]
    with read.made.clinic.scope() as scope:
        take_back_question(scope, consent_id=read.id, question_id=question.id)

    text = patient_text(read, sign(read).document_id)

    assert "I went on without an answer." in text


def test_the_same_question_sent_twice_is_one(read: MadeConsent) -> None:
    with shifted(timedelta(minutes=11)), read.made.clinic.scope() as scope:
        shown = read.read(scope).shown_sha256.hex()
        fields = {"question_aftercare": f" {WHY} ", "question_cost": "Is it dear?"}
        confirm_read(scope, consent_id=read.id, shown_sha256=shown, fields=fields)

    assert [one.text for one in questions(read)] == [WHY, "Is it dear?"]


def test_an_answer_is_written_once_and_tells_the_patient_once(read: MadeConsent) -> None:
    with pytest.raises(Invalid):
        give_answer(read, "  ")
    give_answer(read)
    with pytest.raises(QuestionAnswered):
        give_answer(read, "Yes, do.")

    with read.made.clinic.scope() as scope:
        sent = list_messages_to_patient(scope, read.made.patient_id)
    assert [one.template for one in sent].count("question_answered") == 1
    assert questions(read)[0].answer == SAID


def test_another_forms_question_cannot_be_answered_here(read: MadeConsent) -> None:
    other = make_asked_consent(make_discussed_plan(read.made.clinic))

    with (
        read.made.clinic.scope(read.made.practitioner) as scope,
        pytest.raises(QuestionUnknown),
    ):
        answer_patient(scope, consent_id=other.id, question_id=questions(read)[0].id, answer="Yes.")


def test_a_practitioner_answers_on_the_page_of_the_consent(
    context: Flask, read: MadeConsent
) -> None:
    make_visit(read.made)
    desk = Desk(context, read.made.clinic, read.made.practitioner)
    question = questions(read)[0]
    page = f"/consents/{read.id}"

    today = desk.read("/today")
    empty = desk.send(f"{page}/answer", expect=422, question_id=str(question.id))
    desk.send(f"{page}/answer", question_id=str(question.id), **{f"answer_{question.id}": SAID})
    after = desk.read(page)

    assert "Patient asked a question" in today
    assert f'href="#answer_{question.id}"' in empty.text
    assert SAID in after
    assert "Read in 10 min" in after
    assert "Afterwards" in after


def test_case_33_a_question_is_text_everywhere(context: Flask, read: MadeConsent) -> None:
    page = Desk(context, read.made.clinic, read.made.practitioner).answer(f"/consents/{read.id}")

    assert "May I still &lt;swim&gt; on Sunday?" in page.text


def test_the_front_desk_answers_nothing_and_reads_no_question(
    context: Flask, read: MadeConsent
) -> None:
    front = Api(context, read.made.clinic, add_staff(read.made.clinic, Role.FRONT_DESK))
    question = questions(read)[0]

    front.get(f"/consents/{read.id}/questions", expect=403)
    front.post(
        f"/consents/{read.id}/questions/{question.id}/answer", {"answer": "Yes."}, expect=403
    )


def test_a_program_lists_and_answers_questions(context: Flask, read: MadeConsent) -> None:
    api = Api(context, read.made.clinic, read.made.practitioner)

    listed = api.get(f"/consents/{read.id}/questions")
    path = f"/consents/{read.id}/questions/{listed[0]['id']}/answer"
    answered = api.post(path, {"answer": SAID}, expect=200)

    assert (listed[0]["text"], listed[0]["answer"]) == (WHY, "")
    assert (answered["answer"], answered["answered_by"]) == (SAID, read.made.practitioner.name)


def test_a_patient_waits_for_the_answer_and_goes_on(context: Flask) -> None:
    asked = make_asked_consent(make_discussed_plan())
    signer = Signer(context, asked)
    signer.reach_signature(question_aftercare=WHY)

    waiting = signer.get("/sign/signature")
    give_answer(asked)
    answered = signer.get("/sign/signature")

    assert "Your questions come first" in waiting.text
    assert "May I still &lt;swim&gt; on Sunday?" in waiting.text
    assert SAID.replace("'", "&#39;") in answered.text
    assert signer.go("/sign/signature", signer.signing_fields()) == "/sign/receipt"


def test_a_patient_goes_on_without_an_answer(context: Flask) -> None:
    asked = make_asked_consent(make_discussed_plan())
    signer = Signer(context, asked)
    signer.reach_signature(question_aftercare=WHY)
    question = questions(asked)[0]

    landed = signer.go("/sign/signature/without-answer", {"question_id": str(question.id)})

    assert landed == "/sign/signature"
    assert "Sign your consent" in signer.get("/sign/signature").text
