"""What the page of a visit shows, gathered from care, consent, money and people."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.care import queries, reading
from app.care.acute import acute_standing
from app.care.answer import Fix, MayStart, Reason
from app.care.defaults import UsualMeans, usual_means
from app.care.intended import Intended
from app.care.intervals import too_soon
from app.care.services.may_start import judge_start
from app.care.visit_ground import VisitGround, ground_of_visit
from app.catalogue.rules import Action
from app.consent.holds.standing_rules import to_confirm
from app.consent.queries import find_latest_answers, get_consent
from app.consent.screening.stored_answers import read_outcome
from app.database import TenantScope
from app.forms import Form
from app.kit.clock import day_in, now
from app.kit.in_words import day_in_words
from app.patients.queries import get_patient
from app.plans.facts import spots_of
from app.plans.models import VisitState
from app.plans.pages import treating_staff
from app.tenants.queries import get_device, get_staff, list_devices, list_usable_lots

OPEN = frozenset({VisitState.PLANNED, VisitState.ARRIVED})
# What the health answers mean, in words for a front desk: (word, kind of the tag).
HEALTH_WORDS = {
    Action.CLEAR: ("Nothing stands in the way", "good"),
    Action.WARN: ("The practitioner reads a note first", "good"),
    Action.SUBSTITUTE: ("The practitioner reads a note first", "good"),
    Action.EXCLUDE_AREA: ("The practitioner leaves a spot out", "good"),
    Action.REVIEW: ("A clinician looks at them first", "stop"),
    Action.DEFER: ("The treatment has to wait", "stop"),
    Action.BLOCK: ("The treatment is not possible", "stop"),
}
_FIX_WORDS = {
    Fix.RIGHTS: "Open rights and data",
    Fix.CONSENT: "Open the consent",
    Fix.ASK_HEALTH: "Ask the health questions",
    Fix.CHOOSE: "Choose again below",
    Fix.PLAN_VISIT: "Plan a visit",
    Fix.CHANGE_PLAN: "Open the plan",
    Fix.STAFF: "Choose again below",
    Fix.SETTINGS: "Open the settings",
}


@dataclass(frozen=True)
class Choice:
    """What is filled in on the page: typed, or the usual means of the visit."""

    means: UsualMeans
    areas: Mapping[str, int] | None


def choice_of(scope: TenantScope, visit_id: uuid.UUID, form: Form) -> Choice:
    """Return what was chosen on the page, filled up with what the visit and its plan say."""
    usual = usual_means(scope, visit_id)
    if not form.typed("chosen"):
        return Choice(usual, None)
    means = UsualMeans(
        form.key_of("practitioner_id", "Choose who treats."),
        form.key_of("device_id", "Choose the device."),
        form.text("lot", "Enter the lot of the cartridge, which stands on its box.", most=120),
    )
    depths = {
        name.removeprefix("depth_"): form.depth_um(
            name, "Enter millimetres like 0.5, or nothing to leave the area out."
        )
        for name in form.sent
        if name.startswith("depth_") and form.typed(name).strip()
    }
    return Choice(means, depths)


def visit_context(scope: TenantScope, visit_id: uuid.UUID, form: Form) -> dict[str, Any]:
    """Return everything that the page of a visit shows."""
    ground = ground_of_visit(scope, visit_id, at=now())
    treatment = queries.find_treatment_of_visit(scope, visit_id)
    return {
        "form": form,
        "visit": ground.visit,
        "patient": get_patient(scope, ground.visit.patient_id),
        "location": ground.location,
        "procedure": ground.catalogue.procedure[ground.version.procedure_id].title,
        "treats": get_staff(scope, ground.visit.practitioner_id).name,
        "is_open": ground.visit.state in OPEN,
        "health": _health(scope, ground),
        "to_confirm": _to_confirm(scope, ground),
        "may_stop": _may_stop(scope, ground),
        "sheets": queries.list_sheets_of_visit(scope, visit_id),
        "view": reading.view_treatment(scope, treatment) if treatment else None,
        "flags": _flags(scope, visit_id),
        "titles": {one.id: one.title for one in ground.catalogue.areas},
        "left_out": spots_of(scope, ground.version),
        "consent_id": ground.standing.consent_id,
        **(_answer(scope, ground, form) if ground.visit.state in OPEN else {"answer": None}),
    }


def _answer(scope: TenantScope, ground: VisitGround, form: Form) -> dict[str, Any]:
    visit_id = ground.visit.id
    choice = choice_of(scope, visit_id, form)
    if form.errors:
        # What cannot be read is not judged; the usual means are, beside what is wrong.
        choice = Choice(usual_means(scope, visit_id), None)
    means = choice.means
    intended = Intended(visit_id, means.practitioner_id, means.device_id, means.lot, choice.areas)
    answer, case = judge_start(scope, intended, at=ground.at)
    return {
        "answer": answer,
        "last_day": _last_day(answer, ground),
        "fixes": fixes_of(answer, ground),
        "intended": case.areas,
        "planned": ground.facts.areas,
        "means": means,
        "practitioners": _practitioners(scope, means),
        "devices": [
            {"value": str(one.id), "label": f"{one.model} ({one.serial})"}
            for one in list_devices(scope, ground.location.id)
        ],
        "device": get_device(scope, means.device_id),
        "lots": [one.lot for one in list_usable_lots(scope, means.device_id, on=ground.today)],
    }


def _last_day(answer: MayStart, ground: VisitGround) -> str | None:
    """Return the last day on which the consent still holds; its period ends before an instant."""
    if answer.until is None:
        return None
    return day_in_words(day_in(answer.until - timedelta(microseconds=1), ground.location.zone))


def _practitioners(scope: TenantScope, means: UsualMeans) -> list[dict[str, str]]:
    staff = {one.id: one.name for one in treating_staff(scope)}
    staff.setdefault(means.practitioner_id, get_staff(scope, means.practitioner_id).name)
    return [{"value": str(key), "label": name} for key, name in staff.items()]


def fixes_of(answer: MayStart, ground: VisitGround) -> list[dict[str, str]]:
    """Return each reason with the words and the path of the one act that fixes it."""
    return [
        {
            "text": reason.text,
            "next_step": reason.next_step,
            "act": _FIX_WORDS[reason.fix],
            "path": _path(reason, ground),
        }
        for reason in answer.reasons
    ]


def _path(reason: Reason, ground: VisitGround) -> str:
    plan = f"/plans/{ground.visit.plan_id}"
    visit = f"/visits/{ground.visit.id}"
    consent_id = ground.standing.consent_id
    return {
        Fix.RIGHTS: f"/patients/{ground.visit.patient_id}/rights",
        Fix.CONSENT: f"/consents/{consent_id}" if consent_id else plan,
        Fix.ASK_HEALTH: f"{visit}/questions",
        Fix.CHOOSE: "#choose",
        Fix.STAFF: "#choose",
        Fix.PLAN_VISIT: f"{plan}/visits/new",
        Fix.CHANGE_PLAN: f"{plan}/change",
        Fix.SETTINGS: "/settings",
    }[reason.fix]


def _health(scope: TenantScope, ground: VisitGround) -> dict[str, Any] | None:
    standing = acute_standing(scope, ground)
    if standing is None:
        return None
    word, kind = HEALTH_WORDS[standing.outcome.action]
    return {
        "asked_at": standing.check.made_at,
        "is_fresh": standing.is_fresh,
        "word": word,
        "kind": kind,
        "told": [one.clinician for one in standing.outcome.fired],
    }


def _may_stop(scope: TenantScope, ground: VisitGround) -> bool:
    """Return whether there is something at this visit that a clinician could decide about."""
    if not ground.standing.allowed:
        return False
    acute = acute_standing(scope, ground)
    return bool(too_soon(ground)) or (acute is not None and acute.outcome.is_held)


def _to_confirm(scope: TenantScope, ground: VisitGround) -> list[str]:
    """Return what the clinic's standing decisions ask the practitioner to confirm today."""
    consent_id = ground.standing.consent_id if ground.standing.allowed else None
    row = None if consent_id is None else find_latest_answers(scope, consent_id)
    if consent_id is None or row is None:
        return []
    return to_confirm(read_outcome(scope, get_consent(scope, consent_id), row))


def _flags(scope: TenantScope, visit_id: uuid.UUID) -> tuple[str, ...]:
    treatment = queries.find_treatment_of_visit(scope, visit_id)
    latest = queries.find_latest_completion(scope, treatment.id) if treatment else None
    if treatment is None or latest is None:
        return ()
    return tuple(one.text for one in reading.flags_for(scope, treatment, latest))
