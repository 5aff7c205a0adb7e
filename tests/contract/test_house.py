"""Rules that take the whole house to check: events, jobs, errors, budgets and excuses."""

import ast
import importlib
import re
from itertools import chain

import pytest

from app import blueprints, models
from app.errors import AppError
from app.jobs.registry import HANDLERS, NEEDS, NIGHTLY, OUTLIVES
from tests.support.route_table import bare_app
from tests.support.source_rules import EXCUSE
from tests.support.source_tree import PROGRAMS, ROOT, Source, last_name, sources, text_of_constant

# Services that change something and leave no event, and why.
SILENT = {
    "app/consent/services/open_grants.py open_grants": "a part of two services that record",
    "app/patients/services/index_patient.py follow_places": "a part of services that record",
    "app/tenants/services/sign_up_clinic.py add_staff_row": "a part of two services that record",
    "app/tenants/services/join_staff.py add_places": "a part of two services that record",
}
# The excuses (noqa, type: ignore) of all our programs and tests together. It may only fall.
MOST_EXCUSES = 60
# What a module calls to register what the worker does.
REGISTERS = ("handler", "regular", "handler_for_person")
TAG = re.compile(r"^[a-z_]+:[a-z_]+:[a-z_]+$")
PRODUCT = sources("app")
TESTS = sources("tests")
SERVICES = [source for source in PRODUCT if source.is_service]


def functions_of(source: Source) -> dict[str, ast.FunctionDef]:
    """Return a module's functions by name."""
    return {node.name: node for node in source.tree.body if isinstance(node, ast.FunctionDef)}


def names_called(function: ast.FunctionDef) -> set[str]:
    """Return the last names of everything that a function calls or passes on."""
    calls = {last_name(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
    return calls | {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}


def reached(start: str, functions: dict[str, ast.FunctionDef]) -> set[str]:
    """Return every name that a function calls, itself or through others of its module."""
    seen, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name in functions and name not in seen:
            waiting.extend(names_called(functions[name]))
        seen.add(name)
    return seen


def silent_services(source: Source) -> list[str]:
    """Return public functions that add or delete rows and record no event."""
    functions = functions_of(source)
    return [
        f"{source.path} {name}"
        for name in functions
        if not name.startswith("_")
        and {"add", "add_all", "delete"} & reached(name, functions)
        and "record" not in reached(name, functions)
        and not any(one.startswith(("record_", "book_")) for one in reached(name, functions))
    ]


@pytest.mark.parametrize("source", SERVICES, ids=lambda source: source.path)
def test_a_service_that_changes_something_records_an_event(source: Source) -> None:
    assert [name for name in silent_services(source) if name not in SILENT] == []


def test_a_silent_service_would_be_noticed() -> None:
    silent = "def _keep(scope):\n    scope.session.add(1)\ndef sell(scope):\n    _keep(scope)\n"

    assert silent_services(Source("app/shop/services.py", silent)) != []
    assert silent_services(Source("app/shop/services.py", f"{silent}    audit.record(scope)")) == []


def test_every_event_has_a_tag_of_three_words() -> None:
    tags = [
        (source.at(call), text_of_constant(call.args[1]))
        for source in PRODUCT
        if source.room != "audit"
        for call in source.calls("record")
        if isinstance(call.func, ast.Attribute)
        and last_name(call.func.value) == "audit"
        and len(call.args) > 1
        and last_name(getattr(call.args[1], "value", call)) != "acts"
    ]
    # A way that rooms share is told by each room what its acts are called.
    tags += [
        (source.at(call), text_of_constant(one))
        for source in PRODUCT
        for call in source.calls("Acts")
        for one in call.args
    ]

    assert len(tags) > 10
    assert [place for place, tag in tags if not TAG.match(tag)] == []


def test_every_job_that_is_enqueued_has_a_handler_and_the_other_way_round() -> None:
    bare_app()
    enqueued = {
        text_of_constant(call.args[1])
        for source in PRODUCT
        for call in source.calls("enqueue")
        if source.room != "jobs" and len(call.args) > 1
    }
    enqueued |= {
        text_of_constant(call.args[2])
        for source in PRODUCT
        for call in source.calls("note_in_clinics")
    }
    ours = {name for name, handler in HANDLERS.items() if handler.__module__.startswith("app.")}

    assert enqueued | set(NIGHTLY) == ours


def test_every_job_says_what_it_needs_of_its_asker_or_why_it_outlives_them() -> None:
    bare_app()
    ours = {name for name, handler in HANDLERS.items() if handler.__module__.startswith("app.")}

    assert ours - set(NIGHTLY) - set(NEEDS) - set(OUTLIVES) == set()
    assert set(NEEDS) & set(OUTLIVES) == set()


def test_every_module_with_jobs_or_tables_is_in_its_list() -> None:
    with_jobs = {
        source.path.removesuffix(".py").replace("/", ".")
        for source in PRODUCT
        if any(list(source.calls(word)) for word in REGISTERS) and source.room != "jobs"
    }
    with_tables = {
        source.path.removesuffix(".py").replace("/", ".")
        for source in PRODUCT
        if source.path.endswith("models.py") and "__tablename__" in source.text
    }

    assert with_jobs == set(blueprints.JOBS)
    assert with_tables == set(models.MODULES)


def test_every_blueprint_is_registered() -> None:
    made = {
        f"{source.path.removesuffix('.py').replace('/', '.')}:{target.id}"
        for source in PRODUCT
        for node in source.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if (last_name(node.value.func) or "").casefold().endswith("blueprint")
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    assert made == {*blueprints.BLUEPRINTS, *blueprints.COMMANDS}


def errors() -> list[type[AppError]]:
    """Return every named outcome of the product."""
    for source in PRODUCT:
        if "errors" in source.text:
            importlib.import_module(
                source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            )
    found: list[type[AppError]] = []
    waiting = [AppError]
    while waiting:
        error = waiting.pop()
        found.append(error)
        waiting.extend(error.__subclasses__())
    return [error for error in found if error.__module__.startswith("app.")]


def test_every_error_code_is_documented() -> None:
    page = ROOT / "docs/api.md"
    said = page.read_text() if page.exists() else ""
    missing = {
        f"| `{error.code}` | {int(error.status)} | {error.title} |"
        for error in errors()
        if f"`{error.code}`" not in said
    }

    assert not missing, "docs/api.md lacks these lines:\n" + "\n".join(sorted(missing))


def test_an_error_code_means_one_thing() -> None:
    by_code: dict[str, set[int]] = {}
    for error in errors():
        by_code.setdefault(error.code, set()).add(int(error.status))

    assert {code: statuses for code, statuses in by_code.items() if len(statuses) > 1} == {}


def test_no_error_is_named_an_error() -> None:
    named = [error.__name__ for error in errors() if error is not AppError]

    assert [name for name in named if name.endswith(("Error", "Exception"))] == []


@pytest.mark.parametrize("source", TESTS, ids=lambda source: source.path)
def test_a_test_file_stays_readable(source: Source) -> None:
    most = 200 if source.path.endswith("conftest.py") else 500

    assert source.text.count("\n") <= most


def test_our_own_code_is_never_mocked() -> None:
    mocking = [
        source.at(node)
        for source in TESTS
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Call) and last_name(node.func) in {"patch", "setattr", "Mock"})
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("unittest"))
    ]

    assert mocking == []


def test_the_number_of_excuses_only_falls() -> None:
    counted = sum(
        len(EXCUSE.findall(source.text))
        for source in chain(sources(*PROGRAMS), TESTS, sources("migrations", "scripts"))
        if not source.path.startswith(("tests/support/source_", "tests/contract/test_source"))
    )

    assert counted <= MOST_EXCUSES


def test_every_test_package_has_no_code_of_the_product_in_it() -> None:
    """The simulators and the demo never reach into the product's insides, nor it into theirs."""
    reaching = [
        source.at(node)
        for source in PRODUCT
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[0] in {"stripesim", "stampsim", "demo", "tests", "bench"}
    ]

    assert reaching == []
