"""The patient's way by forms alone, and everything that may go wrong on it."""

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from pypdf import PdfReader
from werkzeug.test import TestResponse

from app.consent.services.request_consent import request_consent, resend_link
from app.consent.services.withdraw_consent import withdraw_consent
from app.database import db
from app.kit.clock import shifted
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import read_message
from tests.factories.consent import (
    ActiveConsent,
    MadeConsent,
    make_active_consent,
    make_asked_consent,
)
from tests.factories.plans import make_discussed_plan
from tests.fakes.store import FullStore
from tests.support.query_recorder import recorded
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


def test_case_13_looking_at_the_link_changes_nothing(signer: Signer, asked: MadeConsent) -> None:
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


def test_case_12_every_dead_link_looks_the_same(
    signer: Signer, asked: MadeConsent, context: Flask
) -> None:
    signer.get("/sign")
    foreign = signer.post("/sign/code", {"short_code": "AAAA-BBBB-CCCC"}, expect=410)
    no_session = Signer(context, asked).get("/sign/questions", expect=410)

    assert foreign.text == no_session.text
    assert "This link does not open any more" in foreign.text


def test_case_16_no_link_or_code_that_is_dead_takes_other_work_than_one_that_never_was(
    signer: Signer, asked: MadeConsent
) -> None:
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        resend_link(scope, consent_id=asked.id)

    def work(path: str, **sent: dict[str, str]) -> list[str]:
        with recorded(db.engine) as statements:
            assert signer.client.post(path, **sent).status_code == 410
        return list(statements)

    for typed in (asked.short_code, "AAAA-BBBB-CCCC"):
        assert work("/sign/code", data={"short_code": typed}) == work(
            "/sign/code", data={"short_code": "never was"}
        )
    dead = work("/api/v1/sign/exchange", json={"token": asked.token})
    assert dead == work("/api/v1/sign/exchange", json={"token": "never was"})


def test_case_16_wrong_codes_are_counted_by_address_and_right_ones_are_not(
    context: Flask, asked: MadeConsent
) -> None:
    statuses = []
    for last in range(21):
        # A whole network of IPv6 is one address.
        where = {"REMOTE_ADDR": f"2001:db8:16:{asked.id.hex[-4:]}::{last + 1}"}
        for code in (asked.short_code, "AAAA-BBBB-CCCC"):
            answer = context.test_client().post(
                "/sign/code", data={"short_code": code}, environ_overrides=where
            )
            statuses.append(answer.status_code)

    assert statuses == [303, 410] * 20 + [429, 429]


def test_case_12_opening_the_link_again_ends_the_first_browser(
    signer: Signer, asked: MadeConsent, context: Flask
) -> None:
    signer.identify()
    other = Signer(context, asked)
    other.exchange()

    signer.get("/sign/electronic", expect=410)
    # The second browser has to prove who it is: the first one's proof does not carry over.
    other.get("/sign/identity")
    assert other.client.get("/sign/electronic").headers["Location"] == "/sign/identity"


def test_case_15_nothing_about_health_is_shown_before_identity(signer: Signer) -> None:
    signer.exchange()

    page = signer.get("/sign/identity").text

    for word in ("needling", "Sunken", "scar", "Cheeks", "Aoife", '@clinic.example"'):
        assert word not in page
    for path in ("questions", "read", "understood", "signature", "receipt", "document", "hold"):
        assert signer.client.get(f"/sign/{path}").headers["Location"] == "/sign/identity"


def test_case_15_a_wrong_code_or_birthday_lets_nobody_in(signer: Signer) -> None:
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


def test_case_24_nobody_jumps_to_the_signature(signer: Signer) -> None:
    signer.reach_questions()

    answer = signer.post("/sign/signature", {"full_name": "Aoife"})

    assert answer.headers["Location"] == "/sign/questions"
    with signer.asked.made.clinic.scope() as scope:
        assert state_of(scope, signer.asked) == "opened"


def test_case_23_signing_what_was_not_shown_is_refused(signer: Signer) -> None:
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


def test_case_39_a_store_that_is_down_is_said_and_one_press_resumes(
    signer: Signer, asked: MadeConsent, context: Flask
) -> None:
    signer.reach_signature()
    working = context.extensions["needlepoint_store"]
    context.extensions["needlepoint_store"] = FullStore()
    try:
        failed = signer.post("/sign/signature", signer.signing_fields(), expect=503)
    finally:
        context.extensions["needlepoint_store"] = working
    assert "not signed yet" in failed.text
    assert "Tern &amp; Thistle" in failed.text
    assert 'value="a-key-of-the-page"' in failed.text

    again = {"idempotency_key": "a-key-of-the-page"}
    assert signer.go("/sign/signature/again", again) == "/sign/receipt"

    with asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == "signed"


def test_case_12_after_signing_the_link_is_dead_and_the_session_lives(
    signer: Signer, asked: MadeConsent, context: Flask
) -> None:
    signer.reach_signature()
    signer.go("/sign/signature", signer.signing_fields())

    Signer(context, asked).exchange(expect=410)
    signer.get("/sign/receipt")


@pytest.mark.parametrize("end", ["expired", "called back", "declined"])
def test_case_12_a_link_that_ended_offers_a_new_one_and_nothing_else(
    signer: Signer, asked: MadeConsent, end: str
) -> None:
    made, later = asked.made, timedelta(0)
    if end == "expired":
        later = timedelta(days=90)
    elif end == "called back":
        with made.clinic.scope(made.practitioner) as scope:
            request_consent(scope, plan_id=made.plan_id)
    else:
        with made.clinic.scope() as scope:
            withdraw_consent(scope, consent_id=asked.id)

    with shifted(later):
        signer.exchange(expect=410)
        signer.get("/sign")
        code = signer.post("/sign/code", {"short_code": asked.short_code}, expect=410)

    assert code.text == signer.get("/sign/neutral").text
    assert 'action="/sign/new-link"' in code.text
    signer.get("/sign/questions", expect=410)


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


def test_case_21_a_page_of_another_site_cannot_act_for_the_patient(signer: Signer) -> None:
    signer.exchange()
    headers = {"Sec-Fetch-Site": "cross-site"}

    assert signer.client.post("/sign/identity/code", headers=headers).status_code == 403
    code = {"short_code": signer.asked.short_code}
    assert signer.client.post("/sign/code", data=code, headers=headers).status_code == 403


def messages(asked: MadeConsent, template: str) -> int:
    with asked.made.clinic.scope() as scope:
        found = list_messages_to_patient(scope, asked.made.patient_id)
        return sum(one.template == template for one in found)


def test_case_12_a_dead_link_gets_a_new_one_for_the_contact_on_file_only(
    signer: Signer, asked: MadeConsent
) -> None:
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        resend_link(scope, consent_id=asked.id)
    signer.exchange(expect=410)
    sent = messages(asked, "sign_request")

    stranger = signer.client.post("/sign/new-link", data={"contact": "somebody@else.example"})
    assert messages(asked, "sign_request") == sent
    own = signer.client.post("/sign/new-link", data={"contact": asked.made.patient_email.upper()})

    assert stranger.text == own.text
    assert messages(asked, "sign_request") == sent + 1


def test_nobody_asks_for_a_link_with_a_reference_of_their_own_making(
    signer: Signer, asked: MadeConsent
) -> None:
    forged = asked.token.partition(".")[2][:-8] + "AAAAAAA="

    signer.exchange(f"nonsense.{forged}", expect=410)
    signer.client.post("/sign/new-link", data={"contact": asked.made.patient_email})

    assert messages(asked, "sign_request") == 1


def test_case_33_what_a_patient_asks_is_printed_and_never_run(
    signer: Signer, asked: MadeConsent
) -> None:
    hostile = "<img src=x onerror=alert(1)> {{7*7}} ${1+1} \"'><script>alert(2)</script>"
    signer.reach_questions()
    signer.answer()
    fields = {"document_sha256": signer.shown_on_page(), "question_risks": hostile}

    signer.go("/sign/read", fields)

    page = signer.get("/sign/read").text
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x onerror=alert(1)&gt; {{7*7}}" in page
    right = signer.right_answers()
    signer.get("/sign/understood")
    signer.go("/sign/understood", right)
    signer.go("/sign/understood", right)
    signer.go_without_answers()
    signer.go("/sign/signature", signer.signing_fields())
    data = signer.get("/sign/document").data
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(data)).pages)
    assert "onerror=alert(1)> {{7*7}} ${1+1}" in text.replace("\n", " ")


def save(signer: Signer, sequence: int, values: object, page: str = "questions") -> TestResponse:
    headers = {"X-CSRF-Token": signer.csrf}
    body = {"sequence": sequence, "values": values}
    return signer.client.put(f"/api/v1/sign/drafts/{page}", json=body, headers=headers)


def test_drafts_are_kept_in_their_order(signer: Signer) -> None:
    signer.reach_questions()
    signer.csrf = signer.token_on_page()

    assert save(signer, 3, {"pregnancy": "no"}).get_json()["sequence"] == 3
    assert save(signer, 3, {"pregnancy": "no"}).status_code == 200
    assert save(signer, 3, {"pregnancy": "yes"}).get_json()["sequence"] == 3
    older = save(signer, 2, {"pregnancy": "yes"})

    assert (older.status_code, older.get_json()["sequence"]) == (409, 3)
    assert 'value="no"\n    id="pregnancy-no" checked' in signer.get("/sign/questions").text


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"pregnancy": 1}, 422),
        ({"pregnancy": ["a"] * 41}, 422),
        ({"pregnancy": "x" * 2_001}, 413),
        ({f"f{n}": "x" for n in range(401)}, 413),
        ([], 422),
    ],
)
def test_case_36_absurd_drafts_are_refused(signer: Signer, values: object, status: int) -> None:
    signer.reach_questions()
    signer.csrf = signer.token_on_page()

    assert save(signer, 5, values).status_code == status


def test_a_draft_of_a_page_whose_turn_has_not_come_is_refused(signer: Signer) -> None:
    signer.reach_questions()
    signer.csrf = signer.token_on_page()

    assert save(signer, 5, {}, "sign").status_code == 409
    assert save(signer, 5, {}, "elsewhere").status_code == 404


def test_case_12_a_copy_is_reached_by_its_own_link_and_a_fresh_proof(context: Flask) -> None:
    active = make_active_consent(make_discussed_plan())
    asked = MadeConsent(active.made, active.consent_id, copy_token(active), "")
    signer = Signer(context, asked)
    assert signer.client.get("/sign/copy/document/file").status_code == 410
    answer = signer.client.post("/api/v1/sign/copy/exchange", json={"token": asked.token})
    assert answer.get_json() == {"location": "/sign/copy/identity"}
    assert signer.client.get("/sign/copy/document/file").status_code == 410

    signer.get("/sign/copy/identity")
    signer.go("/sign/copy/identity/code", {})
    code = signer.code_from_message()
    assert signer.go("/sign/copy/identity", {"code": code, **BIRTH}) == "/sign/copy/document"

    assert signer.client.get("/sign/copy/document/file").data.startswith(b"%PDF")
    signer.get("/sign/copy/withdraw")
    signer.go("/sign/copy/withdraw", {})
    assert "You have taken your consent back." in signer.page.text


def copy_token(active: ActiveConsent) -> str:
    with active.made.clinic.scope() as scope:
        for message in list_messages_to_patient(scope, active.made.patient_id):
            if message.template == "consent_copy":
                found = re.search(r"#(\S+)", read_message(scope, message).body)
                assert found is not None
                return found.group(1)
    raise AssertionError("no copy was sent")
