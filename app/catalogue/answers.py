"""What a person answered, as a value that conditions can be asked about.

It lives on the catalogue's floor because the catalogue's conditions speak of answers; who collects
and stores them is the consent room's business.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

YES: Final = "yes"
NO: Final = "no"
UNSURE: Final = "unsure"
SOMEWHERE_ELSE: Final = "somewhere_else"


@dataclass(frozen=True)
class Answer:
    """One answer: ``yes``, ``no``, ``unsure`` or the id of a choice.

    A date question answered with a date is ``yes`` with ``on``. ``areas`` are area ids of the plan
    that the answer is about, or ``somewhere_else``; empty means every area of the plan, which is
    the careful reading when nobody said where.
    """

    value: str
    on: date | None = None
    areas: tuple[str, ...] = ()

    @property
    def is_elsewhere(self) -> bool:
        """Whether the answer is only about skin that is not treated."""
        return bool(self.areas) and set(self.areas) <= {SOMEWHERE_ELSE}


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the month's last day where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def age_on(birth: date, day: date) -> int:
    """Return full years of age; somebody born on 29 February turns a year older on 1 March."""
    had_birthday = (day.month, day.day) >= (birth.month, birth.day)
    return day.year - birth.year - (0 if had_birthday else 1)
