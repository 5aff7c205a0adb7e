"""The words that pages use for what is stored about patients as codes."""

from app.patients.models import AgeEvidence, Interpreter

LANGUAGES = {
    "en": "English",
    "ar": "العربية (Arabic)",
    "de": "Deutsch (German)",
    "es": "Español (Spanish)",
    "fr": "Français (French)",
    "ja": "日本語 (Japanese)",
    "ko": "한국어 (Korean)",
    "pl": "Polski (Polish)",
    "tr": "Türkçe (Turkish)",
    "uk": "Українська (Ukrainian)",
    "vi": "Tiếng Việt (Vietnamese)",
    "zh-Hans": "中文 (Chinese)",
}
INTERPRETERS = {
    Interpreter.NONE.value: "No interpreter needed",
    Interpreter.SPOKEN.value: "Needs an interpreter",
    Interpreter.SIGN.value: "Needs a sign language interpreter",
}
AGE_EVIDENCE = {
    AgeEvidence.PASSPORT.value: "Passport",
    AgeEvidence.NATIONAL_ID.value: "National identity card",
    AgeEvidence.DRIVING_LICENCE.value: "Driving licence",
    AgeEvidence.RESIDENCE_PERMIT.value: "Residence permit",
    AgeEvidence.BIRTH_CERTIFICATE.value: "Birth certificate",
    AgeEvidence.PROOF_OF_AGE_CARD.value: "Proof-of-age card",
}
WHY_ALIKE = {
    "birth_and_name": "born on the same day, with a similar name",
    "phone": "the same phone number",
    "email": "the same email address",
}


def language_word(code: str) -> str:
    """Return a language's name, or its code where it has none here."""
    return LANGUAGES.get(code, code)
