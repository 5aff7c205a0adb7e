"""Gathers from plan, clinic and people what the form says about one consent."""

import uuid
from dataclasses import dataclass, replace
from datetime import date

from app.catalogue.answers import add_months
from app.catalogue.content import Catalogue
from app.catalogue.facts import PlanFacts
from app.catalogue.overlay import told_in
from app.consent.after.lasting import months_of
from app.consent.forms.assembly import assemble
from app.consent.forms.content import form_from_json
from app.consent.forms.models import FormVersion
from app.consent.forms.risk_blocks import PersonalRisk
from app.consent.forms.shown import AssembledForm
from app.consent.forms.values import ConsentFacts
from app.database import TenantScope
from app.kit.clock import day_in, today_in
from app.kit.speech import say, speaking, spoken
from app.patients.queries import get_patient
from app.plans.facts import catalogue_of, facts_of, spots_of, what_matters
from app.plans.models import Discussion, PlanVersion, VisitState
from app.plans.queries import find_discussion, get_plan, list_visits_of_plan
from app.policies.may_perform import Work, may_perform
from app.policies.planned_work import planned_work
from app.tenants.models import Location, Qualification, Role, StaffMember
from app.tenants.queries import (
    get_clinic,
    get_location,
    get_staff,
    list_owners,
    list_qualifications,
    list_staff,
)
from app.tenants.words import profession_in_words


@dataclass(frozen=True)
class Ground:
    """What a consent stands on: the plan version with its catalogue, place and days."""

    version: PlanVersion
    catalogue: Catalogue
    facts: PlanFacts
    location: Location
    discussion: Discussion | None
    visit_date: date
    today: date

    @property
    def told(self) -> Catalogue:
        """The catalogue in the language spoken now; raises LanguageMissing."""
        return told_in(self.catalogue, spoken())


def ground_of(scope: TenantScope, version: PlanVersion) -> Ground:
    """Return what a consent to this plan version stands on; days are the location's."""
    plan = get_plan(scope, version.plan_id)
    location = get_location(scope, plan.location_id)
    return Ground(
        version=version,
        catalogue=catalogue_of(scope, version),
        facts=facts_of(scope, version),
        location=location,
        discussion=find_discussion(scope, version.id),
        visit_date=next_visit_date(scope, plan.id, location.zone),
        today=today_in(location.zone),
    )


def next_visit_date(scope: TenantScope, plan_id: uuid.UUID, zone: str) -> date:
    """Return the day of the next planned visit, or today where none is planned."""
    today = today_in(zone)
    days = (
        day_in(visit.planned_at, zone)
        for visit in list_visits_of_plan(scope, plan_id)
        if visit.state in (VisitState.PLANNED, VisitState.ARRIVED)
    )
    return min((day for day in days if day >= today), default=today)


def work_of(version: PlanVersion, facts: PlanFacts) -> Work:
    """Return what is to be done, as qualifications are asked about it."""
    return planned_work(version.procedure_id, facts)


def assemble_for(
    scope: TenantScope,
    form: FormVersion,
    ground: Ground,
    personal_risks: tuple[PersonalRisk, ...] = (),
) -> AssembledForm:
    """Return the form as this patient reads it, in the form's language."""
    content = form_from_json(form.content)
    with speaking(content.locale, whole=True):
        facts = _consent_facts(scope, ground, personal_risks)
    months = months_of(scope, form.purpose, ground.location, signed_on=ground.today)
    ends = add_months(ground.today, months) if months else None
    return assemble(content, ground.catalogue, replace(facts, expires_on=ends))


def _consent_facts(
    scope: TenantScope, ground: Ground, personal_risks: tuple[PersonalRisk, ...]
) -> ConsentFacts:
    version, location, discussion = ground.version, ground.location, ground.discussion
    practitioner = get_staff(scope, version.practitioner_id)
    qualification = qualification_for(scope, practitioner.id, ground)
    return ConsentFacts(
        plan=ground.facts,
        visit_date=ground.visit_date,
        patient_name=get_patient(scope, version.patient_id).name,
        clinic_name=get_clinic(scope).legal_name,
        clinic_contact=location.emergency_contact,
        location_name=location.name,
        location_address=location.address,
        practitioner_name=practitioner.name,
        practitioner_qualification=qualification_in_words(qualification),
        practitioner_registration=registration_in_words(qualification),
        responsible_name=responsible_person(scope).name,
        sessions=version.sessions,
        interval_days=version.interval_days,
        price_minor=version.price_minor,
        currency=version.currency,
        price_terms=version.price_terms,
        anaesthetic_name=version.anaesthetic_name,
        left_out=tuple((spot.area, spot.what) for spot in spots_of(scope, version)),
        what_matters=what_matters(scope, version),
        discussed_on=None if discussion is None else day_in(discussion.held_at, location.zone),
        personal_risks=personal_risks,
    )


def qualification_for(
    scope: TenantScope, staff_id: uuid.UUID, ground: Ground
) -> Qualification | None:
    """Return the qualification by which somebody may do this, or their longest valid one."""
    held = {one.id: one for one in list_qualifications(scope, staff_id)}
    answer = may_perform(
        scope,
        staff_id=staff_id,
        location_id=ground.location.id,
        work=work_of(ground.version, ground.facts),
    )
    if answer.qualification_id is not None:
        return held[answer.qualification_id]
    return next(iter(held.values()), None)


def qualification_in_words(one: Qualification | None) -> str:
    """Return a profession for people, such as "nurse, prescriber"."""
    if one is None:
        return say("qualification not entered yet")
    kind = profession_in_words(one.kind)
    if one.is_prescriber and "prescriber" not in one.kind:
        return say("%(profession)s, prescriber", profession=kind)
    return kind


def registration_in_words(one: Qualification | None) -> str:
    """Return where somebody is registered, such as "NMC 00A0002"."""
    return say("not entered yet") if one is None else f"{one.body} {one.registration_number}"


def responsible_person(scope: TenantScope) -> StaffMember:
    """Return the clinic's medical lead, or an owner where it has none."""
    staff = list_staff(scope)
    leads = [one for one in staff if one.role == Role.MEDICAL_LEAD and one.disabled_at is None]
    return (leads or list(list_owners(scope)))[0]


def is_latest(scope: TenantScope, version: PlanVersion) -> bool:
    """Return whether nobody has changed the plan since this version."""
    return get_plan(scope, version.plan_id).latest_number == version.number
