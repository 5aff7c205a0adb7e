"""The aftercare sheet for one treatment: what to do on which day, and when to call whom.

Pure content; documents lay it out. The sheet is also given before a treatment, so that dates are
those of the planned day then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.catalogue.aftercare import AftercarePhase, HelpNumbers, advice_for
from app.catalogue.content import Catalogue
from app.catalogue.loader import find_jurisdiction
from app.kit.in_words import day_in_words


@dataclass(frozen=True)
class SheetSection:
    """A titled part of the sheet. ``level`` is normal, or how urgent a warning sign is."""

    id: str
    title: str
    text: str = ""
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
    level: str = "normal"


class PlaceUnknown(ValueError):
    """The catalogue knows nothing of this jurisdiction, so no help number can be printed."""


def aftercare_sheet(
    catalogue: Catalogue,
    *,
    areas: tuple[str, ...],
    energy: str,
    jurisdiction: str,
    treated_at: datetime,
    zone: str,
    clinic_contact: str,
    numbers: HelpNumbers | None = None,
) -> tuple[SheetSection, ...]:
    """Return the sheet's sections: warning signs first, then phases with dates, then extras.

    ``treated_at`` is an aware instant, told in the location's ``zone``. ``numbers`` replaces the
    help numbers of the jurisdiction's market. Raises PlaceUnknown.
    """
    known = [catalogue.area[name] for name in areas]
    groups = tuple(dict.fromkeys(group for area in known for group in area.aftercare))
    advice = advice_for(catalogue.aftercare, groups, energy)
    help_numbers = numbers or _numbers(catalogue, jurisdiction)
    heal_days = max((area.heal_days for area in known), default=0)
    start = treated_at.astimezone(ZoneInfo(zone))
    return (
        *_warnings(catalogue, help_numbers, clinic_contact),
        _healing(catalogue, areas, heal_days),
        *(_phase(phase, start) for phase in advice.phases),
        *(
            SheetSection(extra.group, extra.title, do=tuple(one.text for one in extra.items))
            for extra in advice.extras
        ),
    )


def _numbers(catalogue: Catalogue, jurisdiction: str) -> HelpNumbers:
    place = find_jurisdiction(catalogue, jurisdiction)
    if place is None:
        raise PlaceUnknown(f"The catalogue has no jurisdiction called '{jurisdiction}'.")
    return catalogue.aftercare.numbers[place.market]


def _warnings(catalogue: Catalogue, numbers: HelpNumbers, contact: str) -> tuple[SheetSection, ...]:
    emergency = f"Call {' or '.join(numbers.emergency)}. Do not wait for us."
    advice = "".join(f" For medical advice at any hour, call {one}." for one in numbers.advice)
    texts: Mapping[str, str] = {
        "emergency": emergency,
        "same_day": f"Reach us at {contact}.{advice}",
        "within_48h": f"Reach us at {contact}.",
        "routine": f"Reach us at {contact}.",
    }
    return tuple(
        SheetSection(
            id=flag.id,
            title=flag.title,
            text=texts[flag.level],
            do=tuple(sign.text for sign in flag.signs),
            level=flag.level,
        )
        for flag in catalogue.aftercare.red_flags
    )


def _healing(catalogue: Catalogue, areas: tuple[str, ...], heal_days: int) -> SheetSection:
    titles = ", ".join(catalogue.area[name].title for name in areas)
    text = (
        f"Treated: {titles}. The skin usually settles within about {heal_days} days. "
        "Redness and dryness are part of healing."
    )
    return SheetSection("healing", "How your skin heals", text)


def _phase(phase: AftercarePhase, start: datetime) -> SheetSection:
    first = day_in_words((start + timedelta(hours=phase.from_hours)).date())
    text = f"From {first} on."
    if phase.to_hours is not None:
        last = day_in_words((start + timedelta(hours=phase.to_hours)).date())
        text = f"From {first} to {last}."
    return SheetSection(
        id=phase.id,
        title=phase.title,
        text=text,
        do=tuple(one.text for one in phase.do),
        dont=tuple(one.text for one in phase.dont),
    )
