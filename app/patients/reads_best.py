"""Flags for staff: a patient who reads or speaks another language than the one that is used."""

from collections.abc import Sequence

from app.patients.models import Interpreter, Patient
from app.patients.words import INTERPRETERS, language_word


def is_same_language(one: str, other: str) -> bool:
    """Return whether two language tags mean one language: "en-GB" and "en" do."""
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()


def language_flags(
    patient: Patient, *, form_locale: str | None = None, spoken: Sequence[str] = ()
) -> list[str]:
    """Return what staff should know before they talk a plan over or send a form, as sentences.

    ``spoken`` are the languages of the clinic. They warn and never stop: whether a patient
    understood is for the practitioner to judge.
    """
    flags = []
    if patient.interpreter != Interpreter.NONE:
        flags.append(f"{INTERPRETERS[patient.interpreter]} for {language_word(patient.language)}.")
    elif spoken and not any(is_same_language(one, patient.language) for one in spoken):
        flags.append(
            f"Reads best in {language_word(patient.language)}, which is none of the languages of"
            " your clinic. Ask whether they need an interpreter."
        )
    if form_locale is not None and not is_same_language(form_locale, patient.language):
        flags.append(
            f"Reads best in {language_word(patient.language)}, but the form is in"
            f" {language_word(form_locale)}. Make sure that every word is understood."
        )
    return flags
