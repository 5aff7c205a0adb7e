"""What a consent is for, and what each purpose asks of the patient and the clinic.

Treatment, add-ons, photos for the record and photos for advertising are asked about separately:
each has its own form, its own signature and its own withdrawal, and none touches another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What a form asks consent to."""

    TREATMENT = "treatment"
    ADD_ON = "add_on"
    CLINICAL_PHOTOS = "clinical_photos"
    MARKETING_PHOTOS = "marketing_photos"


@dataclass(frozen=True)
class PurposeRules:
    """What a purpose needs before it is in force, and what it opens.

    ``screens``: health questions are asked. ``discussed``: a practitioner talked the plan over.
    ``attested``: a practitioner confirms; without it the patient's sealed signature is enough.
    ``grants``: treating is allowed by it. ``months``: how long it lasts at most; None means until
    it is taken back. What is attested may last less by the location's policy ``consent_months``.
    """

    screens: bool = False
    discussed: bool = False
    attested: bool = False
    grants: bool = False
    months: int | None = None


# An add-on asks no second set of health questions: the plan that names it is screened as a whole
# with the treatment, and nothing starts without both consents.
_RULES: Mapping[Purpose, PurposeRules] = {
    Purpose.TREATMENT: PurposeRules(
        screens=True, discussed=True, attested=True, grants=True, months=12
    ),
    Purpose.ADD_ON: PurposeRules(discussed=True, attested=True, months=12),
    Purpose.CLINICAL_PHOTOS: PurposeRules(),
    Purpose.MARKETING_PHOTOS: PurposeRules(months=24),
}
PURPOSE_WORDS: Mapping[Purpose, str] = {
    Purpose.TREATMENT: "Treatment",
    Purpose.ADD_ON: "Add-on",
    Purpose.CLINICAL_PHOTOS: "Photos for the record",
    Purpose.MARKETING_PHOTOS: "Photos for advertising",
}


def rules_of(purpose: str) -> PurposeRules:
    """Return what a purpose asks for; raises ValueError for what is none."""
    return _RULES[Purpose(purpose)]
