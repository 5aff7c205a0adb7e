"""Reads a whole catalogue from plain data and refuses what does not hang together.

Shape is checked by ``reading``; here every id that one thing says of another is looked up, so that
no rule, label or risk can point into nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from app.catalogue.content import Catalogue, DeviceLabel
from app.catalogue.expressions import FACT_KINDS, questions_in
from app.catalogue.jurisdictions import Jurisdiction
from app.catalogue.overlay import overlay_problems
from app.catalogue.reading import ContentRefused, read_content
from app.catalogue.rules import Question, Rule, Wait


def load_catalogue(raw: Mapping[str, object]) -> Catalogue:
    """Return the catalogue that a mapping describes; raises ContentRefused with all its faults."""
    catalogue = read_content(Catalogue, raw, "catalogue")
    problems = tuple(problem for check in _CHECKS for problem in check(catalogue))
    if problems:
        raise ContentRefused(*problems)
    return catalogue


def read_device_label(raw: Mapping[str, object]) -> DeviceLabel:
    """Return a clinic's own device label in the catalogue's shape; raises ContentRefused."""
    return read_content(DeviceLabel, raw, "label")


def find_jurisdiction(catalogue: Catalogue, code: str) -> Jurisdiction | None:
    """Return the rules of a place such as GB-SCT; US-TX finds US, which covers its states."""
    for place in catalogue.jurisdictions:
        if place.id == code or (place.covers_states and code.startswith(f"{place.id}-")):
            return place
    return None


def _doubled_ids(catalogue: Catalogue) -> Iterator[str]:
    for name in vars(catalogue):
        items = getattr(catalogue, name)
        ids = [item.id for item in items if hasattr(item, "id")] if type(items) is tuple else []
        for doubled in sorted({one for one in ids if ids.count(one) > 1}):
            yield f"{name} has two entries called '{doubled}'."


def _dangling_labels(catalogue: Catalogue) -> Iterator[str]:
    for label in catalogue.labels:
        where = f"The label '{label.id}'"
        yield from _unknown(where, "kind of device", [label.kind], catalogue.device_kind)
        for use in label.uses:
            yield from _unknown(where, "indication", use.indications, catalogue.indication)
            yield from _unknown(where, "area", use.areas, catalogue.area)


def _dangling_basics(catalogue: Catalogue) -> Iterator[str]:
    for procedure in catalogue.procedures:
        where = f"The procedure '{procedure.id}'"
        yield from _unknown(where, "kind of device", procedure.device_kinds, catalogue.device_kind)
    for risk in catalogue.risks:
        yield from _unknown(f"The risk '{risk.id}'", "area", risk.areas, catalogue.area)
    groups = {extra.group for extra in catalogue.aftercare.by_area}
    for area in catalogue.areas:
        yield from _unknown(f"The area '{area.id}'", "aftercare group", area.aftercare, groups)
    for phase in catalogue.aftercare.phases:
        for advice in (*phase.do, *phase.dont):
            where = f"The advice '{advice.id}'"
            yield from _unknown(where, "aftercare group", advice.groups, groups)
    for place in catalogue.jurisdictions:
        numbers = catalogue.aftercare.numbers
        yield from _unknown(
            f"The jurisdiction '{place.id}'", "help number for", [place.market], numbers
        )


def _dangling_sources(catalogue: Catalogue) -> Iterator[str]:
    known = {source.id for source in catalogue.sources}
    policies = [policy for place in catalogue.jurisdictions for policy in place.policies]
    named = [
        *((rule.id, rule.source) for rule in catalogue.rules),
        *((policy.id, policy.source) for policy in policies),
        *((risk.id, risk.source) for risk in catalogue.risks),
        *((note.id, note.source) for note in catalogue.notes),
    ]
    for name, codes in named:
        yield from _unknown(f"'{name}'", "source", codes, known)
    yield from _unknown("Aftercare", "source", catalogue.aftercare.source, known)


def _dangling_questions(catalogue: Catalogue) -> Iterator[str]:
    sections = {section.id for section in catalogue.sections}
    for question in catalogue.questions:
        where = f"The question '{question.id}'"
        yield from _unknown(where, "section", [question.section], sections)
        yield from _unknown(where, "question", _some(question.follows), catalogue.question)
        yield from _misfit_answer(question)
    asked = {name for rule in catalogue.rules for name in questions_of(rule)}
    for question in catalogue.questions:
        if question.id not in asked:
            yield f"The question '{question.id}' is asked by no rule."
    for pair in catalogue.contradictions:
        named = (*pair.questions, *questions_in(pair.when))
        yield from _unknown(f"The contradiction '{pair.id}'", "question", named, catalogue.question)


def _misfit_answer(question: Question) -> Iterator[str]:
    if (question.answer == "choice") != bool(question.choices):
        yield f"The question '{question.id}' needs choices if, and only if, it is a choice."
    if (question.answer == "derived") != (question.asked_of == "derived"):
        yield f"The question '{question.id}' is either derived in both ways or in none."


def _dangling_rules(catalogue: Catalogue) -> Iterator[str]:
    for rule in catalogue.rules:
        where = f"The rule '{rule.id}'"
        yield from _unknown(where, "question", questions_of(rule), catalogue.question)
        yield from _unknown(where, "risk", _some(rule.adds_risk), catalogue.risk)
        yield from _unknown(where, "fact", _some(rule.areas_from), FACT_KINDS)
        yield from _misfit_rule(rule, where)


def _misfit_rule(rule: Rule, where: str) -> Iterator[str]:
    if rule.action == "defer" and rule.wait is None:
        yield f"{where} defers, and has no wait."
    if rule.action == "substitute" and rule.substitute is None:
        yield f"{where} substitutes, and says nothing to use instead."
    if rule.policy is not None and rule.policy.default not in rule.policy.options:
        yield f"{where} has a policy whose default is not among its options."


def questions_of(rule: Rule) -> tuple[str, ...]:
    """Return the ids of every question that a rule looks at, its own first, without repeats."""
    conditions = [rule.applies_when, rule.fires_when, *(case.when for case in rule.variants)]
    names = [rule.question, *(name for part in conditions for name in questions_in(part))]
    names += [wait.question for wait in _waits_of(rule) if wait.question is not None]
    return tuple(dict.fromkeys(names))


def _waits_of(rule: Rule) -> Iterator[Wait]:
    effects = rule.policy.options.values() if rule.policy is not None else ()
    for holder in (rule, *rule.variants, *effects):
        if holder.wait is not None:
            yield holder.wait


def _some(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _unknown(
    where: str, what: str, names: Iterable[str], known: Mapping[str, object] | set[str]
) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{where} names the {what} '{name}', which does not exist."


_CHECKS: tuple[Callable[[Catalogue], Iterator[str]], ...] = (
    _doubled_ids,
    _dangling_basics,
    _dangling_labels,
    _dangling_sources,
    _dangling_questions,
    _dangling_rules,
    overlay_problems,
)
