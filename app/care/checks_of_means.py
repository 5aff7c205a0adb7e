"""The checks of who and with what: practitioner, premises, device and cartridges."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.care.answer import Fix, Reason, Topic
from app.care.intended import Case
from app.catalogue.facts import specified_reasons
from app.consent.assembly import day_in_words
from app.database import TenantScope
from app.kit.clock import day_in
from app.plans.facts import labels_of
from app.plans.models import Anaesthetic
from app.tenants.may_perform import Work, may_perform
from app.tenants.models import Device

# Scotland's asp 13 of 2026, section 4 (L1): where a specified procedure may be done.
PERMITTED_PREMISES = (
    "independent clinic",
    "independent hospital",
    "gp practice",
    "medical practice",
    "dental practice",
    "pharmacy",
)


def check_practitioner(scope: TenantScope, case: Case) -> Iterator[Reason]:
    """The practitioner works here and may do this, this deep, on the day it is at the location."""
    work = Work(
        procedure_id=case.ground.version.procedure_id,
        areas=tuple(case.areas.items()),
        prescribed_anaesthetic=case.ground.version.anaesthetic == Anaesthetic.PRESCRIPTION,
    )
    answer = may_perform(
        scope, staff_id=case.practitioner.id, location_id=case.ground.location.id, work=work
    )
    if not answer.allowed:
        yield Reason(
            "practitioner_may_not",
            Topic.PRACTITIONER,
            answer.reason,
            "Choose another practitioner, or an owner enters what is missing under Settings.",
            Fix.STAFF,
        )


def check_premises(case: Case) -> Iterator[Reason]:
    """The place may do this kind of procedure, and it is the place that was agreed."""
    ground = case.ground
    facts = replace(ground.facts, areas=case.areas)
    known = all(area in ground.catalogue.area for area in case.areas)
    why = specified_reasons(ground.catalogue, facts, ground.today) if known else ()
    place = ground.location
    kind = place.premises_kind.casefold()
    if why and not (place.premises_registration and any(one in kind for one in PERMITTED_PREMISES)):
        yield Reason(
            "premises_not_permitted",
            Topic.PREMISES,
            f"{place.name} is not entered as premises where this may be done: {why[0]}.",
            "An owner checks the kind of premises and its registration under Settings.",
            Fix.SETTINGS,
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
