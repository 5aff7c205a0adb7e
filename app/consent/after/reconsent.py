"""Why a consent that is in force must be asked for again: the triggers, as data, and their tests.

Some reasons act in another place; the data name them all the same, so that nobody has to guess.
Each trigger of ``data/reconsent.yaml`` has a test here of the same name. A test returns the values
of its sentence where it is met, and None where not.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from app.catalogue.reading import read_content
from app.consent.after.after_incident import waits_for_talk
from app.consent.after.safety_models import About
from app.consent.after.safety_queries import list_notices
from app.consent.after.services.enter_safety_notice import subjects
from app.consent.forms import queries as form_queries
from app.consent.forms.models import FormVersion
from app.consent.models import Consent
from app.database import TenantScope
from app.kit.clock import day_in
from app.kit.in_words import date_in_words, day_in_words
from app.patients.queries import get_patient
from app.patients.reads_best import is_same_language
from app.patients.words import language_word
from app.plans.facts import catalogue_of
from app.plans.models import Plan, PlanVersion
from app.plans.queries import find_discussion, get_latest_version, get_plan, get_plan_version
from app.tenants.queries import get_device, get_location, list_qualifications
from app.tenants.words import profession_in_words

_DATA = Path(__file__).parent / "reconsent.yaml"
Values = Mapping[str, str]


@dataclass(frozen=True)
class Trigger:
    """One reason to ask again, with what it does and what it rests on.

    ``unsigned``: no form may be signed either that was asked for before. Where it is False the way
    to signing has a refusal of its own: of another plan, of another form, of a missing talk.
    """

    id: str
    act: Literal["stop", "tell"]
    sentence: str
    basis: Literal["law", "guidance", "clinic"]
    source: str
    confidence: str
    unsigned: bool = False


@dataclass(frozen=True)
class Elsewhere:
    """A reason to ask again that the gate, the questions at a visit, a date or the patient acts on.

    It stops where it acts, and needs no test here.
    """

    id: str
    by: Literal["gate", "questions", "date", "withdrawal", "age"]
    sentence: str
    basis: Literal["law", "guidance", "clinic"]
    source: str
    confidence: str


@dataclass(frozen=True)
class Met:
    """A trigger that is met, as a sentence for the clinic."""

    trigger: Trigger
    text: str

    @property
    def stops(self) -> bool:
        """Whether nothing may start before the patient has consented anew."""
        return self.trigger.act == "stop"


@dataclass(frozen=True)
class Triggers:
    """Every reason to ask again that comes with this release."""

    triggers: tuple[Trigger, ...]
    elsewhere: tuple[Elsewhere, ...]


@dataclass(frozen=True)
class _Then:
    """What was signed, and how the plan stands now."""

    scope: TenantScope
    consent: Consent
    form: FormVersion
    signed: PlanVersion
    now: PlanVersion
    plan: Plan


@cache
def shipped_reasons() -> Triggers:
    """Return the reasons that come with this release; raises ContentRefused."""
    raw = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return read_content(Triggers, raw, "reconsent")


def shipped_triggers() -> tuple[Trigger, ...]:
    """Return the reasons that a consent is tested for here."""
    return shipped_reasons().triggers


def reasons_to_ask_again(scope: TenantScope, consent: Consent) -> tuple[Met, ...]:
    """Return every trigger that a signed consent meets today, in the order of the data."""
    if consent.signed_at is None:
        return ()
    return _met(scope, consent, shipped_triggers())


def reasons_not_to_sign(scope: TenantScope, consent: Consent) -> tuple[Met, ...]:
    """Return the triggers that a form which nobody signed meets already."""
    return _met(scope, consent, tuple(one for one in shipped_triggers() if one.unsigned))


def _met(scope: TenantScope, consent: Consent, triggers: Sequence[Trigger]) -> tuple[Met, ...]:
    signed = get_plan_version(scope, consent.plan_version_id)
    plan = get_plan(scope, consent.plan_id)
    form = form_queries.get_form_version(scope, consent.form_version_id)
    then = _Then(scope, consent, form, signed, get_latest_version(scope, plan), plan)
    found = ((one, TESTS[one.id](then)) for one in triggers)
    return tuple(
        Met(one, one.sentence.format_map(values)) for one, values in found if values is not None
    )


def _form_material(then: _Then) -> Values | None:
    newer = form_queries.find_material_change(then.scope, then.form)
    if newer is None or newer.published_at is None:
        return None
    zone = get_location(then.scope, then.consent.location_id).zone
    return {"day": day_in_words(day_in(newer.published_at, zone))}


def _procedure_changed(then: _Then) -> Values | None:
    return {} if then.now.procedure_id != then.signed.procedure_id else None


def _indication_changed(then: _Then) -> Values | None:
    return {} if then.now.indication_id != then.signed.indication_id else None


def _device_class_changed(then: _Then) -> Values | None:
    if then.now.device_id == then.signed.device_id:
        return None
    kinds = {get_device(then.scope, one.device_id).kind for one in (then.now, then.signed)}
    return {} if len(kinds) > 1 else None


def _practitioner_type_changed(then: _Then) -> Values | None:
    """Another person of the same profession confirms the old consent; another profession does not.

    Who has no registration entered is of no profession, and may treat nobody.
    """
    if then.now.practitioner_id == then.signed.practitioner_id:
        return None
    wanted, had = (_professions(then.scope, one.practitioner_id) for one in (then.now, then.signed))
    if not wanted or not had or wanted & had:
        return None
    return {"what": ", ".join(sorted(profession_in_words(one) for one in wanted))}


def _professions(scope: TenantScope, staff_id: uuid.UUID) -> frozenset[str]:
    return frozenset(one.kind for one in list_qualifications(scope, staff_id))


def _add_on_added(then: _Then) -> Values | None:
    added = set(then.now.add_ons) - set(then.signed.add_ons)
    if not added:
        return None
    titles = {one.id: one.title for one in catalogue_of(then.scope, then.now).add_ons}
    return {"what": ", ".join(sorted(titles.get(one, one) for one in added))}


def _anaesthetic_changed(then: _Then) -> Values | None:
    changed = then.now.anaesthetic != then.signed.anaesthetic
    return {} if changed and then.now.anaesthetic != "none" else None


def _incident(then: _Then) -> Values | None:
    """Also what was signed in the very moment of an incident, on an older talk, is met."""
    since, signed_at = then.plan.talk_again_since, then.consent.signed_at
    if since is None or signed_at is None:
        return None
    talk = find_discussion(then.scope, then.signed.id)
    if signed_at > since and not waits_for_talk(then.plan, talk):
        return None
    zone = get_location(then.scope, then.consent.location_id).zone
    return {"day": date_in_words(day_in(since, zone))}


def _safety_notice(then: _Then) -> Values | None:
    """A consent is as old as the form that the patient was sent, not as its signature."""
    notices = [one for one in list_notices(then.scope) if one.ended_at is None]
    if not notices:
        return None
    used = {
        (About.DEVICE.value, str(then.signed.device_id)),
        (About.DEVICE_KIND.value, get_device(then.scope, then.signed.device_id).kind),
        (About.ANAESTHETIC.value, then.signed.anaesthetic),
        *((About.ADD_ON.value, one) for one in then.signed.add_ons),
    }
    zone = get_location(then.scope, then.consent.location_id).zone
    asked_at, asked_on = then.consent.created_at, day_in(then.consent.created_at, zone)
    for one in notices:
        if (one.about, one.subject) not in used:
            continue
        if asked_on < one.said_on or (asked_on == one.said_on and asked_at < one.entered_at):
            what = subjects(then.scope).get((one.about, one.subject), one.subject)
            day = date_in_words(one.said_on)
            return {"day": day, "what": what, "says": _as_sentence(one.says)}
    return None


def _as_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _language_changed(then: _Then) -> Values | None:
    return None if then.consent.is_other_language else _languages(then)


def _language_other(then: _Then) -> Values | None:
    return _languages(then) if then.consent.is_other_language else None


def _languages(then: _Then) -> Values | None:
    """Return the language that the patient reads best and the form's where they are two."""
    reads = get_patient(then.scope, then.consent.patient_id).language
    if is_same_language(reads, then.form.locale):
        return None
    return {"language": language_word(reads), "form_language": language_word(then.form.locale)}


TESTS: Mapping[str, Callable[[_Then], Values | None]] = {
    "form_material": _form_material,
    "procedure_changed": _procedure_changed,
    "indication_changed": _indication_changed,
    "device_class_changed": _device_class_changed,
    "practitioner_type_changed": _practitioner_type_changed,
    "add_on_added": _add_on_added,
    "anaesthetic_changed": _anaesthetic_changed,
    "language_changed": _language_changed,
    "language_other": _language_other,
    "incident": _incident,
    "safety_notice": _safety_notice,
}
