"""Forms of the staff's pages: read what a person typed, say kindly what is wrong, keep the rest.

A form that cannot be accepted is shown again with everything in it. It is shown by raising
``AskAgain``, so that the transaction edge rolls back whatever the refused act had begun.
"""

import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NoReturn
from zoneinfo import ZoneInfo

from flask import request
from werkzeug.datastructures import MultiDict

from app.errors import AppError, Conflict, Invalid, TooManyTries
from app.kit.ids import new_id
from app.kit.in_words import month_in_words
from app.kit.money import exponent
from app.kit.speech import say

MILLIMETRES = re.compile(r"\d{1,2}([.,]\d{1,3})?")
CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
# Controls have no place in what a person types, and NUL cannot be stored at all.
UNSTORABLE = frozenset(chr(code) for code in range(32)) - {"\n", "\r", "\t"}
EARLIEST, LATEST = 1900, 2200
NOWHERE = uuid.UUID(int=0)


class AskAgain(Exception):
    """A form is to be shown again; carries the finished page and its status."""

    def __init__(self, page: str, status: int) -> None:
        super().__init__("the form is shown again")
        self.page = page
        self.status = status


class Form:
    """What was typed, and what is wrong with it.

    The readers note a problem and return a harmless value; ``check`` then refuses the whole form,
    so that a person sees every problem at once.
    """

    def __init__(self, sent: Mapping[str, str] | None = None) -> None:
        self.sent: MultiDict[str, str] = MultiDict(sent or {})
        self.errors: list[dict[str, str]] = []
        self.key = self.sent.get("idempotency_key") or new_id().hex

    def typed(self, name: str) -> str:
        """Return what stands in a field, for showing it again."""
        return self.sent.get(name, "")

    def chosen(self, name: str) -> list[str]:
        """Return every ticked value of a field."""
        return self.sent.getlist(name)

    def day_parts(self, name: str) -> dict[str, str]:
        """Return the three boxes of a date as they were typed."""
        return {part: self.typed(f"{name}_{part}") for part in ("day", "month", "year")}

    def fail(self, name: str, message: str) -> None:
        """Note a problem with a field, once per field."""
        if all(one["field"] != name or not name for one in self.errors):
            self.errors.append({"field": name, "message": message})

    def text(self, name: str, missing: str, *, most: int = 200) -> str:
        """Return a text; without one, ``missing`` says what to enter."""
        found = self.typed(name).strip()
        if not found:
            self.fail(name, missing)
        elif len(found) > most:
            self.fail(name, f"Use at most {most} characters. You have {len(found)}.")
        elif any(one in UNSTORABLE or "\ud800" <= one <= "\udfff" for one in found):
            self.fail(name, "Remove the invisible control characters and type it again.")
        return found

    def optional(self, name: str, *, most: int = 200) -> str | None:
        """Return a text or None."""
        return self.text(name, "", most=most) if self.typed(name).strip() else None

    def clock(self, name: str) -> str | None:
        """Return a time of day as "HH:MM", or None where the field is blank."""
        found = self.typed(name).strip()
        if not found:
            return None
        read = CLOCK.fullmatch(found)
        if read is None:
            self.fail(name, "Enter a time like 21:00.")
            return None
        return f"{int(read[1]):02d}:{read[2]}"

    def choice(self, name: str, allowed: Collection[str], missing: str) -> str:
        """Return one of the allowed values."""
        found = self.typed(name)
        if found not in allowed:
            self.fail(name, missing)
        return found

    def key_of(self, name: str, missing: str) -> uuid.UUID:
        """Return the id that was chosen from a list."""
        try:
            return uuid.UUID(self.typed(name))
        except ValueError:
            self.fail(name, missing)
            return NOWHERE

    def whole(self, name: str, missing: str, *, low: int, high: int) -> int:
        """Return a whole number between two bounds, both allowed."""
        found = self.typed(name).strip()
        if not (found.isascii() and found.isdigit() and low <= int(found[:9]) <= high):
            self.fail(name, missing)
            return low
        return int(found)

    def depth_um(self, name: str, missing: str) -> int:
        """Return a depth in micrometres, typed in millimetres with up to three decimals."""
        found = self.typed(name).strip().removesuffix("mm").strip()
        if not MILLIMETRES.fullmatch(found) or not found.isascii():
            self.fail(name, missing)
            return 0
        return int(Decimal(found.replace(",", ".")) * 1000)

    def minor(self, name: str, currency: str, missing: str) -> int:
        """Return an amount in minor units, typed in whole units of its currency."""
        digits = exponent(currency)
        pattern = r"\d{1,8}" + (rf"([.,]\d{{1,{digits}}})?" if digits else "")
        found = self.typed(name).strip().lstrip("£€$¥").removesuffix(currency).strip()
        if not re.fullmatch(pattern, found, re.ASCII):
            self.fail(name, missing)
            return 0
        return int(Decimal(found.replace(",", ".")).scaleb(digits))

    def day(self, name: str, missing: str) -> date:
        """Return a calendar day from its three boxes."""
        parts = [self.typed(f"{name}_{part}").strip() for part in ("year", "month", "day")]
        if not all(part.isascii() and part.isdigit() for part in parts):
            self.fail(name, missing)
            return date.min
        year, month, day = (int(part[:4]) for part in parts)
        if not EARLIEST <= year <= LATEST or not 1 <= month <= 12 or not 1 <= day <= 31:
            self.fail(name, missing)
            return date.min
        try:
            return date(year, month, day)
        except ValueError:
            named = month_in_words(date(year, month, 1))
            told = say("There is no day %(day)s in %(month)s.", day=day, month=named)
            self.fail(name, told)
            return date.min

    def optional_day(self, name: str, missing: str) -> date | None:
        """Return a calendar day, or None where all three boxes are blank."""
        return self.day(name, missing) if any(self.day_parts(name).values()) else None

    def moment(self, name: str, zone: str, missing: str) -> datetime:
        """Return an instant in UTC from the boxes of a day and a time at a location.

        A time that the clocks skip is refused. One that they repeat means its first occurrence.
        """
        day = self.day(name, missing)
        clock = CLOCK.fullmatch(self.typed(f"{name}_time").strip())
        if clock is None:
            self.fail(f"{name}_time", "Enter a time like 14:30.")
        if clock is None or day == date.min:
            return datetime.min.replace(tzinfo=UTC)
        local = datetime(
            day.year, day.month, day.day, int(clock[1]), int(clock[2]), tzinfo=ZoneInfo(zone)
        )
        at = local.astimezone(UTC)
        if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
            self.fail(f"{name}_time", "The clocks go forward then, so this time does not exist.")
        return at

    def order_by(self, page: str) -> bool:
        """Put the problems in the order of the page's fields; return whether that changed it.

        The summary links to each field by its id. What concerns no field comes first.
        """
        before = list(self.errors)
        self.errors.sort(key=lambda one: page.find(f'id="{one["field"]}"'))
        return self.errors != before

    def check(self) -> None:
        """Refuse the form where a problem was noted."""
        if self.errors:
            raise Invalid

    def take(self, problem: AppError, names: Mapping[str, str]) -> None:
        """Note what a service refused; ``names`` maps its fields to those of the page.

        A refusal that names no field goes to the field that ``names`` gives for "".
        """
        fields = problem.extra.get("fields")
        known = dict(fields) if isinstance(fields, Mapping) else {}
        for name, message in known.items():
            whole = message if isinstance(message, str) and message.endswith(".") else ""
            self.fail(names.get(name, name), whole or problem.message)
        if not known and not self.errors:
            told = problem.message if problem.message.endswith(".") else problem.title
            self.fail(names.get("", ""), told)


def to_choose(options: list[dict[str, str]], told: str) -> list[dict[str, str]]:
    """Put an empty line first where there are several, so that nobody takes one by oversight."""
    return options if len(options) == 1 else [{"value": "", "label": told}, *options]


def boxes_of(name: str, day: date | None) -> dict[str, str]:
    """Return a day as the three boxes of a form hold it; nothing for no day."""
    if day is None:
        return {}
    return {f"{name}_{part}": str(getattr(day, part)) for part in ("day", "month", "year")}


def sent_form() -> Form:
    """Return the form of the running request."""
    return Form(request.form)


def sent_file(name: str) -> bytes | None:
    """Return the bytes of an uploaded file, or None; what was spooled for it is given back."""
    found = request.files.get(name)
    if found is None:
        return None
    data = found.stream.read()
    found.close()
    return data


@contextmanager
def asking_again(
    form: Form,
    page: Callable[[Form], str],
    names: Mapping[str, str] | None = None,
    *,
    also: tuple[type[AppError], ...] = (),
) -> Iterator[None]:
    """Show the page again, with what was typed and why, when the act inside is refused.

    ``also`` names refusals that elsewhere have a page of their own.
    """
    try:
        yield
    except AppError as problem:
        if not isinstance(problem, (Invalid, Conflict, TooManyTries, *also)):
            raise
        form.take(problem, names or {})
        ask_again(form, page, int(problem.status))


def ask_again(form: Form, page: Callable[[Form], str], status: int = 422) -> NoReturn:
    """Show the page again, its problems in its own order; nothing done so far is kept."""
    shown = page(form)
    raise AskAgain(page(form) if form.order_by(shown) else shown, status)
