"""The aftercare sheet for one treatment: what to do on which day, and when to call whom.

Pure content in the language spoken; documents lay it out. The sheet is also given before a
treatment, so that dates are those of the planned day then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.catalogue.aftercare import AftercarePhase, HelpNumbers, advice_for
from app.catalogue.content import Catalogue
from app.catalogue.loader import find_jurisdiction
from app.kit.in_words import day_in_words
from app.kit.speech import isolated, say


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
    reach = say("Reach us at %(contact)s.", contact=contact)
    advice = (
        say("For medical advice at any hour, call %(number)s.", number=one)
        for one in numbers.advice
    )
    texts: Mapping[str, str] = {
        "emergency": in_an_emergency(numbers),
        "same_day": " ".join((reach, *advice)),
        "within_48h": reach,
        "routine": reach,
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


def in_an_emergency(numbers: HelpNumbers) -> str:
    """Return whom to call when it cannot wait: "Call 999 or 112. Do not wait for us."."""
    told = say(" or ").join(str(isolated(one)) for one in numbers.emergency)
    return say("Call %(numbers)s. Do not wait for us.", numbers=told)


def _healing(catalogue: Catalogue, areas: tuple[str, ...], heal_days: int) -> SheetSection:
    text = say(
        "Treated: %(areas)s. The skin usually settles within about %(days)s days. Redness and"
        " dryness are part of healing.",
        areas=say(", ").join(catalogue.area[name].title for name in areas),
        days=heal_days,
    )
    return SheetSection("healing", say("How your skin heals"), text)


def _phase(phase: AftercarePhase, start: datetime) -> SheetSection:
    first = day_in_words((start + timedelta(hours=phase.from_hours)).date())
    text = say("From %(first)s on.", first=first)
    if phase.to_hours is not None:
        last = day_in_words((start + timedelta(hours=phase.to_hours)).date())
        text = say("From %(first)s to %(last)s.", first=first, last=last)
    return SheetSection(
        id=phase.id,
        title=phase.title,
        text=text,
        do=tuple(one.text for one in phase.do),
        dont=tuple(one.text for one in phase.dont),
    )
