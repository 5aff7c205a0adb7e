"""May this person do this here, then? One answer, always with a reason that says what to enter.

Four things decide: what the person works here as and where, the qualification with the scope that
was entered for the location, the policies of the place on that day, and the premises themselves.
Days are the location's.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from app.auth.permissions import ROLE_WORDS, Permission, may
from app.database import TenantScope
from app.kit.clock import day_in, now
from app.policies.definitions import names_any
from app.policies.holding import PlacePolicies
from app.policies.queries import get_policies
from app.tenants import queries
from app.tenants.models import Location, Qualification, QualificationScope, StaffMember


@dataclass(frozen=True)
class Answer:
    """Yes or no, why, and by which qualification. ``code`` is "" where it is a yes."""

    allowed: bool
    reason: str
    qualification_id: uuid.UUID | None = None
    code: str = ""


@dataclass(frozen=True)
class Work:
    """What is to be done: each area with its deepest needle in micrometres.

    ``energy`` is none or radiofrequency. ``device_kind`` None means that no device is chosen yet.
    """

    procedure_id: str
    areas: tuple[tuple[str, int], ...]
    prescribed_anaesthetic: bool = False
    energy: str = "none"
    device_kind: str | None = None
    is_intimate: bool = False
    injects_substance: bool = False

    @property
    def deepest_um(self) -> int:
        """The deepest needle of all areas."""
        return max((um for _, um in self.areas), default=0)


@dataclass(frozen=True)
class _Asked:
    """Everything that one question is judged by."""

    location: Location
    policies: PlacePolicies
    work: Work
    day: date
    attesting: bool = False


def may_perform(
    scope: TenantScope,
    *,
    staff_id: uuid.UUID,
    location_id: uuid.UUID,
    work: Work,
    at: datetime | None = None,
) -> Answer:
    """Decide for an instant, now unless told otherwise. No scope entered there means no."""
    asked = _ask(scope, location_id, work, at)
    return _decide(scope, staff_id, asked)


def may_attest(
    scope: TenantScope,
    *,
    staff_id: uuid.UUID,
    location_id: uuid.UUID,
    work: Work,
    at: datetime | None = None,
) -> Answer:
    """Decide who may confirm a consent: whoever may do the work and is entered as confirming."""
    asked = _ask(scope, location_id, work, at, attesting=True)
    return _decide(scope, staff_id, asked)


def person_may(
    scope: TenantScope,
    *,
    staff_id: uuid.UUID,
    location_id: uuid.UUID,
    work: Work,
    at: datetime | None = None,
) -> Answer:
    """Decide about the person alone, for those who ask about the premises by themselves."""
    return _person(scope, staff_id, _ask(scope, location_id, work, at))


def specified_because(policies: PlacePolicies, work: Work) -> str:
    """Return why the place counts this as a specified procedure, or "".

    Scotland: asp 13 of 2026, sch 1 (L1). A place without a depth has no such class.
    """
    depth_um = policies.number("specified_depth_um")
    if not depth_um:
        return ""
    reasons = (
        (work.deepest_um >= depth_um, f"the needles go {depth_um / 1000:g} mm deep or deeper"),
        (work.energy == "radiofrequency", "radiofrequency is used"),
        (work.prescribed_anaesthetic, "the anaesthetic is a prescription medicine"),
        (work.is_intimate, "an intimate area is treated"),
        (work.injects_substance, "a substance is injected"),
    )
    return next((why for holds, why in reasons if holds), "")


def premises_refusal(location: Location, policies: PlacePolicies, work: Work) -> str:
    """Return why this may not be done in these premises on the policies' day, or ""."""
    if location.closed_from is not None and location.is_closed_on(policies.day):
        return f"{location.name} is closed from {_day(location.closed_from)} on."
    why = specified_because(policies, work)
    kinds = policies.words("permitted_premises")
    if why and kinds:
        fits = names_any(location.premises_kind, kinds) and location.premises_registration
        if not fits:
            return (
                f"{location.name} is not entered as premises where this may be done: {why}."
                f" {policies.holding('permitted_premises').quote()}"
            )
    elif not policies.holding("licence_required").value:
        return ""
    elif not location.premises_registration:
        quoted = policies.holding("licence_required").quote()
        return f"No licence is entered for {location.name}. {quoted}"
    ends = location.premises_registered_until
    if ends is not None and ends < policies.day:
        return f"The registration of {location.name} ended on {_day(ends)}. Enter its new last day."
    return ""


def _ask(
    scope: TenantScope,
    location_id: uuid.UUID,
    work: Work,
    at: datetime | None,
    *,
    attesting: bool = False,
) -> _Asked:
    location = queries.get_location(scope, location_id)
    day = day_in(at or now(), location.zone)
    return _Asked(location, get_policies(scope, location, on=day), work, day, attesting)


def _decide(scope: TenantScope, staff_id: uuid.UUID, asked: _Asked) -> Answer:
    answer = _person(scope, staff_id, asked)
    if answer.allowed:
        refusal = premises_refusal(asked.location, asked.policies, asked.work)
        if refusal:
            return Answer(False, refusal, code="premises")
    return answer


def _person(scope: TenantScope, staff_id: uuid.UUID, asked: _Asked) -> Answer:
    member = queries.get_staff(scope, staff_id)
    if member.disabled_at is not None:
        return Answer(False, f"{member.name} no longer works here.", code="disabled")
    if not may(member.role, Permission.TREATMENT_START):
        text = f"{member.name} works here as {ROLE_WORDS[member.role]}, which does not treat."
        return Answer(False, f"{text} An owner can change that under Staff.", code="role")
    places = queries.list_places_of_staff(scope, staff_id)
    if places and asked.location.id not in places:
        text = f"{member.name} does not work at {asked.location.name}."
        return Answer(False, f"{text} An owner can change that under Staff.", code="elsewhere")
    entered = queries.list_scopes_of_staff(
        scope, staff_id, location_id=asked.location.id, procedure_id=asked.work.procedure_id
    )
    if not entered:
        return _nothing_entered(member, asked)
    refusals: list[tuple[str, str]] = []
    for held, allowed in entered:
        refusal = next(_refusals(held, allowed, asked), None)
        if refusal is None:
            return Answer(True, f"{held.body} {held.registration_number}", held.id)
        refusals.append(refusal)
    code, text = refusals[0]
    return Answer(False, f"{member.name}: {text}", code=code)


def _nothing_entered(member: StaffMember, asked: _Asked) -> Answer:
    text = (
        f"No qualification of {member.name} is entered for this procedure at"
        f" {asked.location.name}. An owner can enter it under Staff: the registration, this"
        f" location, this procedure, and a depth of at least {_mm(asked.work.deepest_um)}."
    )
    return Answer(False, text, code="no_scope")


def _refusals(
    held: Qualification, allowed: QualificationScope, asked: _Asked
) -> Iterator[tuple[str, str]]:
    yield from _refused_by_paper(held, asked)
    yield from _refused_by_scope(allowed, asked)
    yield from _refused_by_place(held, asked)


def _refused_by_paper(held: Qualification, asked: _Asked) -> Iterator[tuple[str, str]]:
    if held.expires_on < asked.day:
        text = f"the registration with {held.body} ended on {_day(held.expires_on)}."
        yield "expired", f"{text} Enter the new one once it is renewed."
    if held.insurance_expires_on is not None and held.insurance_expires_on < asked.day:
        text = f"the insurance ended on {_day(held.insurance_expires_on)}."
        yield "insurance", f"{text} Enter the new last day."
    elif not held.insurance and asked.policies.holding("insurance_required").value:
        quoted = asked.policies.holding("insurance_required").quote()
        yield "insurance", f"no insurance is entered. {quoted}"
    if held.verified_at is None and asked.policies.holding("verification_required").value:
        quoted = asked.policies.holding("verification_required").quote()
        yield (
            "unverified",
            f"nobody else has checked the registration with {held.body} yet. An owner or the"
            f" medical lead does so under Staff. {quoted}",
        )


def _refused_by_scope(allowed: QualificationScope, asked: _Asked) -> Iterator[tuple[str, str]]:
    work = asked.work
    if asked.attesting and not allowed.attests:
        yield "attests", "confirming consents is not covered here. It can be entered under Staff."
    if work.prescribed_anaesthetic and not allowed.prescribed_anaesthetic:
        yield "anaesthetic", "a prescribed anaesthetic is not covered here."
    if work.energy != allowed.energy:
        yield "energy", f"{work.energy.replace('none', 'needling without energy')} is not covered."
    kinds = allowed.device_kinds
    if work.device_kind is not None and kinds is not None and work.device_kind not in kinds:
        yield "device", f"a device of the kind {work.device_kind} is not covered here."
    for area, depth_um in work.areas:
        if allowed.areas is not None and area not in allowed.areas:
            yield "area", f"the area {area.replace('_', ' ')} is not covered here."
        if depth_um > allowed.max_depth_um:
            yield (
                "depth",
                f"{_mm(depth_um)} is deeper than the {_mm(allowed.max_depth_um)} that are covered"
                " here.",
            )


def _refused_by_place(held: Qualification, asked: _Asked) -> Iterator[tuple[str, str]]:
    rules = ["performed_by"]
    why = specified_because(asked.policies, asked.work)
    if why:
        rules.append("specified_by")
    for name in rules:
        professions = asked.policies.words(name)
        if professions and not names_any(held.kind, professions):
            told = f" This is a specified procedure: {why}." if name == "specified_by" else ""
            quoted = asked.policies.holding(name).quote()
            yield "profession", f"“{held.kind}” may not do this.{told} {quoted}"


def _mm(depth_um: int) -> str:
    return f"{depth_um / 1000:g} mm"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
