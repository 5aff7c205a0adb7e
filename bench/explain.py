"""The plans of the patients' list and searches on a clinic with 200,000 of 300,000 patients.

Under row-level security a comparison that is not leakproof loses its index without a word: results
stay right and a large clinic waits. So this asks PostgreSQL for the plan of every statement that
the questions really send, and fails on a sequential scan, on a filter that throws many rows away
and on an operator or function that is not leakproof.
"""

import json
import re
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.database import TenantScope, db
from app.patients.duplicates import find_alike
from app.patients.models import Patient, PatientToken
from app.patients.queries import page_patients, search_patients
from app.patients.search import whole_token
from bench.books import forget_asking, kept_books, make_books
from bench.figures import Figure, side_by_side
from bench.lists import measure_lists
from bench.request_plans import explain, nodes_of, sizes_of_tables, statements_of
from tests.factories.plans import BORN
from tests.factories.tenants import MadeClinic
from tests.support.api import Api
from tests.support.step_up import proven, step_up

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
    """Return the breaches of each question and each list, and how much dearer the last page is."""
    kept = kept_books()
    books = kept or make_books(settings)
    if kept:
        forget_asking(settings, kept)
    clinic = books.clinic
    figures = [Figure(f"{books.rows} rows {'kept' if kept else 'written'}", books.seconds, "s")]
    started = time.monotonic()
    with clinic.scope() as scope:
        words = leakproof_words(scope.session)
        late = last_but(scope, clinic, 60)
        for name, ask in questions(books.email, late):
            found = breaches_of(scope, ask, words)
            figures.append(Figure(f"breaches: {name}", len(found), "n", 0, "; ".join(found)[:200]))
        bad = breaches_of(scope, ask_badly, words)
        figures.append(Figure("a LIKE that the gate must notice", -len(bad), "n", -1))
        figures += [search_time(scope, name, ask) for name, ask in questions(books.email, late)[2:]]
        figures += limited_times(scope, clinic, books.small)
        owner = Api(app, clinic, clinic.owner)
        owner = step_up(owner) if kept else proven(owner)
        people = {
            "owner": owner,
            "few": Api(app, clinic, books.few),
            "limited": Api(app, clinic, books.limited),
        }
        figures += measure_lists(scope, people, books.ids, late)
    figures.append(last_to_first(owner, late))
    figures.append(Figure("asked and judged", time.monotonic() - started, "s"))
    return figures


def limited_times(scope: TenantScope, clinic: MadeClinic, small: uuid.UUID) -> Iterator[Figure]:
    """Yield the times of people limited to a location with few patients, and to the largest one,
    beside the same question with the limit checked on each row that its index finds."""
    sizes = sizes_of_tables(scope)
    for name, place in (("few", small), ("nearly all", clinic.location_id)):
        scope.session.places = frozenset({place})
        scope.session.info.pop("reach", None)
        for what, ask, before in (
            ("list", page_patients, list_row_by_row),
            ("a", lambda s: search_patients(s, "a"), lambda s: search_row_by_row(s, "a")),
            ("gru", lambda s: search_patients(s, "gru"), lambda s: search_row_by_row(s, "gru")),
        ):
            now, then = side_by_side(partial(ask, scope), partial(before, scope), rounds=5, warm=1)
            took, was = statistics.median(now), statistics.median(then)
            yield Figure(f"limited to {name}: {what}", took, "ms", None, f"row by row {was:.1f} ms")
            read = explain(scope, statements_of(db.engine, partial(ask, scope)), sizes)
            note = "; ".join((f"{read.rows} rows read for {read.returned}", *read.wrong))
            yield Figure(f"breaches: limited to {name}: {what}", len(read.wrong), "n", 0, note)
    scope.session.places = None
    scope.session.info.pop("reach", None)


def list_row_by_row(scope: TenantScope) -> object:
    """Ask as the list of people without a limit does, narrowed on every row."""
    statement = (
        select(Patient.id, Patient.name)
        .where(
            Patient.tenant_id == scope.tenant_id,
            Patient.merged_into.is_(None),
            Patient.erased_at.is_(None),
        )
        .order_by(Patient.sort_name, Patient.id)
        .limit(50)
    )
    return scope.session.execute(statement).all()


def search_row_by_row(scope: TenantScope, word: str) -> object:
    """Ask as the search of people without a limit does, narrowed on every row."""
    statement = (
        select(PatientToken.patient_id)
        .where(PatientToken.tenant_id == scope.tenant_id, PatientToken.token.op("^@")(f"n:{word}"))
        .order_by(PatientToken.token, PatientToken.patient_id)
        .limit(80)
    )
    return scope.session.execute(statement).all()


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
        asked = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        plan = connection.exec_driver_sql(asked, parameters).scalar_one()
        plan = json.loads(plan) if isinstance(plan, str) else plan
        found += [one for node in nodes_of(plan[0]["Plan"]) for one in breaches_in(node, words)]
    return found


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
