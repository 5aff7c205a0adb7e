"""What a place asks for before a patient consents: an age, a talk, and days without money.

Every day is a day at the location. A refusal quotes its basis, in the language spoken.
"""

from datetime import date, timedelta

from app.catalogue.answers import age_on
from app.kit.in_words import date_in_words
from app.kit.speech import say
from app.policies.consent_policies import mode_in_words
from app.policies.errors import MoneyWaits, PatientTooYoung, TalkNotEnough, WaitNotOver
from app.policies.holding import Holding, PlacePolicies
from app.policies.policy import Value


def age_refusal(held: Holding, born: date, on: date) -> str:
    """Return why somebody is too young on a day at the location, or ""."""
    if age_on(born, on) >= _number(held.value):
        return ""
    return say(
        "The patient is too young for this on %(day)s. %(rule)s",
        day=date_in_words(on),
        rule=held.quote(),
    )


def require_age(policies: PlacePolicies, born: date, on: date) -> None:
    """Raise PatientTooYoung where somebody is too young on a day at the location."""
    refusal = age_refusal(policies.holding("min_age"), born, on)
    if refusal:
        raise PatientTooYoung(refusal)


def require_talk(policies: PlacePolicies, mode: str | None) -> None:
    """Raise TalkNotEnough where the place does not accept this way of talking it over.

    ``mode`` is None where nobody has recorded a talk: then the place may still let the patient
    sign first. Days of waiting are counted from a talk, so they always need one.
    """
    if mode is None:
        for name in ("talk_first", "wait_days"):
            if policies.holding(name).value:
                quoted = policies.holding(name).quote()
                raise TalkNotEnough(
                    say("A practitioner has to talk it over first. %(rule)s", rule=quoted)
                )
        return
    held = policies.holding("talk_modes")
    accepted = policies.words("talk_modes")
    if accepted and mode not in accepted:
        raise TalkNotEnough(
            say(
                "A talk %(how)s is not enough here. %(rule)s",
                how=mode_in_words(mode),
                rule=held.quote(),
            )
        )


def opens_on(policies: PlacePolicies, talked_on: date) -> date:
    """Return the first day on which a consent may be signed after a talk on a day."""
    return talked_on + timedelta(days=policies.number("wait_days"))


def require_wait(policies: PlacePolicies, talked_on: date, on: date) -> None:
    """Raise WaitNotOver where a consent comes too soon after the talk."""
    first = opens_on(policies, talked_on)
    if on < first:
        quoted = policies.holding("wait_days").quote()
        told = say(
            "This can be signed from %(day)s. %(rule)s", day=date_in_words(first), rule=quoted
        )
        raise WaitNotOver(told, opens_on=first.isoformat())


def require_money_may_come(policies: PlacePolicies, talked_on: date | None, on: date) -> None:
    """Raise MoneyWaits where money would come before the days after the talk are over.

    ``talked_on`` None means that nobody has recorded a talk, so that the days have not begun.
    """
    held = policies.holding("money_waits")
    if not held.value or not policies.number("wait_days"):
        return
    quoted = quoted_days(policies)
    if talked_on is None:
        told = say(
            "Nothing can be paid before somebody has talked the treatment over, since the days are"
            " counted from then. %(rule)s",
            rule=quoted,
        )
        raise MoneyWaits(told)
    first = opens_on(policies, talked_on)
    if on < first:
        told = say("This can be paid from %(day)s. %(rule)s", day=date_in_words(first), rule=quoted)
        raise MoneyWaits(told, opens_on=first.isoformat())


def quoted_days(policies: PlacePolicies) -> str:
    """Return the rules by which money waits, with who decided each."""
    return f"{policies.holding('money_waits').quote()} {policies.holding('wait_days').quote()}"


def _number(value: Value) -> int:
    if isinstance(value, tuple):
        raise TypeError("an age is a number")
    return int(value)
