"""Checks a form's content before it may be published.

The rules are those of honest consent: nothing is promised, doing nothing is offered, every serious
risk is told however rare, and what the law wants to be said has a section of its own.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.catalogue.content import Catalogue, Risk
from app.catalogue.wording import blocked_words_in, doubtful_words_in
from app.consent.form_content import FormBlock, FormContent

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PLACEHOLDER_NAMES = frozenset(
    {
        "patient_name",
        "clinic_name",
        "clinic_contact",
        "location_name",
        "location_address",
        "practitioner_name",
        "practitioner_qualification",
        "practitioner_registration",
        "responsible_name",
        "procedure",
        "procedure_text",
        "indication",
        "honest",
        "areas",
        "device",
        "max_depth",
        "sessions_text",
        "anaesthetic",
        "add_ons",
        "left_out",
        "price",
        "price_terms",
        "deposit",
        "deposit_terms",
        "what_matters",
        "discussed_on",
        "emergency_number",
    }
)
NEEDED_SECTIONS = (
    "electronic_signing",
    "what",
    "who",
    "benefit",
    "label",
    "risks",
    "alternatives",
    "aftercare",
    "cost",
    "rights",
    "understanding",
    "signature",
)


@dataclass(frozen=True)
class LintFinding:
    """One fault of a form. An error keeps it from being published; a warning wants a look."""

    severity: Literal["error", "warning"]
    clause: str
    message: str


def lint_form(form: FormContent, catalogue: Catalogue) -> tuple[LintFinding, ...]:
    """Return everything that is wrong with a form, errors first."""
    findings = [finding for check in _CHECKS for finding in check(form, catalogue)]
    return tuple(sorted(findings, key=lambda finding: finding.severity))


def serious_risks_for(form: FormContent, catalogue: Catalogue) -> tuple[Risk, ...]:
    """Return the serious risks that a form for this procedure has to tell, however rare."""
    energy = catalogue.procedure[form.procedure].energy
    scopes = ("all", "rf" if energy == "radiofrequency" else "mech")
    return tuple(risk for risk in catalogue.risks if risk.serious and risk.scope in scopes)


def texts_of(block: FormBlock) -> Iterator[str]:
    """Yield every piece of prose in a block."""
    yield from (block.title, block.text, block.explanation, *block.items)
    yield from (option.text for option in block.options)


def _error(clause: str, message: str) -> LintFinding:
    return LintFinding("error", clause, message)


def _check_words(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    for block in form.blocks():
        for text in texts_of(block):
            for word in blocked_words_in(text):
                yield _error(block.id, f"The word '{word}' may not be used.")
            for word in doubtful_words_in(text):
                yield LintFinding("warning", block.id, f"Look again at the word '{word}'.")


def _check_names(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    for block in form.blocks():
        used = {name for text in texts_of(block) for name in PLACEHOLDER.findall(text)}
        for name in sorted((used | set(block.needs)) - PLACEHOLDER_NAMES):
            yield _error(block.id, f"There is no value called '{name}'.")


def _check_clauses(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    for clause, times in Counter(block.id for block in form.blocks()).items():
        if times > 1:
            yield _error(clause, "Two clauses have this id.")
    present = {section.id for section in form.sections}
    for missing in (name for name in NEEDED_SECTIONS if name not in present):
        yield _error(missing, f"The section '{missing}' is missing.")


def _check_risks(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    groups = [block.group for block in form.blocks() if block.kind == "risk"]
    if not groups or groups[0] != "personal":
        yield _error("risks", "The patient's own risks come first.")
    told = {name for block in form.blocks() if block.group == "serious" for name in block.risks}
    for risk in serious_risks_for(form, catalogue):
        if risk.id not in told:
            yield _error("risks", f"The serious risk '{risk.id}' is not told.")
    for block in form.blocks():
        for name in block.risks:
            if name not in catalogue.risk:
                yield _error(block.id, f"There is no risk called '{name}'.")


def _check_choices(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    blocks = list(form.blocks())
    offers = [one for one in blocks if one.kind == "alternative"]
    if not any(one.do_nothing and one.when is None for one in offers):
        yield _error("alternatives", "Doing nothing has to be offered, to everybody.")
    if not any(one.kind == "benefit" and "{honest}" in one.text for one in blocks):
        yield _error("benefit", "The honest benefit of the catalogue has to be printed.")
    if not any(one.fill == "off_label" for one in blocks):
        yield _error("label", "Use beyond the label has to be disclosed.")
    if [one.kind for one in blocks].count("signature") != 1:
        yield _error("signature", "A form has exactly one place to sign.")


def _check_questions(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    questions = [block for block in form.blocks() if block.kind == "question"]
    if not 3 <= len(questions) <= 5:
        yield _error("understanding", "Three to five questions check what was understood.")
    for block in questions:
        if [option.correct for option in block.options].count(True) != 1:
            yield _error(block.id, "Exactly one answer is the right one.")
        if not block.explanation:
            yield _error(block.id, "A question needs a kind explanation.")


_CHECKS: tuple[Callable[[FormContent, Catalogue], Iterator[LintFinding]], ...] = (
    _check_words,
    _check_names,
    _check_clauses,
    _check_risks,
    _check_choices,
    _check_questions,
)
