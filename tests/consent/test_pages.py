"""The patient's way by forms alone, and everything that may go wrong on it."""

import io

import pytest
from flask import Flask
from pypdf import PdfReader

from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.support.signer import BIRTH, Signer, state_of


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


@pytest.fixture
def signer(context: Flask, asked: MadeConsent) -> Signer:
    return Signer(context, asked)


def test_a_patient_reads_answers_and_signs_without_a_script(
    signer: Signer, asked: MadeConsent
) -> None:
    signer.reach_signature()

    assert signer.go("/sign/signature", signer.signing_fields()) == "/sign/receipt"

    assert "Your consent is signed" in signer.page.text
    data = signer.get("/sign/document").data
    assert data.startswith(b"%PDF")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    assert "Aoife Nguyễn" in text
    assert "simple electronic signature" in text
    with asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == "signed"


def test_looking_at_the_link_changes_nothing(signer: Signer, asked: MadeConsent) -> None:
    for _ in range(3):
        signer.get("/sign")
    signer.client.head("/sign")

    with asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == "sent"
    signer.exchange()


def test_the_short_code_opens_the_form_however_it_is_typed(
    signer: Signer, asked: MadeConsent
) -> None:
    signer.get("/sign")
    typed = asked.short_code.lower().replace("-", " ")

    assert signer.go("/sign/code", {"short_code": typed}) == "/sign/identity"


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 43])
def test_a_link_that_was_never_ours_gets_the_neutral_answer(signer: Signer, token: str) -> None:
    expect = 422 if token == "" else 410

    signer.exchange(token, expect=expect)


def test_every_dead_link_looks_the_same(signer: Signer, asked: MadeConsent, context: Flask) -> None:
    signer.get("/sign")
    foreign = signer.post("/sign/code", {"short_code": "AAAA-BBBB-CCCC"}, expect=410)
    no_session = Signer(context, asked).get("/sign/questions", expect=410)

    assert foreign.text == no_session.text
    assert "This link does not open any more" in foreign.text


def test_opening_the_link_again_ends_the_first_browser(
    signer: Signer, asked: MadeConsent, context: Flask
) -> None:
    signer.identify()
    other = Signer(context, asked)
    other.exchange()

    signer.get("/sign/electronic", expect=410)
    # The second browser has to prove who it is: the first one's proof does not carry over.
    other.get("/sign/identity")
    assert other.client.get("/sign/electronic").headers["Location"] == "/sign/identity"


def test_nothing_about_health_is_shown_before_identity(signer: Signer) -> None:
    signer.exchange()

    page = signer.get("/sign/identity").text

    for word in ("needling", "Sunken", "scar", "Cheeks", "Aoife", '@clinic.example"'):
        assert word not in page
    for path in ("questions", "read", "understood", "signature", "receipt", "document", "hold"):
        assert signer.client.get(f"/sign/{path}").headers["Location"] == "/sign/identity"


def test_a_wrong_code_or_birthday_lets_nobody_in(signer: Signer) -> None:
    signer.exchange()
    signer.get("/sign/identity")
    signer.go("/sign/identity/code", {})
    code = signer.code_from_message()
    wrong = "00000000" if code != "00000000" else "11111111"

    first = signer.post("/sign/identity", {"code": wrong, **BIRTH}, expect=422)
    second = signer.post(
        "/sign/identity", {"code": code, **BIRTH, "birth_year": "1991"}, expect=422
    )

    assert "does not match" in first.text
    assert "does not match" in second.text
    assert code not in second.text


def test_the_sixth_try_is_refused_and_the_code_is_dead(signer: Signer) -> None:
    signer.exchange()
    signer.get("/sign/identity")
    signer.go("/sign/identity/code", {})
    code = signer.code_from_message()
    wrong = "00000000" if code != "00000000" else "11111111"
    for _ in range(5):
        signer.post("/sign/identity", {"code": wrong, **BIRTH}, expect=422)

    locked = signer.post("/sign/identity", {"code": code, **BIRTH}, expect=429)

    assert "too often" in locked.text


def test_a_missing_answer_is_named_and_the_rest_is_kept(signer: Signer) -> None:
    signer.reach_questions()
    with signer.asked.made.clinic.scope() as scope:
        from_page = {"pregnancy": "no", "breastfeeding": "no"}
        assert state_of(scope, signer.asked) == "opened"

    answer = signer.post("/sign/questions", from_page, expect=422)

    assert 'href="#faint"' in answer.text
    assert 'href="#pregnancy"' not in answer.text
    kept = signer.get("/sign/questions").text
    assert kept.count("checked") == 2


def test_a_held_answer_stops_kindly_and_changing_it_keeps_the_hold(
    signer: Signer, asked: MadeConsent
) -> None:
    signer.reach_questions()

    assert signer.answer(pregnancy="yes") == "/sign/hold"

    assert "We need to look at this first" in signer.page.text
    signer.get("/sign/questions")
    assert signer.answer(pregnancy="no") == "/sign/hold"
    with asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == "held"
    assert signer.client.get("/sign/signature").headers["Location"] == "/sign/hold"


def test_nobody_jumps_to_the_signature(signer: Signer) -> None:
    signer.reach_questions()

    answer = signer.post(
        "/sign/signature", {"full_name": "Aoife", "document_sha256": "00" * 32}, 422
    )

    assert "Please tick this" in answer.text
    with signer.asked.made.clinic.scope() as scope:
        assert state_of(scope, signer.asked) == "opened"


def test_signing_what_was_not_shown_is_refused(signer: Signer) -> None:
    signer.reach_signature()

    answer = signer.post(
        "/sign/signature", signer.signing_fields(document_sha256="00" * 32), expect=409
    )

    assert "Please read it again" in answer.text


def test_a_second_submit_gets_the_same_receipt(signer: Signer) -> None:
    signer.reach_signature()
    fields = signer.signing_fields()

    signer.go("/sign/signature", fields)
    first = signer.page.text
    signer.go("/sign/signature", fields)

    assert signer.page.text == first


def test_after_signing_the_link_is_dead_and_the_session_lives(
    signer: Signer, asked: MadeConsent, context: Flask
) -> None:
    signer.reach_signature()
    signer.go("/sign/signature", signer.signing_fields())

    Signer(context, asked).exchange(expect=410)
    signer.get("/sign/receipt")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Enter a name"),
        ("Aoife\u202eNguyễn", "changes the reading direction"),
        ("Aoife\u200bNguyễn", "is invisible"),
        ("A" * 201, "longer than 200"),
        ("Zoë\U00012000", "cannot be printed"),
    ],
)
def test_a_name_that_cannot_stand_says_why_and_keeps_the_rest(
    signer: Signer, name: str, said: str
) -> None:
    signer.reach_signature()

    answer = signer.post("/sign/signature", signer.signing_fields(full_name=name), expect=422)

    assert said in answer.text
    assert "strokes" in answer.text


def test_too_much_ink_is_refused_at_once(signer: Signer) -> None:
    signer.reach_signature()
    flood = (
        '{"strokes": [[' + ",".join(["[0.1,0.1,1,0.5]"] * 30_000) + ']], "width": 1, "height": 1}'
    )
    huge = "x" * 700_000

    for ink in (flood, huge):
        answer = signer.post("/sign/signature", signer.signing_fields(ink=ink), expect=413)
        assert "ink" in answer.text
    signer.go("/sign/signature", signer.signing_fields())


def test_saying_no_ends_the_form(signer: Signer, asked: MadeConsent) -> None:
    signer.reach_signature()
    signer.get("/sign/withdraw")

    signer.go("/sign/withdraw", {})

    assert "You have said no" in signer.page.text
    with asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == "declined"


def test_a_page_of_another_site_cannot_act_for_the_patient(signer: Signer) -> None:
    signer.exchange()
    headers = {"Sec-Fetch-Site": "cross-site"}

    assert signer.client.post("/sign/identity/code", headers=headers).status_code == 403
    code = {"short_code": signer.asked.short_code}
    assert signer.client.post("/sign/code", data=code, headers=headers).status_code == 403
