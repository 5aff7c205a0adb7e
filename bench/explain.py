"""The plans of the patients' list and searches on a clinic with 200,000 of 300,000 patients.

Under row-level security a comparison that is not leakproof loses its index without a word: results
stay right and a large clinic waits. So this asks PostgreSQL for the plan of every statement that
the questions really send, and fails on a sequential scan, on a filter that throws many rows away
and on an operator or function that is not leakproof.
"""

import json
import re
import statistics
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.config import Settings
from app.database import TenantScope
from app.patients.duplicates import find_alike
from app.patients.queries import page_patients, search_patients
from app.patients.search import whole_token
from bench.figures import Figure, side_by_side
from bench.many_patients import fill_books
from tests.factories.plans import BORN, make_patient
from tests.factories.tenants import MadeClinic, make_clinic
from tests.support.api import Api

LARGE, OTHERS, SMALL = 200_000, 10, 10_000
ROUNDS = 60
# A filter may drop a few rows of a short range; more means that an index did not serve.
MOST_REMOVED = 200
BIG_TABLES = frozenset({"patient", "patient_token"})
OPERATOR = re.compile(r"(?<=[\s)\]'])([-+*/<>=~!@#%^&|?]+)(?=[\s('])")
FUNCTION = re.compile(r"\b([a-z_][a-z0-9_]*)\(")
# The wall's own words, which PostgreSQL puts before every other condition.
OF_THE_WALL = frozenset({"current_setting", "coalesce", "any", "and", "or", "not", "in", "row"})
LEAKPROOF_OPERATORS = """
SELECT DISTINCT o.oprname FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
WHERE p.proleakproof AND o.oprleft IN ('text'::regtype, 'uuid'::regtype, 'bool'::regtype)
"""
LEAKPROOF_FUNCTIONS = "SELECT DISTINCT proname FROM pg_proc WHERE proleakproof"

Question = Callable[[TenantScope], object]


@dataclass(frozen=True)
class Words:
    """The operators and functions that row-level security lets an index use."""

    operators: frozenset[str]
    functions: frozenset[str]


def measure(app: Flask, settings: Settings) -> list[Figure]:
    """Return the breaches of each question, and how much dearer the last page is."""
    clinic = make_clinic()
    _, email = make_patient(clinic, name="Siobhán Grünwald-Probe")
    fill_books(settings, clinic, LARGE, [(make_clinic(), SMALL) for _ in range(OTHERS)])
    figures = []
    with clinic.scope() as scope:
        words = leakproof_words(scope.session)
        late = last_but(scope, clinic, 60)
        for name, ask in questions(email, late):
            found = breaches_of(scope, ask, words)
            figures.append(Figure(f"breaches: {name}", len(found), "n", 0, "; ".join(found)[:200]))
        bad = breaches_of(scope, ask_badly, words)
        figures.append(Figure("a LIKE that the gate must notice", -len(bad), "n", -1))
        figures += [search_time(scope, name, ask) for name, ask in questions(email, late)[2:]]
    figures.append(last_to_first(Api(app, clinic, clinic.owner), late))
    return figures


def questions(email: str, late: uuid.UUID) -> list[tuple[str, Question]]:
    """Return every list and search of patients, by what a desk would call it."""
    return [
        ("first page", lambda scope: page_patients(scope)),
        ("last page", lambda scope: page_patients(scope, after=late)),
        ("one letter", lambda scope: search_patients(scope, "a")),
        ("a beginning", lambda scope: search_patients(scope, "gru")),
        ("two words, both common", lambda scope: search_patients(scope, "son an")),
        ("a name in any order", lambda scope: search_patients(scope, "grunwald siob")),
        ("nobody", lambda scope: search_patients(scope, "zzzz qqqq")),
        ("a date of birth", lambda scope: search_patients(scope, "17.5.1990")),
        ("a name and a date", lambda scope: search_patients(scope, "an 17.5.1990")),
        ("the end of a phone number", lambda scope: search_patients(scope, "0123")),
        ("a whole phone number", lambda scope: search_patients(scope, "+447700900123")),
        ("an email address", lambda scope: search_patients(scope, email)),
        ("who is alike", lambda scope: ask_who_is_alike(scope, email)),
    ]


def ask_who_is_alike(scope: TenantScope, email: str) -> object:
    """Ask as the duplicate check of a new patient does."""
    tokens = [whole_token(scope, "email", email), whole_token(scope, "phone", "+447700900123")]
    return find_alike(scope, name="Siobhan Grunwald", born=BORN, contact_tokens=tokens)


def ask_badly(scope: TenantScope) -> object:
    """Ask in a way that is right and slow, to see that the gate would notice."""
    asked = "SELECT id FROM patient WHERE tenant_id = %(t)s AND sort_name LIKE %(p)s"
    values = {"t": scope.tenant_id, "p": "grunwald%"}
    return scope.session.connection().exec_driver_sql(asked, values).all()


def last_but(scope: TenantScope, clinic: MadeClinic, many: int) -> uuid.UUID:
    """Return the patient after whom only so many follow in the list."""
    asked = (
        "SELECT id FROM patient WHERE tenant_id = %(t)s AND merged_into IS NULL"
        " AND erased_at IS NULL ORDER BY sort_name DESC, id DESC OFFSET %(n)s LIMIT 1"
    )
    values = {"t": clinic.tenant_id, "n": many}
    found: uuid.UUID = scope.session.connection().exec_driver_sql(asked, values).scalar_one()
    return found


def last_to_first(api: Api, late: uuid.UUID) -> Figure:
    """Return how much dearer the last page is than the first, for a program, measured in turns."""
    first, last = side_by_side(
        lambda: api.get("/patients"), lambda: api.get(f"/patients?after={late}"), rounds=ROUNDS
    )
    ratio = statistics.median(last) / statistics.median(first)
    return Figure("last page of 4,000 to the first", ratio, "x", 1.5)


def search_time(scope: TenantScope, name: str, ask: Question) -> Figure:
    """Return the milliseconds of a search; asked often, so that a prepared plan is seen too."""
    times, _ = side_by_side(lambda: ask(scope), lambda: None, rounds=15, warm=10)
    return Figure(f"search: {name}", statistics.median(times), "ms")


def leakproof_words(session: Session) -> Words:
    """Return what PostgreSQL calls leakproof, for the types that patients are asked by."""
    connection = session.connection()
    operators = connection.exec_driver_sql(LEAKPROOF_OPERATORS).scalars()
    functions = connection.exec_driver_sql(LEAKPROOF_FUNCTIONS).scalars()
    return Words(frozenset(operators), frozenset(functions))


def breaches_of(scope: TenantScope, ask: Question, words: Words) -> list[str]:
    """Return what is wrong with the plans of the statements that a question sends."""
    connection = scope.session.connection()
    sent: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if re.search(r"\bFROM patient", statement):
            sent.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        ask(scope)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    assert sent, "the question asked no table of patients"
    found = []
    for statement, parameters in sent:
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        plan = connection.exec_driver_sql(explain, parameters).scalar_one()
        plan = json.loads(plan) if isinstance(plan, str) else plan
        found += [one for node in nodes_of(plan[0]["Plan"]) for one in breaches_in(node, words)]
    return found


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a plan's nodes from the top."""
    yield node
    for child in node.get("Plans", ()):
        yield from nodes_of(child)


def breaches_in(node: dict[str, Any], words: Words) -> Iterator[str]:
    """Yield what is wrong with one node of a plan."""
    table = node.get("Relation Name", "")
    if node["Node Type"] == "Seq Scan" and table in BIG_TABLES:
        yield f"sequential scan of {table}"
    removed = node.get("Rows Removed by Filter", 0) * node.get("Actual Loops", 1)
    if removed > MOST_REMOVED:
        yield f"{removed:.0f} rows of {table} read in vain by {node.get('Filter')}"
    for condition in (node.get("Filter", ""), node.get("Index Cond", "")):
        bare = re.sub(r"'(?:[^']|'')*'", "''", condition)
        for one in sorted({*OPERATOR.findall(bare)} - words.operators):
            yield f"operator {one} of {table} is not leakproof"
        for one in sorted({*FUNCTION.findall(bare)} - words.functions - OF_THE_WALL):
            yield f"function {one} of {table} is not leakproof"
