"""No text that a patient reads is left in English: every sentence goes through the translators."""

import pytest

from app.messaging.templates import SUBJECTS
from tests.support.left_english import (
    TEMPLATES,
    english_in_arabic,
    english_in_code,
    english_in_german,
    english_in_template,
    patients_templates,
)
from tests.support.source_tree import ROOT

# To the clinic's own people and to colleagues, who are addressed in English.
TO_STAFF = frozenset(
    {
        "audit_alarm",
        "clinic_leaving",
        "clinic_stays",
        "crossing_alert",
        "expiry_reminder",
        "incident_alert",
        "invitation",
        "link_locked",
        "restore_accepted",
        "review_code",
        "review_request",
        "twin_elsewhere",
    }
)
# On a page of errors, where somebody with an account is signed in.
FOR_STAFF = "Questions? Ask one of the owners of your clinic."
# Every module that puts words on a patient's paper or page, with what is no text of it: how a file
# belongs to a document, a size of paper, where a value stood, and what staff read.
MODULES: dict[str, set[str]] = {
    "audit/told.py": set(),
    "billing/patient_pages.py": set(),
    "billing/receipt_paper.py": set(),
    "care/aftercare_content.py": set(),
    "care/aftercare_paper.py": set(),
    "care/document_frame.py": set(),
    "care/document_pages.py": set(),
    "consent/forms/assembly.py": set(),
    "consent/paper/blank_text.py": set(),
    "consent/documents/certificate.py": set(),
    "consent/signing/copy_pages.py": set(),
    "consent/holds/decision_paper.py": set(),
    "consent/holds/decision_words.py": set(),
    "consent/documents/parts.py": set(),
    "consent/documents/drafts.py": {"Source", "Data"},
    "consent/documents/executed_paper.py": set(),
    "consent/forms/values.py": set(),
    "consent/ways/identity_pages.py": set(),
    "consent/ways/identity_view.py": set(),
    "consent/ways/link_pages.py": set(),
    "consent/signing/page_errors.py": set(),
    "consent/signing/page_frame.py": set(),
    "consent/signing/pages.py": set(),
    "consent/paper/blocks.py": {"Source"},
    "consent/paper/making.py": set(),
    "consent/paper/printing.py": set(),
    "consent/documents/sections.py": set(),
    "consent/signing/parties.py": set(),
    "consent/documents/party_blocks.py": set(),
    "consent/documents/patient_paper.py": set(),
    "consent/signing/privacy.py": set(),
    "consent/screening/questionnaire.py": set(),
    "consent/signing/receipt_view.py": set(),
    "consent/forms/risk_blocks.py": set(),
    "consent/signing/signing_pages.py": set(),
    "consent/after/withdrawal_paper.py": {"Data"},
    "documents/layout.py": {"Page", "signature label", "typed name"},
    "documents/wording.py": set(),
    "patients/behind_link.py": set(),
    "rights/copy_pages.py": set(),
    "rights/cover.py": set(),
}


def test_patients_pages_say_nothing_in_english_alone() -> None:
    pages = patients_templates()
    found = {
        path.relative_to(TEMPLATES).as_posix(): left
        for path in pages
        if (left := english_in_template(path.read_text()))
    }

    names = {path.relative_to(TEMPLATES).as_posix() for path in pages}
    wanted = {"signing/sign.html", "care/document.html", "billing/pay_done.html", "error.html"}
    assert wanted <= names
    assert found.pop("error.html") == [FOR_STAFF]
    assert found == {}


@pytest.mark.parametrize("letter", sorted(set(SUBJECTS) - TO_STAFF))
def test_a_message_to_a_patient_says_nothing_in_english_alone(letter: str) -> None:
    for path in (TEMPLATES / "messages").glob(f"{letter}*.txt"):
        if path.stem in (letter, f"{letter}_sms"):
            assert english_in_template(path.read_text()) == [], path.name


def test_messages_to_staff_are_still_there() -> None:
    assert set(SUBJECTS) >= TO_STAFF


@pytest.mark.parametrize("name", sorted(MODULES))
def test_what_a_module_puts_before_a_patient_is_translated(name: str) -> None:
    left = english_in_code((ROOT / "app" / name).read_text())

    assert set(left) == MODULES[name]


@pytest.mark.parametrize(
    ("source", "planted"),
    [
        ("<h1>Pay now</h1>", "Pay now"),
        ('<p>{{ _("Pay") }} and wait</p>', "and wait"),
        ('{{ notice("Please do not pay again") }}', "Please do not pay again"),
        ('<img alt="A code to scan" src="{{ code }}">', "A code to scan"),
        ('{% set words = {"paid": "Paid"} %}', "Paid"),
    ],
)
def test_planted_english_is_found_in_a_page(source: str, planted: str) -> None:
    assert planted in english_in_template(source)


def test_what_is_translated_is_not_found_in_a_page() -> None:
    said = '<p class="quiet">{{ _("Pay %(what)s", what=name) }}</p>'
    handed = '{{ notice(_("Wait"), kind="wait") }}'

    assert english_in_template(said + handed) == []


def test_planted_english_is_found_in_code_and_in_what_is_shown() -> None:
    code = 'def told(name: str) -> str:\n    """Return it."""\n    return f"Signed by {name}"\n'

    assert english_in_code(code.replace("{name}", "somebody")) == ["Signed by somebody"]
    assert english_in_code('"""Says."""\nA = mark("Signed by somebody")\n') == []
    assert english_in_arabic("وقّعه Dr Weiß Signature", "Dr Weiß") == ["Signature"]
    assert english_in_german("Die Unterschrift of the patient", "") == ["of", "the"]
