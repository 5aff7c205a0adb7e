"""The policies that the product obeys: what each means, what may be set, and how it is quoted.

Pure. A value is a whole number, a truth, or a tuple of words, in the policy's own unit.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from app.policies.consent_policies import CONSENT_POLICIES
from app.policies.policy import Policy, Value
from app.policies.request_policies import REQUEST_POLICIES

PROFESSIONS = (
    "doctor",
    "dentist",
    "nurse",
    "midwife",
    "pharmacist",
    "paramedic",
    "physiotherapist",
    "therapist",
    "aesthetician",
    "cosmetician",
)
PREMISES = (
    "independent clinic",
    "independent hospital",
    "gp practice",
    "medical practice",
    "dental practice",
    "pharmacy",
)


def names_any(typed: str, terms: Iterable[str]) -> bool:
    """Return whether what was typed names one of the terms as whole words.

    "Nurse prescriber" names a nurse; "physiotherapist" names no therapist, and a "non-independent
    clinic" no independent clinic.
    """
    plain = " ".join(typed.casefold().split())
    return any(re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", plain) for one in terms)


def listed(words: Value) -> str:
    """Return words as people list them: "doctor, dentist or nurse"."""
    if not isinstance(words, tuple):
        raise TypeError("only words are listed")
    plain = [one.replace("_", " ") for one in words]
    if len(plain) < 2:
        return "".join(plain)
    return f"{', '.join(plain[:-1])} or {plain[-1]}"


def _depth(value: Value) -> str:
    if not value or isinstance(value, tuple):
        return "no depth makes a treatment a specified procedure"
    return f"from {value / 1000:g} mm a treatment is a specified procedure"


def _done_by(what: str) -> Callable[[Value], str]:
    """Return how to say who does something; nobody named means whoever is qualified for it."""

    def said(value: Value) -> str:
        return (
            f"{what} is done by {'a ' + listed(value) if value else 'whoever is qualified for it'}"
        )

    return said


def _premises(value: Value) -> str:
    if not value:
        return "a specified procedure may be done on any premises"
    return f"a specified procedure is done in a registered {listed(value).replace('gp', 'GP')}"


def _kept(value: Value) -> str:
    if not value:
        return "no shortest time is set here"
    return f"clinical records are kept for {value} years"


_ALL = (
    Policy(
        "specified_depth_um",
        "Depth that makes a specified procedure",
        "number",
        0,
        "This depth itself counts. 0 means that no depth does.",
        _depth,
        "lower",
        unit="µm",
        high=8000,
    ),
    Policy(
        "specified_by",
        "Who may do a specified procedure",
        "words",
        (),
        "None ticked means that the scope of each qualification alone decides.",
        _done_by("a specified procedure"),
        "fewer",
        options=PROFESSIONS,
    ),
    Policy(
        "permitted_premises",
        "Where a specified procedure may be done",
        "words",
        (),
        "None ticked means anywhere. The registration of the premises has to be entered and valid.",
        _premises,
        "fewer",
        options=PREMISES,
    ),
    Policy(
        "performed_by",
        "Who may needle at all",
        "words",
        (),
        "None ticked means that the scope of each qualification alone decides.",
        _done_by("needling"),
        "fewer",
        options=PROFESSIONS,
    ),
    Policy(
        "licence_required",
        "A licence for the premises",
        "truth",
        False,
        "The registration of the premises has to be entered and valid for any needling.",
        lambda value: "needling needs licensed premises" if value else "no licence is needed",
        "true",
    ),
    Policy(
        "verification_required",
        "Somebody else checks each qualification",
        "truth",
        True,
        "Nobody checks their own. A person who works alone can ask a colleague, or decide here.",
        lambda value: (
            "a qualification counts once somebody else has checked it"
            if value
            else "a qualification counts as it was entered"
        ),
        "true",
    ),
    Policy(
        "insurance_required",
        "Insurance has to be entered",
        "truth",
        False,
        "An insurance that has ended stops a treatment in any case.",
        lambda value: "nobody treats without insurance" if value else "insurance is optional",
        "true",
    ),
    Policy(
        "retention_years",
        "Shortest time to keep clinical records",
        "number",
        0,
        "The clinic's own retention policy may be longer, never shorter.",
        _kept,
        "higher",
        unit="years",
        high=60,
    ),
)
_EVERY = (*CONSENT_POLICIES, *_ALL, *REQUEST_POLICIES)
POLICIES: Mapping[str, Policy] = {one.id: one for one in _EVERY}
