"""The form on which a treatment is recorded: filled from what was started, read back as a value."""

import uuid
from datetime import date

from app.care import queries
from app.care.errors import RecordNotPossible
from app.care.models import Treatment, TreatmentCompletion
from app.care.record import ClinicalNote, Done, DoneArea, Topical, read_note
from app.consent.holds.decided import ground_as_decided
from app.consent.queries import get_consent
from app.database import TenantScope
from app.forms import Form
from app.plans.models import Anaesthetic
from app.tenants.queries import get_device

TOPICAL_ROWS = 2


def first_form(scope: TenantScope, treatment: Treatment) -> Form:
    """Return the form filled with what was started, or with the record that is to be corrected."""
    latest = queries.find_latest_completion(scope, treatment.id)
    sent = _from_record(scope, treatment, latest) if latest else _from_start(scope, treatment)
    return Form({"after_number": str(latest.number if latest else 0), **sent})


def _from_start(scope: TenantScope, treatment: Treatment) -> dict[str, str]:
    device = get_device(scope, treatment.device_id)
    lot = queries.get_lot_of(scope, treatment)
    areas = queries.list_treatment_areas(scope, treatment.id)
    # As decided: where a clinician left the cream out, the form does not propose it.
    consent = get_consent(scope, treatment.consent_id)
    numbed = ground_as_decided(scope, consent).facts.anaesthetic
    return {
        "device_model": device.model,
        "device_serial": device.serial,
        "lot": lot.lot,
        **_day_fields("expires", lot.expires_on),
        **{
            name: value
            for one in areas
            # How many passes were made is nowhere planned, so that nobody finds a number there.
            for name, value in _area_fields(one.area, one.depth_um, "").items()
        },
        "anaesthetic_class": "" if numbed == Anaesthetic.NONE else numbed,
    }


def _day_fields(name: str, day: date) -> dict[str, str]:
    return {f"{name}_{part}": str(getattr(day, part)) for part in ("day", "month", "year")}


def _area_fields(area: str, depth_um: int, passes: object) -> dict[str, str]:
    return {f"depth_{area}": f"{depth_um / 1000:g}", f"passes_{area}": str(passes)}


def _from_record(
    scope: TenantScope, treatment: Treatment, latest: TreatmentCompletion
) -> dict[str, str]:
    note = read_note(scope, latest, treatment.patient_id)
    numbed = note.anaesthetic or {}
    sent = {
        "device_model": latest.device_model,
        "device_serial": latest.device_serial,
        "lot": latest.lot,
        **_day_fields("expires", latest.lot_expires_on),
        "note": note.note or "",
        "endpoint": note.endpoint or "",
        "adverse_events": note.adverse_events or "",
        "needle_count": str(note.needle_count or ""),
        "anaesthetic_name": str(numbed.get("name") or ""),
        "anaesthetic_class": str(numbed.get("legal_class") or ""),
        "anaesthetic_minutes": str(numbed.get("minutes") or ""),
    }
    for one in latest.areas:
        sent |= _area_fields(one["area"], one["depth_um"], one["passes"])
    for number, topical in enumerate(latest.topicals[:TOPICAL_ROWS], start=1):
        sent |= {f"topical_{number}_name": topical["name"], f"topical_{number}_lot": topical["lot"]}
        sent |= {f"topical_{number}_sterile": "yes"} if topical["sterile"] else {}
        if topical["labelled_for_intradermal_use"]:
            sent[f"topical_{number}_labelled"] = "yes"
    return sent


def read_done(form: Form) -> Done:
    """Return what was typed; raises Invalid through the form where it cannot be read."""
    done = Done(
        device_model=form.text("device_model", "Enter the device.", most=120),
        device_serial=form.text("device_serial", "Enter its serial number.", most=120),
        lot=form.text("lot", "Enter the lot of the cartridge.", most=120),
        lot_expires_on=form.day("expires", "Enter the last day on the box, like 31 1 2028."),
        areas=tuple(_areas(form)),
        topicals=tuple(_topicals(form)),
        note=ClinicalNote(
            note=form.optional("note", most=4000),
            needle_count=_optional_whole(form, "needle_count", 200),
            endpoint=form.optional("endpoint", most=400),
            adverse_events=form.optional("adverse_events", most=4000),
            anaesthetic=_anaesthetic(form),
        ),
    )
    form.check()
    return done


def _areas(form: Form) -> list[DoneArea]:
    found = []
    names = [name.removeprefix("depth_") for name in form.sent if name.startswith("depth_")]
    if form.typed("other_area"):
        names.append("other")
    for name in names:
        if not form.typed(f"depth_{name}").strip():
            continue
        area = form.typed("other_area") if name == "other" else name
        if not area:
            form.fail("other_area", "Say which place this depth is for.")
        depth = form.depth_um(f"depth_{name}", "Enter millimetres like 0.5.")
        passes = form.whole(f"passes_{name}", "Enter how many passes, 0 to 100.", low=0, high=100)
        found.append(DoneArea(area, depth, passes))
    if not found:
        form.fail("", "Say where the patient was treated, and how deep.")
    return list(dict.fromkeys(found))


def _topicals(form: Form) -> list[Topical]:
    return [
        Topical(
            name=form.text(f"topical_{number}_name", "Enter the product.", most=120),
            lot=form.optional(f"topical_{number}_lot", most=120) or "",
            sterile="yes" in form.chosen(f"topical_{number}_sterile"),
            labelled_for_intradermal_use="yes" in form.chosen(f"topical_{number}_labelled"),
        )
        for number in range(1, TOPICAL_ROWS + 1)
        if form.typed(f"topical_{number}_name").strip()
    ]


def _anaesthetic(form: Form) -> dict[str, object] | None:
    kinds = ("otc", "pharmacy", "prescription")
    if not form.typed("anaesthetic_class") and not form.typed("anaesthetic_name").strip():
        return None
    return {
        "name": form.text("anaesthetic_name", "Enter what was used, or choose None.", most=120),
        "legal_class": form.choice("anaesthetic_class", kinds, "Choose what kind it is."),
        "minutes": _optional_whole(form, "anaesthetic_minutes", 600),
    }


def _optional_whole(form: Form, name: str, high: int) -> int | None:
    if not form.typed(name).strip():
        return None
    return form.whole(name, f"Enter a number up to {high}.", low=0, high=high)


def after_number(form: Form) -> int:
    """Return the number of the record that the writer has read."""
    typed = form.typed("after_number")
    if not typed.isdigit():
        raise RecordNotPossible("Open the record again.", fields={"after_number": "missing"})
    return int(typed)


def started_ids(scope: TenantScope, treatment_id: uuid.UUID) -> tuple[str, ...]:
    """Return the ids of the areas with which a treatment was started."""
    return tuple(one.area for one in queries.list_treatment_areas(scope, treatment_id))
