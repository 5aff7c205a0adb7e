"""The checks of who and with what: practitioner, premises, device and cartridges."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.care.answer import Fix, Reason, Topic
from app.care.intended import Case
from app.database import TenantScope
from app.kit.clock import day_in
from app.kit.in_words import day_in_words
from app.plans.facts import labels_of
from app.policies.may_perform import Work, person_may, premises_refusal
from app.policies.patient_rules import age_refusal
from app.policies.planned_work import planned_work
from app.policies.queries import get_policies
from app.tenants.models import Device


def check_practitioner(scope: TenantScope, case: Case) -> Iterator[Reason]:
    """The practitioner works here and may do this, this deep, on the day it is at the location."""
    answer = person_may(
        scope,
        staff_id=case.practitioner.id,
        location_id=case.ground.location.id,
        work=_work(case),
        at=case.ground.at,
    )
    if not answer.allowed:
        yield Reason(
            "practitioner_may_not",
            Topic.PRACTITIONER,
            answer.reason,
            "Choose another practitioner, or an owner enters what is missing under Settings.",
            Fix.STAFF,
        )


def check_confirmed(case: Case) -> Iterator[Reason]:
    """Whoever treats was planned for it, or has confirmed the consent in their own name.

    A change of practitioner needs a new attestation and no new signature of the patient.
    """
    standing = case.ground.standing
    if standing.allowed and case.practitioner.id not in standing.confirmed_for:
        name = case.practitioner.name
        yield Reason(
            "not_confirmed_by",
            Topic.PRACTITIONER,
            f"{name} has not confirmed this consent.",
            f"{name} talks with the patient, reads the consent and confirms it; or whoever"
            " confirmed it treats.",
            Fix.CONSENT,
        )


def _work(case: Case) -> Work:
    """What is intended counts, with the device in hand, not what was planned."""
    work = planned_work(case.ground.version.procedure_id, case.ground.facts, case.areas)
    return replace(work, device_kind=case.device.kind)


def check_premises(scope: TenantScope, case: Case) -> Iterator[Reason]:
    """The place may do this kind of procedure on the day it is there."""
    place = case.ground.location
    policies = get_policies(scope, place, on=case.ground.today)
    refusal = premises_refusal(place, policies, _work(case))
    if refusal:
        yield Reason(
            "premises_not_permitted",
            Topic.PREMISES,
            refusal,
            "An owner checks the kind of premises and its registration under Settings.",
            Fix.SETTINGS,
        )


def check_age(scope: TenantScope, case: Case) -> Iterator[Reason]:
    """The patient is old enough on the day it is at the location."""
    ground = case.ground
    held = get_policies(scope, ground.location, on=ground.today).holding("min_age")
    refusal = age_refusal(held, ground.facts.date_of_birth, ground.today)
    if refusal:
        yield Reason(
            "too_young",
            Topic.PREMISES,
            refusal,
            "Explain it to the patient, and plan the visit for a day on which it is allowed.",
            Fix.PLAN_VISIT,
        )


def check_device(case: Case) -> Iterator[Reason]:
    """The device is in use here, of the kind that was agreed, and not beyond its own label."""
    device, planned = case.device, case.planned_device
    if device.retired_at is not None:
        yield _choose("device_retired", f"{_name(device)} is no longer in use.")
    if device.location_id != case.ground.location.id:
        text = f"{_name(device)} belongs to another location than this visit."
        yield _choose("device_elsewhere", text)
    if device.kind != planned.kind:
        text = f"The patient agreed to a {planned.kind}; {_name(device)} is a {device.kind}."
        yield _choose("device_of_other_kind", text)
    market = case.ground.location.market
    for area in _beyond_label(device, market, case.areas):
        told = _beyond_label(planned, market, {area: case.areas[area]})
        if device.model != planned.model and not told:
            yield _choose(
                "device_label",
                f"{case.ground.title_of(area)}: this is deeper than the label of {_name(device)}"
                " allows, and the patient was not told so.",
            )


def _beyond_label(device: Device, market: str, areas: Mapping[str, int]) -> tuple[str, ...]:
    caps = [one.cap_um for one in labels_of(device) if one.market == market and one.cap_um]
    return tuple(area for area, um in areas.items() if caps and um > min(caps))


def _name(device: Device) -> str:
    return f"{device.model} ({device.serial})"


def _choose(code: str, text: str) -> Reason:
    return Reason(
        code, Topic.DEVICE, text, "Choose a device that stands at this location.", Fix.CHOOSE
    )


def check_lot(case: Case) -> Iterator[Reason]:
    """The cartridges are known, not recalled, and today is not after their last day."""
    lot, today = case.lot, case.ground.today
    if not case.lot_text:
        yield _other_lot("lot_missing", "No cartridge lot is given.")
    elif lot is None:
        yield _other_lot(
            "lot_unknown", f"Lot {case.lot_text} is not entered for {case.device.model}."
        )
    else:
        if lot.recalled_at is not None:
            day = day_in_words(day_in(lot.recalled_at, case.ground.location.zone))
            yield _other_lot("lot_recalled", f"Lot {lot.lot} was recalled on {day}.")
        if lot.expires_on < today:
            day = day_in_words(lot.expires_on)
            yield _other_lot("lot_expired", f"Lot {lot.lot} could be used until {day}.")


def _other_lot(code: str, text: str) -> Reason:
    return Reason(
        code,
        Topic.LOT,
        text,
        "Take a cartridge of another lot, or enter the one that you have under Settings.",
        Fix.CHOOSE,
    )
