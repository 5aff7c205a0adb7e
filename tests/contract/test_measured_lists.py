"""No list escapes the gate of ``python -m bench explain``: no route, no filter, no table.

The gate asks every reading route below a clinic by itself. What it cannot know is asked for here:
with what a list can be narrowed, and how many rows a clinic of many years has in each table.
"""

import ast
import inspect
from urllib.parse import parse_qsl

import pytest

from app import models
from app.database import Base
from bench.lists import KNOWN, NARROWED, reading_endpoints
from bench.many_rows import GROWN, STAYS_SMALL
from tests.contract.test_house import functions_of, reached
from tests.support.route_table import CONVERTER, api_document, bare_app, is_for_programs
from tests.support.source_tree import Source, sources

models.load()
READING = {endpoint: cell[1] for cell, endpoint in reading_endpoints().items()}
PAGES = sorted(name for name, rule in READING.items() if not is_for_programs(rule))
# How a page reads what stands behind the question mark.
READERS = {"args", "asked_id"}
# Said by every page and read by none of its questions.
NO_QUESTION = {"said", "lang"}
MODULES = {source.path: source for source in sources("app")}


def words_asked(endpoint: str) -> set[str]:
    """Return the names that the gate uses to narrow a list."""
    return {name for query in NARROWED.get(endpoint, ()) for name, _ in parse_qsl(query)}


def names_of_page(endpoint: str) -> set[str]:
    """Return the names that a page's view, itself or through its module, reads from its address."""
    view = inspect.unwrap(bare_app().view_functions[endpoint])
    return names_read(MODULES[view.__module__.replace(".", "/") + ".py"], view.__name__)


def names_read(source: Source, view: str) -> set[str]:
    """Return the texts that a function passes to what reads an address."""
    functions = functions_of(source)
    within = [functions[one] for one in reached(view, functions) if one in functions]
    calls = [node for one in within for node in ast.walk(one) if isinstance(node, ast.Call)]
    return {
        one.args[0].value
        for one in calls
        if one.args and isinstance(one.args[0], ast.Constant) and is_reader(one.func)
    } - NO_QUESTION


def is_reader(function: ast.expr) -> bool:
    """Return whether a call reads the address: asked_id("x") or request.args.get("x")."""
    if isinstance(function, ast.Name):
        return function.id in READERS
    value = function.value if isinstance(function, ast.Attribute) else None
    return isinstance(value, ast.Attribute) and value.attr == "args"


def parameters_of(rule: str) -> list[dict[str, str]]:
    """Return what the API's own document says that a reading route takes."""
    path = CONVERTER.sub(r"{\1}", rule)
    found: list[dict[str, str]] = api_document()["paths"][path]["get"].get("parameters", [])
    return found


def test_every_table_of_a_clinic_is_filled_or_says_why_it_stays_small() -> None:
    tables = {name for name, one in Base.metadata.tables.items() if "tenant_id" in one.columns}

    assert set(GROWN) | set(STAYS_SMALL) == tables
    assert set(GROWN) & set(STAYS_SMALL) == set()


def test_every_way_to_narrow_an_answer_for_programs_is_measured() -> None:
    unmeasured = {
        f"{endpoint} {parameter['name']}"
        for endpoint, rule in READING.items()
        if is_for_programs(rule)
        for parameter in parameters_of(rule)
        if parameter["in"] == "query" and parameter["name"] not in words_asked(endpoint)
    }

    assert unmeasured == set()


@pytest.mark.parametrize("endpoint", PAGES)
def test_every_way_to_narrow_a_page_is_measured(endpoint: str) -> None:
    assert names_of_page(endpoint) <= words_asked(endpoint)


def test_a_page_that_learns_a_new_word_is_noticed() -> None:
    code = (
        "def show(scope):\n    return _listed(scope)\n"
        "def _listed(scope):\n    return find(request.args.get('state'), asked_id('who'))"
    )

    assert names_read(Source("app/desk/today.py", code), "show") == {"state", "who"}


def test_what_is_measured_still_exists() -> None:
    assert {*NARROWED, *(one.split()[1] for one in KNOWN)} <= set(READING)
