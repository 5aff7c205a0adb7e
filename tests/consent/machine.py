"""A random walk over everything that can be done to a consent, judged by raw SQL after each step.

Half of the steps are what people would do next, half are anything at all by anybody, so that the
way is walked to its end often and left at every point. Whatever a step says, the rows have the
word: what appeared must have had every precondition before.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine

from app.consent import queries
from app.consent.ciphers import get_shown
from app.consent.errors import ConsentMoved
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.holds.decision import NO_LIMITS, Limits
from app.consent.holds.models import DecisionKind, HoldOrigin
from app.consent.holds.services.decide_hold import Wish, decide_hold
from app.consent.screening.services.answer_questions import give_answers
from app.consent.services.attest_consent import attest_consent
from app.consent.services.pause_consent import Finding, pause_plan
from app.consent.services.request_consent import request_consent, resend_link
from app.consent.services.sign_consent import sign_consent
from app.consent.services.withdraw_consent import withdraw_consent
from app.consent.signing.patient_questions import FIELD
from app.consent.signing.privacy import privacy_notice
from app.consent.signing.question_queries import list_questions
from app.consent.signing.services.answer_patient import answer_patient
from app.consent.signing.services.read_form import (
    accept_electronic,
    check_understanding,
    confirm_read,
)
from app.consent.ways.services.open_link import open_link
from app.consent.ways.services.prove_identity import attest_identity, prove_identity
from app.errors import AppError
from app.kit.clock import now, today_in
from app.plans.queries import get_latest_version, get_plan
from app.plans.services.make_plan import change_plan
from app.plans.services.record_discussion import NewDiscussion, record_discussion
from app.tenants.models import Role
from tests.consent.invariants import Row, check, look
from tests.factories.consent import MadeConsent, clear_fields, signing_act
from tests.factories.holds import LONG_REASON, REASON
from tests.factories.plans import BORN, MadePlan, make_discussed_plan, terms
from tests.factories.safety import make_safety_notice
from tests.factories.tenants import Staff, add_staff, make_clinic
from tests.support.signer import right_answers_of

# Answers that the rules make something of: a risk, a wait, a look by a clinician, a block.
ANSWERS: tuple[dict[str, str], ...] = (
    {},
    {},
    {},
    {"otc_bleed": "yes"},
    {"hsv_history_area": "yes"},
    {"pregnancy": "unsure"},
    {"pregnancy": "yes"},
    {"keloid_history": "yes"},
)
# What undoes much of the way is rarer, or no form would ever be signed; what must not come too
# early is tried at every point of it.
STARTS_OVER = ("ask", "change_plan", "open", "resend", "withdraw", "warn", "incident")
WEIGHTS = {**dict.fromkeys(STARTS_OVER, 1), "sign": 20, "attest": 8}
Act = Callable[["Machine", MadeConsent], None]


@dataclass
class Machine:
    """One clinic, two plans, and everybody who could touch them."""

    seed: int
    superuser: Engine
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    read_sha: dict[uuid.UUID, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random, clinic = Random(self.seed), make_clinic()
        self.plans = [make_discussed_plan(clinic), make_discussed_plan(clinic)]
        self.desk = add_staff(clinic, Role.FRONT_DESK)
        self.clinic, self.asked = clinic, dict[uuid.UUID, list[MadeConsent]]()
        with clinic.scope() as scope:
            publish_shipped_form(scope)
        for made in self.plans:
            self.asked[made.plan_id] = []
            ask(self, made)
        self.rows = self.look()

    def look(self) -> dict[uuid.UUID, Row]:
        """Return every consent of the clinic as the rows tell it."""
        return look(self.superuser, self.clinic.tenant_id)

    def walk(self, steps: int) -> None:
        """Take so many steps, each judged."""
        for number in range(steps):
            before, name = self.rows, self.step()
            self.rows = self.look()
            wrong = check(before, self.rows, self.read_sha)
            assert wrong == [], f"seed {self.seed}, step {number} ({name}): {wrong}"

    def step(self) -> str:
        """Do something, and return what."""
        made = self.random.choice(self.plans)
        consents = self.asked[made.plan_id]
        asked = consents[-1] if self.random.random() < 0.9 else self.random.choice(consents)
        name = self._sensible(asked) if self.random.random() < 0.7 else self._anything()
        try:
            STEPS[name](self, asked)
            self.done[name] += 1
        except AppError as refusal:
            self.refused[f"{name}: {refusal.code}"] += 1
        return name

    def _anything(self) -> str:
        names = list(STEPS)
        weights = [WEIGHTS.get(name, 3) for name in names]
        return self.random.choices(names, weights)[0]

    def _sensible(self, asked: MadeConsent) -> str:
        row = self.rows[asked.id]
        if row.is_over or not row.is_latest_plan or row.news or row.wants_talk:
            return self.random.choice(["ask", "discuss"])
        if row.state == "active":
            return self.random.choice(["withdraw", "ask", "change_plan", "attest"])
        if row.identified_at is None and row.signatures == 0:
            return "identify"
        for is_next, name in (
            (row.state == "signed", "attest"),
            (row.state == "held", "decide"),
            (row.electronic_accepted_at is None, "accept"),
            (row.state == "opened", "answer"),
            (row.read_at is None, "read"),
            (row.understood_at is None, "understand"),
            (row.open_questions > 0, "answer_patient"),
        ):
            if is_next:
                return name
        return "sign"

    def somebody(self) -> Staff:
        """Return a member of staff, most often the one who may do it."""
        return self.random.choice([*[one.practitioner for one in self.plans] * 2, self.desk])


def ask(machine: Machine, made: MadePlan) -> None:
    """Ask for consent to a plan; an unsigned older form is called back."""
    with made.clinic.scope(made.practitioner) as scope:
        asked = request_consent(scope, plan_id=made.plan_id)
    token = asked.link.partition("#")[2]
    machine.asked[made.plan_id].append(MadeConsent(made, asked.consent.id, token, ""))


def _open(_machine: Machine, asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        open_link(scope, consent_id=asked.id, by="sign_link")


def _identify(machine: Machine, asked: MadeConsent) -> None:
    if machine.rows[asked.id].state == "sent":
        _open(machine, asked)
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        attest_identity(scope, consent_id=asked.id)
    _prove(machine, asked)


def _prove(machine: Machine, asked: MadeConsent) -> None:
    born = BORN if machine.random.random() < 0.9 else BORN + timedelta(days=1)
    with asked.made.clinic.scope() as scope:
        prove_identity(scope, consent_id=asked.id, code="", born=born.isoformat(), address="")


def _accept(_machine: Machine, asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        notice = privacy_notice(scope).sha256
        accept_electronic(scope, consent_id=asked.id, privacy_sha256=notice)


def _answer(machine: Machine, asked: MadeConsent) -> None:
    changes = machine.random.choice(ANSWERS)
    with asked.made.clinic.scope() as scope:
        fields = clear_fields(scope, asked.id, **changes)
        if machine.random.random() < 0.1:
            fields.popitem()
        give_answers(scope, consent_id=asked.id, fields=fields)


def _read(machine: Machine, asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        sha = asked.read(scope).shown_sha256
        shown = sha.hex() if machine.random.random() < 0.9 else "ab" * 32
        part = get_shown(scope, asked.read(scope)).sections[0].id
        said = machine.random.choice(["", "", "What if it does not work?"])
        confirm_read(
            scope,
            consent_id=asked.id,
            shown_sha256=shown,
            fields={f"{FIELD}{part}": said},
        )
    machine.read_sha[asked.id] = sha


def _understand(_machine: Machine, asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        check_understanding(scope, consent_id=asked.id, fields=right_answers_of(scope, asked))


def _answer_patient(machine: Machine, asked: MadeConsent) -> None:
    with asked.made.clinic.scope(machine.somebody()) as scope:
        for one in list_questions(scope, asked.id):
            if one.answered_at is None:
                answer_patient(
                    scope, consent_id=asked.id, question_id=one.id, answer="Then we talk again."
                )


def _sign(machine: Machine, asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        changes: dict[str, Any] = {}
        if machine.random.random() < 0.1:
            changes = {"shown_sha256": "cd" * 32}
        act = signing_act(scope, asked.id, **changes)
    with asked.made.clinic.scope() as scope:
        sign_consent(scope, consent_id=asked.id, act=act)


def _attest(machine: Machine, asked: MadeConsent) -> None:
    with asked.made.clinic.scope(machine.somebody()) as scope:
        attest_consent(scope, consent_id=asked.id, stepped_up_at=now())


def _withdraw(_machine: Machine, asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        withdraw_consent(scope, consent_id=asked.id)


def _decide(machine: Machine, asked: MadeConsent) -> None:
    with asked.made.clinic.scope(machine.somebody()) as scope:
        hold = queries.find_open_hold(scope, asked.id)
        latest = queries.find_latest_answers(scope, asked.id)
        if hold is None:
            return
        kind = machine.random.choice(["safe", "safe", "safe", "delay", "not_safe"])
        depths = {"face_cheeks": 500} if machine.random.random() < 0.5 else {}
        later = today_in("Europe/London") + timedelta(days=machine.random.choice([1, 400]))
        wish = Wish(
            kind=DecisionKind(kind),
            reason=machine.random.choice([REASON, LONG_REASON]),
            answers_number=latest.number if latest else 0,
            limits=Limits(depths) if depths else NO_LIMITS,
            delay_until=later if kind == "delay" else None,
        )
        decide_hold(scope, hold_id=hold.id, wish=wish)


def _change_plan(machine: Machine, asked: MadeConsent) -> None:
    made = asked.made
    depth = machine.random.choice([500, 1000, 1500])
    with made.clinic.scope(made.practitioner) as scope:
        version = get_plan(scope, made.plan_id).version
        wanted = terms(made.device_id, made.practitioner.id, {"face_cheeks": depth})
        change_plan(scope, plan_id=made.plan_id, terms=wanted, version=version)
    if machine.random.random() < 0.7:
        _discuss(machine, asked)


def _discuss(_machine: Machine, asked: MadeConsent) -> None:
    made = asked.made
    with made.clinic.scope(made.practitioner) as scope:
        latest = get_latest_version(scope, get_plan(scope, made.plan_id))
        talk = NewDiscussion(
            held_at=now(),
            held_by=made.practitioner.id,
            mode="in_person",
            language="en",
        )
        record_discussion(scope, plan_version_id=latest.id, wanted=talk)


def _resend(_machine: Machine, asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        resend_link(scope, consent_id=asked.id)


def _warn(machine: Machine, asked: MadeConsent) -> None:
    # Now and then one that is about nothing of the plan.
    subject = str(asked.made.device_id) if machine.random.random() < 0.7 else "rf"
    about = "device_kind" if subject == "rf" else "device"
    make_safety_notice(asked.made.clinic, about, subject)


def _incident(_machine: Machine, asked: MadeConsent) -> None:
    made = asked.made
    finding = Finding(HoldOrigin.INCIDENT, "The cheek swelled an hour after the treatment.")
    with made.clinic.scope(made.practitioner) as scope, suppress(ConsentMoved):
        pause_plan(scope, plan_id=made.plan_id, finding=finding)


STEPS: dict[str, Act] = {
    "ask": lambda machine, asked: ask(machine, asked.made),
    "open": _open,
    "identify": _identify,
    "prove": _prove,
    "accept": _accept,
    "answer": _answer,
    "read": _read,
    "understand": _understand,
    "answer_patient": _answer_patient,
    "sign": _sign,
    "attest": _attest,
    "withdraw": _withdraw,
    "decide": _decide,
    "change_plan": _change_plan,
    "discuss": _discuss,
    "resend": _resend,
    "warn": _warn,
    "incident": _incident,
}
