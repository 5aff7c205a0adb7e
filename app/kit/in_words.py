"""Days, moments, depths and money as people read them, in the language spoken now.

Digits are always 0 to 9, also in Arabic: codes, doses and depths then look the same everywhere.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone_location
from babel.numbers import format_currency, format_decimal

from app.kit.money import exponent, format_money
from app.kit.speech import ENGLISH, isolated, say, spoken

_DAY = {"en": "EEEE d MMMM y", "de": "EEEE, d. MMMM y", "ar": "EEEE d MMMM y"}
_DATE = {"en": "d MMMM y", "de": "d. MMMM y", "ar": "d MMMM y"}
_SHORT = {"en": "dd MMM y", "de": "dd.MM.y", "ar": "dd MMMM y"}


@dataclass(frozen=True)
class Moment:
    """An instant at a place that is put into words only when its language is known."""

    at: datetime
    zone: str

    def __str__(self) -> str:
        return moment_in_words(self.at, self.zone)


@dataclass(frozen=True)
class Amount:
    """Money that is put into words only when its language is known."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return money_in_words(self.minor, self.currency)


def day_in_words(day: date) -> str:
    """Return "Tuesday 24 November 2026"."""
    return format_date(day, _DAY[spoken()], locale=spoken())


def date_in_words(day: date) -> str:
    """Return "24 November 2026"."""
    return format_date(day, _DATE[spoken()], locale=spoken())


def month_in_words(day: date) -> str:
    """Return "November 2026" for a day in it."""
    return format_date(day, "MMMM y", locale=spoken())


def short_moment(at: datetime, zone: str) -> str:
    """Return "24 Nov 2026, 14:30:05" for a column of moments at one place."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{format_date(there, _SHORT[spoken()], locale=spoken())}, {there:%H:%M:%S}"


def moment_in_words(at: datetime, zone: str, *, seconds: bool = False) -> str:
    """Return "Tuesday 24 November 2026, 14:30, Edinburgh time"."""
    there = at.astimezone(ZoneInfo(zone))
    clock = f"{there:%H:%M:%S}" if seconds else f"{there:%H:%M}"
    day = day_in_words(there.date())
    return say("%(day)s, %(clock)s, %(place)s time", day=day, clock=clock, place=city_of(zone))


def day_at_place(at: datetime, zone: str) -> str:
    """Return "Saturday 21 November 2026, Edinburgh time"."""
    day = day_in_words(at.astimezone(ZoneInfo(zone)).date())
    return say("%(day)s, %(place)s time", day=day, place=city_of(zone))


def city_of(zone: str) -> str:
    """Return the city after which a zone is named."""
    if spoken() == ENGLISH:
        return zone.rsplit("/", 1)[-1].replace("_", " ")
    return get_timezone_location(ZoneInfo(zone), locale=spoken(), return_city=True)


def language_in_words(tag: str) -> str:
    """Return what a BCP 47 tag is called: "German" for "de"; the tag itself where nobody knows."""
    try:
        return Locale.parse(tag, sep="-").get_language_name(spoken()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def listed(*names: str) -> str:
    """Return names one after another, each in its own direction: "Harbour, 1 Quay Street"."""
    return say(", ").join(str(isolated(name)) for name in names)


def millimetres(depth_um: int) -> str:
    """Return a depth: 1500 µm is "1.5 mm", 250 µm is "0.25 mm"."""
    number = format_decimal(Decimal(depth_um) / 1000, "0.###", locale=spoken())
    return say("%(number)s mm", number=number)


def money_in_words(minor: int, currency: str) -> str:
    """Return an amount with its currency: "£1,950.00 GBP"; raises UnknownCurrency."""
    if spoken() == ENGLISH:
        return format_money(minor, currency)
    amount = Decimal(minor).scaleb(-exponent(currency))
    if spoken() == "ar":
        return format_currency(amount, currency, locale="ar", format_type="name")
    return format_currency(amount, currency, locale=spoken())
