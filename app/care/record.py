"""What is recorded of a treatment once it is done, and what stands out in it.

Nothing here is ever refused for a clinical reason: an expired lot or a deeper needle is written
down as it was, marked, and told to the owner.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from app.care.models import TreatmentArea, TreatmentCompletion
from app.database import TenantScope
from app.kit.in_words import day_in_words
from app.tenants.models import CartridgeLot
from app.vault import decrypt_field


@dataclass(frozen=True)
class DoneArea:
    """One area as it was treated; the depth in µm."""

    area: str
    depth_um: int
    passes: int


@dataclass(frozen=True)
class Topical:
    """A product that was put on the needled skin."""

    name: str
    lot: str
    sterile: bool
    labelled_for_intradermal_use: bool


@dataclass(frozen=True)
class ClinicalNote:
    """What only clinicians read; kept encrypted. ``anaesthetic`` holds what was used to numb."""

    note: str | None = None
    needle_count: int | None = None
    endpoint: str | None = None
    adverse_events: str | None = None
    anaesthetic: Mapping[str, Any] | None = None

    def as_json(self) -> str | None:
        """Return the note as the text to encrypt, or None where nothing was written."""
        said = {name: value for name, value in vars(self).items() if value not in (None, "")}
        return json.dumps(said, ensure_ascii=False, sort_keys=True) if said else None


@dataclass(frozen=True)
class Done:
    """Everything that is recorded at the end of a treatment."""

    device_model: str
    device_serial: str
    lot: str
    lot_expires_on: date
    areas: tuple[DoneArea, ...]
    topicals: tuple[Topical, ...] = ()
    note: ClinicalNote = ClinicalNote()


@dataclass(frozen=True)
class Flag:
    """Something in a record that a clinician should see, as a sentence."""

    code: str
    text: str


def areas_as_rows(
    areas: Sequence[DoneArea], started: Sequence[TreatmentArea]
) -> list[dict[str, Any]]:
    """Return areas ready to store, each beside the depth that was granted for it, if any."""
    granted = {one.area: one.granted_um for one in started}
    return [
        {**asdict(one), "granted_um": granted.get(one.area), "beyond": _is_beyond(one, granted)}
        for one in areas
    ]


def _is_beyond(one: DoneArea, granted: Mapping[str, int]) -> bool:
    return one.area not in granted or one.depth_um > granted[one.area]


def topicals_as_rows(topicals: Sequence[Topical]) -> list[dict[str, Any]]:
    """Return topicals ready to store."""
    return [asdict(one) for one in topicals]


def read_note(
    scope: TenantScope, completion: TreatmentCompletion, patient_id: uuid.UUID
) -> ClinicalNote:
    """Return what clinicians wrote about a treatment; raises NotReadable."""
    if completion.note_cipher is None:
        return ClinicalNote()
    text = decrypt_field(
        scope,
        patient_id=patient_id,
        place="treatment_completion.note",
        row_id=completion.id,
        cipher=completion.note_cipher,
    )
    return ClinicalNote(**json.loads(text))


def flags_of(
    completion: TreatmentCompletion,
    *,
    treated_on: date,
    lot: CartridgeLot | None,
    titles: Mapping[str, str],
) -> tuple[Flag, ...]:
    """Return what stands out in a record.

    ``treated_on`` is the day at the location, ``lot`` the clinic's own entry of the lot, if it has
    one, and ``titles`` the names of areas.
    """
    return (
        *_area_flags(completion.areas, titles),
        *_lot_flags(completion, treated_on, lot),
        *_topical_flags(completion.topicals),
    )


def _area_flags(areas: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> Iterator[Flag]:
    for one in areas:
        title = titles.get(one["area"], one["area"].replace("_", " "))
        done, granted = one["depth_um"] / 1000, one["granted_um"]
        if granted is None:
            yield Flag("other_area", f"{title}: treated, but not part of what was started.")
        elif one["beyond"]:
            text = f"{title}: {done:g} mm, deeper than the {granted / 1000:g} mm agreed to."
            yield Flag("deeper", text)


def _lot_flags(
    completion: TreatmentCompletion, treated_on: date, lot: CartridgeLot | None
) -> Iterator[Flag]:
    if completion.lot_expires_on < treated_on:
        day = day_in_words(completion.lot_expires_on)
        yield Flag("lot_expired", f"Lot {completion.lot} could be used until {day}.")
    if lot is None:
        yield Flag("lot_unknown", f"Lot {completion.lot} is not in the clinic's own list.")
    elif lot.recalled_at is not None:
        yield Flag("lot_recalled", f"Lot {completion.lot} was recalled.")


def _topical_flags(topicals: Sequence[Mapping[str, Any]]) -> Iterator[Flag]:
    for one in topicals:
        if not one["sterile"] or not one["labelled_for_intradermal_use"]:
            yield Flag(
                "topical",
                f"{one['name']} is not sterile and labelled for use in the skin: tell the patient"
                " to report lumps, also months later.",
            )
