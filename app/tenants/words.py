"""What roles and professions are called where patients read them."""

from app.kit.speech import mark, say

_ROLES = {
    "owner": mark("owner"),
    "medical_lead": mark("medical lead"),
    "practitioner": mark("practitioner"),
    "front_desk": mark("front desk"),
    "billing": mark("billing"),
    "manager": mark("manager"),
    "auditor": mark("auditor"),
}
_PROFESSIONS = {
    "doctor": mark("doctor"),
    "dentist": mark("dentist"),
    "nurse": mark("nurse"),
    "nurse_prescriber": mark("nurse prescriber"),
    "midwife": mark("midwife"),
    "pharmacist": mark("pharmacist"),
    "paramedic": mark("paramedic"),
    "physiotherapist": mark("physiotherapist"),
    "therapist": mark("therapist"),
    "aesthetician": mark("aesthetician"),
    "cosmetician": mark("cosmetician"),
}


def role_in_words(role: str) -> str:
    """Return a role such as "medical lead" in the language spoken."""
    return say(_ROLES[role])


def profession_in_words(kind: str) -> str:
    """Return a profession such as "nurse prescriber" in the language spoken."""
    known = _PROFESSIONS.get(kind)
    return kind.replace("_", " ") if known is None else say(known)
