"""Checks a form's content before it may be published.

The rules are those of honest consent: nothing is promised, doing nothing is offered, every serious
risk is told however rare, and what the law wants to be said has a section of its own.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from app.catalogue.content import Catalogue, Risk
from app.catalogue.expressions import questions_in
from app.catalogue.overlay import has_language
from app.catalogue.wording import blocked_words_in, doubtful_words_in, mixed_words_in
from app.consent.forms.content import FormBlock, FormContent
from app.consent.purposes import Purpose

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ID = re.compile(r"[a-z0-9_-]{1,60}")
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
        "add_on",
        "expires_on",
    }
)
_TREATING = (
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
# An authorisation names what is used, by whom, for whom, what for, until when, how it is taken
# back, and that treatment does not hang on it (the elements of 45 CFR 164.508).
_PHOTOS = (
    "electronic_signing",
    "photos_what",
    "photos_who",
    "photos_purpose",
    "photos_until",
    "photos_back",
    "photos_free",
    "understanding",
    "signature",
)
NEEDED_SECTIONS: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.TREATMENT: _TREATING,
    Purpose.ADD_ON: tuple(one for one in _TREATING if one != "label"),
    Purpose.CLINICAL_PHOTOS: _PHOTOS,
    Purpose.MARKETING_PHOTOS: _PHOTOS,
}
_FEWEST_QUESTIONS = {Purpose.CLINICAL_PHOTOS: 1, Purpose.MARKETING_PHOTOS: 1}
RF_STATEMENT = "rf-fda"
# Blood or a product goes into skin: germs, a virus in blood, lumps.
_ADD_ON_RISKS = frozenset({"infection_bacterial_fungal", "bloodborne_virus", "granuloma"})
_BY_HEAT = "radiofrequency"


@dataclass(frozen=True)
class LintFinding:
    """One fault of a form. An error keeps it from being published; a warning wants a look."""

    severity: Literal["error", "warning"]
    clause: str
    message: str


def lint_form(form: FormContent, catalogue: Catalogue) -> tuple[LintFinding, ...]:
    """Return everything that is wrong with a form, errors first."""
    unknown = tuple(_check_subject(form, catalogue))
    if unknown:
        return unknown
    findings = [finding for check in _checks_of(form) for finding in check(form, catalogue)]
    return tuple(sorted(findings, key=lambda finding: finding.severity))


def serious_risks_for(form: FormContent, catalogue: Catalogue) -> tuple[Risk, ...]:
    """Return the serious risks that a form has to tell, however rare.

    For a treatment these are the catalogue's for its kind of energy. An add-on tells its own in
    its own words beside those of blood and infection; photos have none.
    """
    if form.asks_for is Purpose.ADD_ON:
        return tuple(one for one in catalogue.risks if one.id in _ADD_ON_RISKS)
    if form.procedure is None:
        return ()
    energy = catalogue.procedure[form.procedure].energy
    scopes = ("all", "rf" if energy == _BY_HEAT else "mech")
    return tuple(risk for risk in catalogue.risks if risk.serious and risk.scope in scopes)


def texts_of(block: FormBlock) -> Iterator[str]:
    """Yield every piece of prose in a block."""
    yield from (block.title, block.text, block.explanation, *block.items)
    yield from (option.text for option in block.options)


def _is_for_everybody(block: FormBlock) -> bool:
    """Whether no condition and no missing value can take a clause out of somebody's form."""
    return block.when is None and not block.needs


def _error(clause: str, message: str) -> LintFinding:
    return LintFinding("error", clause, message)


def _check_subject(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    if form.procedure is not None and form.procedure not in catalogue.procedure:
        yield _error("", f"There is no procedure called '{form.procedure}'.")
    known = {one.id for one in catalogue.add_ons}
    if form.add_on is not None and form.add_on not in known:
        yield _error("", f"There is no add-on called '{form.add_on}'.")
    groups = {area.group for area in catalogue.areas}
    for group in form.area_groups:
        if group not in groups:
            yield _error("", f"There is no part of the body called '{group}'.")


def _check_words(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    titles = [("", form.title), *((part.id, part.title) for part in form.sections)]
    texts = [(block.id, text) for block in form.blocks() for text in texts_of(block)]
    for place, text in (*titles, *texts):
        for word in blocked_words_in(text, form.locale):
            yield _error(place, f"The word '{word}' may not be used.")
        for word in mixed_words_in(text):
            yield _error(place, f"The word '{word}' mixes the letters of two alphabets.")
        for word in doubtful_words_in(text, form.locale):
            yield LintFinding("warning", place, f"Look again at the word '{word}'.")


def _check_language(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    """What the catalogue fills in is told in the form's language, or the patient cannot read it."""
    if not has_language(catalogue, form.locale):
        yield _error(
            "",
            f"The approved catalogue has no texts in the language '{form.locale}', so that a"
            " patient could not read risks and questions in it. Approve a catalogue that has them"
            " first.",
        )


def _check_names(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    for block in form.blocks():
        used = {name for text in texts_of(block) for name in PLACEHOLDER.findall(text)}
        for name in sorted((used | set(block.needs)) - PLACEHOLDER_NAMES):
            yield _error(block.id, f"There is no value called '{name}'.")


def _check_clauses(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    for clause, times in Counter(block.id for block in form.blocks()).items():
        if times > 1:
            yield _error(clause, "Two clauses have this id.")
    for section, times in Counter(part.id for part in form.sections).items():
        if times > 1:
            yield _error(section, "Two sections have this id.")
    for block in form.blocks():
        if any(questions_in(block.when)):
            yield _error(block.id, "A clause is shown by what the plan says, not by an answer.")
    ids = [form.id, *(part.id for part in form.sections), *(one.id for one in form.blocks())]
    for name in (one for one in ids if not _ID.fullmatch(one)):
        yield _error(name[:60], "An id is 1 to 60 small letters, digits, '-' and '_'.")
    present = {section.id for section in form.sections}
    for missing in (name for name in NEEDED_SECTIONS[form.asks_for] if name not in present):
        yield _error(missing, f"The section '{missing}' is missing.")


def _check_risks(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    groups = [block for block in form.blocks() if block.kind == "risk"]
    if not groups or groups[0].group != "personal" or not _is_for_everybody(groups[0]):
        yield _error("risks", "The patient's own risks come first, for everybody.")
    serious = [one for one in groups if one.group == "serious" and _is_for_everybody(one)]
    told = {name for block in serious for name in block.risks}
    for risk in serious_risks_for(form, catalogue):
        if risk.id not in told:
            yield _error("risks", f"The serious risk '{risk.id}' is not told to everybody.")
    for block in form.blocks():
        for name in block.risks:
            if name not in catalogue.risk:
                yield _error(block.id, f"There is no risk called '{name}'.")


def _check_choices(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    blocks = list(form.blocks())
    offers = [one for one in blocks if one.kind == "alternative"]
    if not any(one.do_nothing and _is_for_everybody(one) for one in offers):
        yield _error("alternatives", "Doing nothing has to be offered, to everybody.")
    if form.procedure is None:
        return
    benefits = [one for one in blocks if one.kind == "benefit" and "{honest}" in one.text]
    if not any(map(_is_for_everybody, benefits)):
        yield _error("benefit", "The honest benefit of the catalogue has to be told to everybody.")
    if not any(one.fill == "off_label" and _is_for_everybody(one) for one in blocks):
        yield _error("label", "Use beyond the label has to be disclosed.")
    if catalogue.procedure[form.procedure].energy == _BY_HEAT:
        yield from _check_heat(blocks)


def _check_heat(blocks: list[FormBlock]) -> Iterator[LintFinding]:
    """The regulator's warning about needles with heat stands in the form, for everybody."""
    told = (one for one in blocks if one.id == RF_STATEMENT and one.text)
    if not any(map(_is_for_everybody, told)):
        yield _error(RF_STATEMENT, "What the FDA told the public about heat has to be said.")


def _check_signature(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    if [one.kind for one in form.blocks()].count("signature") != 1:
        yield _error("signature", "A form has exactly one place to sign.")
    if not all(_is_for_everybody(one) for one in form.blocks() if one.kind == "signature"):
        yield _error("signature", "The place to sign is there for everybody.")


def _check_end(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    """Leave to advertise with photos ends on a day that the form names."""
    until = next((one for one in form.sections if one.id == "photos_until"), None)
    texts = (text for block in (until.blocks if until else ()) for text in texts_of(block))
    if form.asks_for is Purpose.MARKETING_PHOTOS and not any("{expires_on}" in t for t in texts):
        yield _error("photos_until", "The day on which it ends has to be named.")


def _check_questions(form: FormContent, catalogue: Catalogue) -> Iterator[LintFinding]:
    questions = [block for block in form.blocks() if block.kind == "question"]
    fewest = _FEWEST_QUESTIONS.get(form.asks_for, 3)
    if not fewest <= len(list(filter(_is_for_everybody, questions))) <= len(questions) <= 5:
        words = "Three" if fewest == 3 else "One"
        yield _error("understanding", f"{words} to five questions check what was understood.")
    for block in questions:
        if [option.correct for option in block.options].count(True) != 1:
            yield _error(block.id, "Exactly one answer is the right one.")
        if not block.explanation:
            yield _error(block.id, "A question needs a kind explanation.")


Check = Callable[[FormContent, Catalogue], Iterator[LintFinding]]
_ALWAYS: tuple[Check, ...] = (
    _check_language,
    _check_words,
    _check_names,
    _check_clauses,
    _check_signature,
    _check_questions,
)
_PHYSICAL: tuple[Check, ...] = (_check_risks, _check_choices)


def _checks_of(form: FormContent) -> tuple[Check, ...]:
    if form.asks_for in (Purpose.TREATMENT, Purpose.ADD_ON):
        return (*_ALWAYS, *_PHYSICAL)
    return (*_ALWAYS, _check_end)
