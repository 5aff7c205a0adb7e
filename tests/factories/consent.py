"""Consents at each point of their way, made through the services that people use."""

import json
import math
import uuid
from dataclasses import dataclass

from app.consent import queries
from app.consent.ciphers import get_shown
from app.consent.consent_facts import ground_of
from app.consent.documents.patient_paper import SigningAct
from app.consent.forms.choose_form import WantedForm
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.models import Consent, Signature
from app.consent.screening.services.answer_questions import Given, give_answers
from app.consent.screening.stored_answers import asked_of_patient
from app.consent.services.attest_consent import attest_consent
from app.consent.services.request_consent import AskedConsent, request_consent
from app.consent.services.sign_consent import sign_consent
from app.consent.signing.privacy import privacy_notice
from app.consent.signing.services.read_form import (
    accept_electronic,
    check_understanding,
    confirm_read,
    teach_back_of,
)
from app.consent.ways.sample_code import sample_code
from app.consent.ways.services.open_link import open_link
from app.consent.ways.services.prove_identity import Proof, attest_identity, prove_identity
from app.database import TenantScope
from app.kit.clock import now
from app.plans.queries import get_plan_version
from tests.factories.plans import BORN, MadePlan


@dataclass
class MadeConsent:
    """A consent that was asked for, with the link that went to the patient."""

    made: MadePlan
    id: uuid.UUID
    token: str
    short_code: str

    def read(self, scope: TenantScope) -> Consent:
        """Return the consent as it is now."""
        return queries.get_consent(scope, self.id)


@dataclass
class ActiveConsent:
    """A consent in force, with both sealed documents."""

    consent_id: uuid.UUID
    made: MadePlan
    signature_id: uuid.UUID
    attestation_id: uuid.UUID
    patient_document_id: uuid.UUID
    executed_document_id: uuid.UUID


def make_asked_consent(
    made: MadePlan, wanted: WantedForm | None = None, *, key: str = "mechanical"
) -> MadeConsent:
    """Publish a shipped form and ask for consent to a discussed plan."""
    with made.clinic.scope() as scope:
        publish_shipped_form(scope, key=key)
    with made.clinic.scope(made.practitioner) as scope:
        asked: AskedConsent = request_consent(scope, plan_id=made.plan_id, wanted=wanted)
    token = asked.link.partition("#")[2]
    return MadeConsent(made, asked.consent.id, token, asked.short_code)


def make_identified_consent(
    made: MadePlan, wanted: WantedForm | None = None, *, key: str = "mechanical"
) -> MadeConsent:
    """Ask, open the link, and prove identity by an ID shown in the clinic."""
    asked = make_asked_consent(made, wanted, key=key)
    with made.clinic.scope() as scope:
        open_link(scope, consent_id=asked.id, by="sign_link")
    with made.clinic.scope(made.practitioner) as scope:
        attest_identity(scope, consent_id=asked.id)
    with made.clinic.scope() as scope:
        proof = prove_identity(
            scope, consent_id=asked.id, code="", born=BORN.isoformat(), address=""
        )
        assert proof is Proof.PASSED
    with made.clinic.scope() as scope:
        accept_screen(scope, asked)
    return asked


def accept_screen(scope: TenantScope, asked: MadeConsent) -> None:
    """Agree to sign on a screen, with the code of the sample file."""
    code = sample_code(scope, asked.read(scope))
    notice = privacy_notice(scope).sha256
    accept_electronic(scope, consent_id=asked.id, privacy_sha256=notice, sample_code=code)


def clear_fields(scope: TenantScope, consent_id: uuid.UUID, **changes: str) -> dict[str, str]:
    """Return a page of answers in which nothing is wrong, with some changed."""
    consent = queries.get_consent(scope, consent_id)
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    fields = {
        one.id: one.choices[0].id if one.choices else "no"
        for one in asked_of_patient(ground)
        if one.follows is None
    }
    return {**fields, **changes}


def answer(asked: MadeConsent, **changes: str) -> Given:
    """Give clear answers, with some changed."""
    with asked.made.clinic.scope() as scope:
        fields = clear_fields(scope, asked.id, **changes)
        return give_answers(scope, consent_id=asked.id, fields=fields)


def make_read_consent(made: MadePlan, **answers: str) -> MadeConsent:
    """Bring a consent to the page on which it is signed, with some answers changed."""
    asked = make_identified_consent(made)
    assert answer(asked, **answers).is_stored
    read_and_understand(asked)
    return asked


def make_signed_for(made: MadePlan, wanted: WantedForm, *, key: str) -> MadeConsent:
    """Bring a consent that asks nothing about health to the patient's signature."""
    asked = make_identified_consent(made, wanted, key=key)
    read_and_understand(asked)
    sign(asked)
    return asked


def pass_to_reading(asked: MadeConsent) -> None:
    """Open the link, prove who it is, agree to the screen and answer clearly."""
    made = asked.made
    with made.clinic.scope() as scope:
        open_link(scope, consent_id=asked.id, by="sign_link")
    with made.clinic.scope(made.practitioner) as scope:
        attest_identity(scope, consent_id=asked.id)
    with made.clinic.scope() as scope:
        prove_identity(
            scope, consent_id=asked.id, code="", born=BORN.isoformat(), address="127.0.0.1"
        )
    with made.clinic.scope() as scope:
        accept_screen(scope, asked)
    assert answer(asked).is_stored


def read_and_understand(asked: MadeConsent) -> None:
    """Read the form and answer its questions rightly."""
    made = asked.made
    with made.clinic.scope() as scope:
        shown = asked.read(scope).shown_sha256.hex()
        confirm_read(scope, consent_id=asked.id, shown_sha256=shown, fields={})
    with made.clinic.scope() as scope:
        right = {
            one.clause: one.correct for one in teach_back_of(get_shown(scope, asked.read(scope)))
        }
        check_understanding(scope, consent_id=asked.id, fields=right)


def drawn_ink(points: int = 120) -> str:
    """Return ink as a browser sends it."""
    stroke = [
        [round(0.1 + 0.8 * i / points, 4), round(0.5 + 0.3 * math.sin(i / 6), 4), i * 9, 0.5]
        for i in range(points)
    ]
    return json.dumps({"strokes": [stroke], "width": 358, "height": 179})


def signing_act(scope: TenantScope, consent_id: uuid.UUID, **changes: object) -> SigningAct:
    """Return an ordinary act of signing: drawn, everything ticked, what is shown now."""
    consent = queries.get_consent(scope, consent_id)
    shown = get_shown(scope, consent)
    values: dict[str, object] = {
        "typed_name": "Aoife Nguyễn",
        "method": "ink",
        "ink": drawn_ink(),
        "shown_sha256": consent.shown_sha256.hex(),
        "acknowledged": shown.acknowledgements,
        "address": "127.0.0.1",
        "user_agent": "a test",
    }
    return SigningAct(**{**values, **changes})  # type: ignore[arg-type]  # a test may pass wrong values


def sign(asked: MadeConsent, **changes: object) -> Signature:
    """Sign a consent that was read."""
    with asked.made.clinic.scope() as scope:
        act = signing_act(scope, asked.id, **changes)
        return sign_consent(scope, consent_id=asked.id, act=act)


def make_signed_consent(made: MadePlan) -> MadeConsent:
    """Bring a consent to the patient's signature, sealed."""
    asked = make_read_consent(made)
    sign(asked)
    return asked


def make_active_consent(made: MadePlan) -> ActiveConsent:
    """Bring a consent into force: signed and confirmed, both sealed, grants open."""
    asked = make_signed_consent(made)
    with made.clinic.scope(made.practitioner) as scope:
        attestation = attest_consent(scope, consent_id=asked.id, stepped_up_at=now())
    with made.clinic.scope() as scope:
        signature = queries.find_signature(scope, asked.id)
    assert signature is not None
    return ActiveConsent(
        asked.id, made, signature.id, attestation.id, signature.document_id, attestation.document_id
    )
