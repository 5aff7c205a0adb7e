"""What a place asks for around a consent, in words that patients read too: in their language."""

from app.kit.speech import mark, say, say_many
from app.policies.policy import Policy, Value

TALK_MODES = ("in_person", "video", "phone")
_MODE_WORDS = {
    "in_person": mark("in person"),
    "video": mark("by video"),
    "phone": mark("by phone"),
}


def mode_in_words(mode: str) -> str:
    """Return how a treatment was talked over: "by video"."""
    return say(_MODE_WORDS[mode]) if mode in _MODE_WORDS else mode


def _age(value: Value) -> str:
    return say("patients are %(years)s or older", years=value)


def _wait(value: Value) -> str:
    if not value:
        return say("nobody has to wait between the talk and the consent")
    return say_many(
        "%(num)s day lies between the talk and the consent",
        "%(num)s days lie between the talk and the consent",
        _number(value),
    )


def _talk(value: Value) -> str:
    modes = value if isinstance(value, tuple) and value else TALK_MODES
    said = [mode_in_words(one) for one in modes]
    ways = said[0] if len(said) == 1 else say(" or ").join((say(", ").join(said[:-1]), said[-1]))
    return say("the treatment is talked over %(ways)s", ways=ways)


def _talk_first(value: Value) -> str:
    if value:
        return say("the treatment is talked over before the patient signs")
    return say("a patient may sign before the treatment is talked over")


def _money_waits(value: Value) -> str:
    if value:
        return say("no money is asked for or taken before the days after the talk are over")
    return say("money may be taken while the days after the talk run")


def _months(value: Value) -> str:
    return say_many(
        "a consent lasts %(num)s month from the signature",
        "a consent lasts %(num)s months from the signature",
        _number(value),
    )


def _electronic_demo(value: Value) -> str:
    if value:
        return say("whoever signs on a screen first shows that they can open the files they get")
    return say("whoever signs on a screen need not show that they can open the files they get")


def _number(value: Value) -> int:
    if isinstance(value, tuple):
        raise TypeError("words are no number")
    return int(value)


CONSENT_POLICIES = (
    Policy(
        "min_age",
        "Youngest age",
        "number",
        18,
        "Age is counted on the day it is at the location.",
        _age,
        "higher",
        unit="years",
        low=16,
        high=30,
    ),
    Policy(
        "wait_days",
        "Days between talk and consent",
        "number",
        0,
        "Counted from the day of the talk, in the location's days.",
        _wait,
        "higher",
        unit="days",
        high=60,
    ),
    Policy(
        "consent_months",
        "Months that a consent lasts",
        "number",
        12,
        "Counted from the day of the signature, to the beginning of that day at the location.",
        _months,
        "lower",
        unit="months",
        low=3,
        high=12,
    ),
    Policy(
        "money_waits",
        "No money while the days after the talk run",
        "truth",
        True,
        "Without days between talk and consent this asks nothing. What was paid before stays.",
        _money_waits,
        "true",
    ),
    Policy(
        "electronic_demo",
        "Show that files can be opened before signing on a screen",
        "truth",
        False,
        "The patient types a code that stands in a small PDF, or chooses paper.",
        _electronic_demo,
        "true",
    ),
    Policy(
        "talk_modes",
        "How the treatment may be talked over",
        "words",
        TALK_MODES,
        "A consent stands on a talk with a practitioner.",
        _talk,
        "fewer",
        options=TALK_MODES,
    ),
    Policy(
        "talk_first",
        "The talk comes before the signature",
        "truth",
        True,
        "Without it a patient may sign first; nobody confirms a consent before the talk.",
        _talk_first,
        "true",
    ),
)
