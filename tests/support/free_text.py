"""Writes a marked text into every place where somebody types freely around a consent, over HTTP.

``word`` makes the text of a place, so that each place can be told from the others wherever it turns
up. What is written here comes after the plain way, which has a test of its own.
"""

import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask

from app.kit.clock import now
from app.tenants.models import Role
from tests.consent.test_paper import picture
from tests.factories.consent import MadeConsent, clear_fields, make_asked_consent
from tests.factories.plans import PROCEDURE, MadePlan, make_discussed_plan
from tests.factories.tenants import MadeClinic, Staff, add_staff, qualify
from tests.support.api import Api
from tests.support.pages import Desk
from tests.support.signer import Signer
from tests.support.step_up import proven

Word = Callable[[str], str]
LONG = "This sentence stands there so that a reason is as long as it has to be."


@dataclass
class Written:
    """A clinic in which everything was written, its people, and the ids of what there is."""

    made: MadePlan
    api: Api
    owner: Api
    word: Word
    ids: list[dict[str, str]] = field(default_factory=list)

    @property
    def clinic(self) -> MadeClinic:
        """The clinic of the story."""
        return self.made.clinic


def write_everywhere(app: Flask, word: Word) -> Written:
    """Write everything that people type around a consent; return where."""
    made = make_discussed_plan()
    clinic = made.clinic
    owner = proven(Api(app, clinic, clinic.owner))
    written = Written(made, proven(Api(app, clinic, made.practitioner)), owner, word)
    _stand(written)
    _lift_and_sign(app, written)
    _stop(written)
    _decline(app, written)
    _void(app, written)
    _on_paper(app, written)
    return written


def _stand(written: Written) -> None:
    """A medical lead decides once about a rule."""
    qualify(written.clinic, written.clinic.owner, registration_number="OWNER-1")
    said = {name: written.word(f"standing-{name}") for name in ("patient", "confirm", "basis")}
    written.owner.post("/standing-decisions", {"rule_id": "koebner", "after": 0, **said})


def second(app: Flask, written: Written) -> Api:
    """Return another clinician who may treat."""
    other: Staff = add_staff(written.clinic, Role.PRACTITIONER, name="Ferelith Okonkwo")
    qualify(written.clinic, other, registration_number="TEST-9")
    return proven(Api(app, written.clinic, other))


def _lift_and_sign(app: Flask, written: Written) -> None:
    """A block is lifted by two, a question answered, a witness heard; signed and confirmed."""
    word, api, made = written.word, written.api, written.made
    asked = make_asked_consent(made)
    signer = Signer(app, asked)
    signer.reach_questions()
    assert signer.answer(bleeding_disorder="yes") == "/sign/hold"
    hold = next(one for one in api.get("/holds") if one["consent_id"] == str(asked.id))
    decision = {"kind": "safe", "answers_number": 1, "lifts": ["bleeding_disorder"]}
    texts = {"reason": f"{LONG} {word('lift')}", "next_step": word("next-step")}
    api.post(f"/holds/{hold['id']}/decisions", {**decision, **texts})
    agrees = {"number": 1, "agrees": True, "reason": f"{LONG} {word('second')}"}
    second(app, written).post(f"/holds/{hold['id']}/second", agrees)
    signer.get("/sign/read")
    shown = {"document_sha256": signer.shown_on_page(), "question_risks": word("question")}
    signer.go("/sign/read", shown)
    consent = f"/consents/{asked.id}"
    [question] = api.get(f"{consent}/questions")
    api.post(f"{consent}/questions/{question['id']}/answer", {"answer": word("answer")}, expect=200)
    right = signer.right_answers()
    signer.go("/sign/understood", right)
    signer.go("/sign/understood", right)
    _hear_witness(written, asked)
    signer.get("/sign/signature")
    assert signer.go("/sign/signature", signer.signing_fields()) == "/sign/receipt"
    api.post(f"{consent}/attest")
    written.ids.append({**_ids(made, asked), "hold_id": hold["id"]})


def _hear_witness(written: Written, asked: MadeConsent) -> None:
    desk = Desk.of(written.api)
    people = f"/consents/{asked.id}/people"
    by_phone = {"role": "interpreter", "name": "Samira Haddad", "mode": "phone"}
    told = {"language": written.word("language"), "reference": written.word("reference")}
    desk.send(people, **by_phone, **told)
    page = desk.answer(people).text
    party_id = page.partition(f"{people}/")[2].partition("/")[0]
    said = {"party_name": "Samira Haddad", "is_adult": "yes"}
    desk.send(f"{people}/{party_id}/statement", **said)


def _stop(written: Written) -> None:
    """The plan is stopped and decided about again, something went wrong, and it is taken back."""
    word, api, made = written.word, written.api, written.made
    stop = {"plan_id": str(made.plan_id), "origin": "incident", "reason": f"{LONG} {word('stop')}"}
    hold = api.post("/holds", stop)
    again = {"reason": f"{LONG} {word('again')}", "next_step": word("then")}
    again |= {"kind": "safe", "answers_number": 1}
    api.post(f"/holds/{hold['id']}/decisions", again)
    happened = {
        "patient_id": str(made.patient_id),
        "named_staff_id": str(made.practitioner.id),
        "procedure_id": PROCEDURE,
        "areas": {"face_cheeks": 500},
        "reason": word("incident"),
        "happened_at": now().isoformat(),
    }
    incident = api.post("/incidents", happened)
    consent_id = written.ids[0]["consent_id"]
    api.post(f"/consents/{consent_id}/withdraw", {"reason": word("withdrawal")}, expect=200)
    written.ids[0]["incident_id"] = incident["id"]
    written.ids.append({**written.ids[0], "hold_id": hold["id"]})


def _decline(app: Flask, written: Written) -> None:
    """Another patient says no, with a reason."""
    made = make_discussed_plan(written.clinic)
    signer = Signer(app, make_asked_consent(made))
    signer.reach_questions()
    signer.get("/sign/withdraw")
    signer.go("/sign/withdraw", {"reasons": ["cost"], "words": written.word("decline")})
    written.ids.append(_ids(made, signer.asked))


def _void(app: Flask, written: Written) -> None:
    """A form is called back."""
    asked = make_asked_consent(make_discussed_plan(written.clinic))
    said = {"reason": written.word("void")}
    written.owner.post(f"/consents/{asked.id}/void", said, expect=200)
    written.ids.append(_ids(asked.made, asked))


def _on_paper(app: Flask, written: Written) -> None:
    """A form is printed, answered, scanned and compared; the original lies somewhere."""
    made = make_discussed_plan(written.clinic)
    asked = make_asked_consent(made)
    desk = Desk(app, written.clinic, made.practitioner)
    api = proven(desk.api)
    papers = f"/consents/{asked.id}/papers"
    paper = api.post(papers)
    with written.clinic.scope() as scope:
        fields = clear_fields(scope, asked.id)
    typed = {"csrf_token": api.csrf, **fields}
    path = f"{desk.base}/consents/{asked.id}/paper/answers"
    assert api.client.post(path, data=typed).status_code == 303
    scan = {"scan": (io.BytesIO(picture()), f"{written.word('file')}.jpg")}
    headers = {"X-CSRF-Token": api.csrf, "Idempotency-Key": uuid.uuid4().hex}
    path = api.url(f"{papers}/{paper['id']}/scan")
    answer = api.client.post(path, data=scan, headers=headers)
    assert answer.status_code == 200, answer.text
    compared = {
        "signed_at": now().isoformat(),
        "seen_by": str(made.practitioner.id),
        "name": "Aoife Nguyễn",
        "original": written.word("original"),
        "has_original": True,
    }
    written.api.post(f"{papers}/{paper['id']}/confirm", compared, expect=200)
    written.ids.append({**_ids(made, asked), "paper_id": paper["id"]})


def _ids(made: MadePlan, asked: MadeConsent) -> dict[str, str]:
    named = {"plan_id": made.plan_id, "patient_id": made.patient_id, "consent_id": asked.id}
    return {name: str(one) for name, one in {**named, "version_id": made.version_id}.items()}
