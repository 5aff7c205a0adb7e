"""The rules of the house, read from the source: on the real code and on code that breaks them."""

from collections.abc import Iterator

import pytest

from tests.support import source_rules
from tests.support.source_rules import RULES, Rule
from tests.support.source_tree import PROGRAMS, Source, sources

OF_THE_PRODUCT = sources("app")
OF_ALL_PROGRAMS = sources(*PROGRAMS)
# What holds for every program of ours and not for the product alone.
GENERAL = {
    source_rules.modules_are_named_after_what_they_do,
    source_rules.every_module_says_why_it_exists,
    source_rules.files_and_functions_stay_readable,
    source_rules.exceptions_have_a_reason,
    source_rules.nothing_is_imported_late,
}
SERVICE, QUERIES = "app/care/services/start.py", "app/care/queries.py"
# One piece of code for each rule that breaks it: (path, text).
BROKEN: dict[str, tuple[str, str]] = {
    "rows_are_asked_for_in_queries_only": (SERVICE, "rows = select(Visit)"),
    "plain_sql_opens_doors_only": (SERVICE, "ASK = text('SELECT * FROM visit')"),
    "only_the_edge_ends_a_transaction": (SERVICE, "scope.session.commit()"),
    "only_three_rooms_call_outside": (SERVICE, "outside_call(scope)"),
    "only_the_gateway_imports_stripe": (SERVICE, "from stripe import Charge"),
    "services_know_no_web": (SERVICE, "from flask import request"),
    "services_alone_change_a_state": ("app/consent/signing/pages.py", "consent.state = 'signed'"),
    "time_comes_from_one_clock": (SERVICE, "at = datetime.now(UTC)"),
    "nothing_is_imported_late": (SERVICE, "def f():\n    import json"),
    "modules_are_named_after_what_they_do": ("app/care/visit_utils.py", ""),
    "nobody_filters_by_bare_names": (QUERIES, "select(Visit).filter_by(id=1)"),
    "every_question_names_its_clinic": (QUERIES, "def f():\n    return select(V).where(V.id == 1)"),
    "every_question_in_sql_names_its_clinic": (QUERIES, "ASK = text('SELECT * FROM visit')"),
    "questions_are_named_and_scoped": (QUERIES, "def visits(scope):\n    return []"),
    "jobs_carry_ids_only": (SERVICE, "enqueue(scope, 'care.tell', name='Siobhán')"),
    "the_clinic_is_set_in_one_way": (SERVICE, "text(\"SET app.tenant_id = 'x'\")"),
    "every_module_says_why_it_exists": (SERVICE, "x = 1"),
    "files_and_functions_stay_readable": (SERVICE, "def f():\n" + "    x = 1\n" * 51),
    "exceptions_have_a_reason": (SERVICE, "x = 1  # noqa: S101"),
}
FURTHER_BROKEN: tuple[tuple[Rule, str, str], ...] = (
    (
        source_rules.every_question_names_its_clinic,
        QUERIES,
        "q = select(V).where(V.tenant_id == t).join(W, W.id == V.id)",
    ),
    (source_rules.services_alone_change_a_state, "app/care/pages.py", "a, one.ended_at = 1, now()"),
    (source_rules.services_alone_change_a_state, "app/plans/jobs.py", "update(V).values(state=1)"),
    (source_rules.services_alone_change_a_state, "app/plans/jobs.py", "setattr(one, 'state', 1)"),
    (source_rules.the_clinic_is_set_in_one_way, SERVICE, "text('SELECT set_config(1, 2, true)')"),
    (source_rules.exceptions_have_a_reason, SERVICE, "x = f()  # type: ignore[misc]"),
    (source_rules.exceptions_have_a_reason, SERVICE, "x = f()  # type: ignore"),
    (source_rules.files_and_functions_stay_readable, SERVICE, "x = 1\n" * 301),
    (source_rules.only_the_edge_ends_a_transaction, SERVICE, "session.rollback()"),
)


def name_of(rule: Rule) -> str:
    return rule.__name__


def breaches(rule: Rule, where: list[Source]) -> Iterator[str]:
    for source in where:
        yield from rule(source)


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_code_keeps_the_rule(rule: Rule) -> None:
    where = OF_ALL_PROGRAMS if rule in GENERAL else OF_THE_PRODUCT

    assert list(breaches(rule, where)) == []


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_rule_notices_code_that_breaks_it(rule: Rule) -> None:
    assert list(rule(Source(*BROKEN[rule.__name__]))) != []


@pytest.mark.parametrize(("rule", "path", "text"), FURTHER_BROKEN)
def test_the_rule_notices_other_ways_too(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text))) != []


@pytest.mark.parametrize(
    "allowed",
    [
        source_rules.MAY_SELECT,
        source_rules.MAY_KNOW_FLASK,
        source_rules.MAY_ASK_THE_CLOCK,
    ],
)
def test_every_exception_is_still_needed(allowed: dict[str, str]) -> None:
    assert set(allowed) <= {source.path for source in OF_THE_PRODUCT}
    assert all(len(reason) > 10 for reason in allowed.values())


def test_cve_2026_32238_no_program_of_ours_goes_through_a_shell() -> None:
    """Other programs are started by a list of arguments, which no shell takes apart."""
    shells = ("os.system(", "os.popen(", "shell=True", "getoutput(", "getstatusoutput(")
    found = [one.path for one in OF_ALL_PROGRAMS if any(shell in one.text for shell in shells)]

    assert found == []
    assert not [
        path for path in ("sh", "bash") for one in OF_ALL_PROGRAMS if f'["{path}"' in one.text
    ]
