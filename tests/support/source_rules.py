"""The rules of the house as functions: each returns the places that break it."""

import ast
import re
from collections.abc import Callable, Iterator

from tests.support.source_tree import PROGRAMS, Source, last_name, text_of_constant

Rule = Callable[[Source], Iterator[str]]

# Who may talk to the world outside while no transaction runs.
TALKERS = ("app/documents/", "app/billing/", "app/messaging/")
# What may ask for rows outside a queries.py, and why.
MAY_SELECT = {"app/idempotency.py": "the edge's own table, which belongs to no room"}
# Why a service may know Flask.
MAY_KNOW_FLASK: dict[str, str] = {}
# Why a module may ask the machine's clock and not ours.
MAY_ASK_THE_CLOCK = {
    "app/kit/clock.py": "it is our clock",
    "app/documents/stamping.py": "certificates live in real time, also when the demo's clock moves",
    "app/billing/gateway.py": "a webhook's age is measured against the sender's real clock",
}
VAGUE_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|misc)(_|$)")
QUESTION_WORDS = (
    *("get_", "find_", "list_", "page_", "count_", "exists_", "search_", "lock_"),
    *("map_", "sum_", "last_", "balance_"),
)
# Rooms whose rows have a life, and the columns that say where in it they are.
STATEFUL = frozenset({"plans", "consent", "care", "photos"})
STATES = frozenset(
    {"state", "signed_at", "attested_at", "ended_at", "valid_until", "closed_at", "removed_at"}
)
# Functions that may be longer than others, and why.
LONG_ON_PURPOSE = {"new_intent": "one object of Stripe's, written out field by field"}
DOOR_OR_NOTHING = re.compile(
    r"^(SELECT ([\w*, ]+ FROM )?door\.|SELECT 1$|SELECT clock_timestamp\(\)$)"
)
SETS_TENANT = re.compile(r"SET\s+(SESSION\s+)?app\.", re.IGNORECASE)


def rows_are_asked_for_in_queries_only(source: Source) -> Iterator[str]:
    """``select(`` lives in queries.py."""
    if source.is_queries or source.path in MAY_SELECT or source.room == "database":
        return
    for call in source.calls("select"):
        if isinstance(call.func, ast.Name):
            yield source.at(call)


def plain_sql_opens_doors_only(source: Source) -> Iterator[str]:
    """``text("…")`` outside queries.py calls a door and nothing else."""
    if source.is_queries or source.room in {"database", "vault"} or "/models" in source.path:
        return
    for call in source.calls("text"):
        if isinstance(call.func, ast.Name) and call.args:
            statement = text_of_constant(call.args[0])
            if statement and not DOOR_OR_NOTHING.match(statement):
                yield source.at(call)


def only_the_edge_ends_a_transaction(source: Source) -> Iterator[str]:
    """``commit(`` and ``rollback(`` live in app/database."""
    if source.room == "database":
        return
    for word in ("commit", "rollback"):
        yield from (source.at(call) for call in source.calls(word))


def only_three_rooms_call_outside(source: Source) -> Iterator[str]:
    """Sealing, payments and messages use ``outside_call``; nobody else."""
    if source.room == "database" or source.path.startswith(TALKERS):
        return
    yield from (source.at(call) for call in source.calls("outside_call"))


def only_the_gateway_imports_stripe(source: Source) -> Iterator[str]:
    """``import stripe`` is in one place."""
    if source.path != "app/billing/gateway.py":
        yield from _imports(source, "stripe")


def services_alone_change_a_state(source: Source) -> Iterator[str]:
    """``row.state = …`` of a plan, a form, a consent, a hold or a visit is a service's act."""
    if source.is_service or source.room not in STATEFUL:
        return
    for node in ast.walk(source.tree):
        targets = node.targets if isinstance(node, ast.Assign) else ()
        parts = (part for target in targets for part in ast.walk(target))
        if any(isinstance(one, ast.Attribute) and one.attr in STATES for one in parts):
            yield source.at(node)
        if isinstance(node, ast.Call) and last_name(node.func) in {"update", "setattr", "values"}:
            named = {word.arg for word in node.keywords}
            said = {text_of_constant(one) for one in node.args}
            if (named | said) & STATES:
                yield source.at(node)


def services_know_no_web(source: Source) -> Iterator[str]:
    """Services import neither Flask nor marshmallow, so that jobs and commands can use them."""
    if source.is_service and source.path not in MAY_KNOW_FLASK:
        for package in ("flask", "marshmallow", "flask_smorest", "werkzeug"):
            yield from _imports(source, package)


def time_comes_from_one_clock(source: Source) -> Iterator[str]:
    """``clock.now()`` is the only clock."""
    if source.path in MAY_ASK_THE_CLOCK:
        return
    for call in ast.walk(source.tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            asked = f"{last_name(call.func.value)}.{call.func.attr}"
            if asked in {"datetime.now", "datetime.utcnow", "date.today", "time.time"}:
                yield source.at(call)


def nothing_is_imported_late(source: Source) -> Iterator[str]:
    """Imports are at the top, except in create_app."""
    for function in source.functions():
        if function.name != "create_app":
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield source.at(node)


def modules_are_named_after_what_they_do(source: Source) -> Iterator[str]:
    """No util, helpers, common or misc."""
    if any(VAGUE_NAMES.search(part.removesuffix(".py")) for part in source.path.split("/")):
        yield source.path


def nobody_filters_by_bare_names(source: Source) -> Iterator[str]:
    """``filter_by`` is ambiguous as soon as two tables are joined: each has tenant_id and id."""
    yield from (source.at(call) for call in source.calls("filter_by"))


def every_question_names_its_clinic(source: Source) -> Iterator[str]:
    """Each select and each join in queries.py says tenant_id in the same statement."""
    if not source.is_queries:
        return
    for statement in _statements(source.tree):
        said = _said(source, statement)
        if _has_select(statement) and _names_a_model(statement) and "tenant_id" not in said:
            yield source.at(statement)
    for word in ("join", "outerjoin"):
        for call in source.calls(word):
            argument = call.args[1] if len(call.args) > 1 else None
            if _is_table_join(call) and (
                argument is None or "tenant_id" not in _said(source, argument)
            ):
                yield source.at(call)


def every_question_in_sql_names_its_clinic(source: Source) -> Iterator[str]:
    """Plain SQL in queries.py goes through a door or says tenant_id."""
    if not source.is_queries:
        return
    for call in source.calls("text"):
        statement = text_of_constant(call.args[0]) if call.args else ""
        if not DOOR_OR_NOTHING.match(statement) and "tenant_id = :" not in statement:
            yield source.at(call)


def questions_are_named_and_scoped(source: Source) -> Iterator[str]:
    """A public query begins with a question word and takes the scope (or a session) first."""
    if not source.is_queries:
        return
    for function in source.tree.body:
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
            first = function.args.args[0].arg if function.args.args else ""
            asks = "scope" in first or "session" in first
            if asks and not function.name.startswith(QUESTION_WORDS):
                yield f"{source.at(function)} {function.name}"


def jobs_carry_ids_only(source: Source) -> Iterator[str]:
    """The arguments of a job are ids, so that a queue never holds a person's words."""
    for call in source.calls("enqueue"):
        for keyword in call.keywords:
            name = keyword.arg or "**"
            if name not in {"lock", "not_before"} and not name.endswith("_id"):
                yield f"{source.at(call)} {name}"


def the_clinic_is_set_in_one_way(source: Source) -> Iterator[str]:
    """No set_config(), and no SET app.… without LOCAL."""
    for node in ast.walk(source.tree):
        said = text_of_constant(node)
        if "set_config(" in said and "has" not in said and not said.startswith(("Tell", "Set")):
            yield source.at(node)
        if SETS_TENANT.search(said):
            yield source.at(node)


def every_module_says_why_it_exists(source: Source) -> Iterator[str]:
    """A module begins with a docstring, unless there is nothing in it."""
    if source.tree.body and not ast.get_docstring(source.tree):
        yield source.path


def files_and_functions_stay_readable(source: Source) -> Iterator[str]:
    """Budgets: 300 lines a file (models and schemas 400), 50 a function."""
    lines = source.text.count("\n")
    wide = source.path.endswith(("models.py", "schemas.py"))
    if lines > (400 if wide else 300):
        yield f"{source.path} has {lines} lines"
    for function in source.functions():
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > 50 and function.name not in LONG_ON_PURPOSE:
            yield f"{source.at(function)} {function.name} has {length} lines"


def exceptions_have_a_reason(source: Source) -> Iterator[str]:
    """Every noqa and type: ignore says why, on its line."""
    for number, line in enumerate(source.text.splitlines(), 1):
        for mark in EXCUSE.finditer(line):
            if not REASON.search(line[mark.start() :]):
                yield f"{source.path}:{number}"


EXCUSE = re.compile(r"#\s*(noqa|type:\s*ignore)")
REASON = re.compile(r"#\s*(noqa: [A-Z0-9, ]+|type: ignore\[[a-z-, ]+\])\s+(-{1,2}|#|—|–)\s*\S.{3,}")
RULES: tuple[Rule, ...] = (
    rows_are_asked_for_in_queries_only,
    plain_sql_opens_doors_only,
    only_the_edge_ends_a_transaction,
    only_three_rooms_call_outside,
    only_the_gateway_imports_stripe,
    services_know_no_web,
    services_alone_change_a_state,
    time_comes_from_one_clock,
    nothing_is_imported_late,
    modules_are_named_after_what_they_do,
    nobody_filters_by_bare_names,
    every_question_names_its_clinic,
    every_question_in_sql_names_its_clinic,
    questions_are_named_and_scoped,
    jobs_carry_ids_only,
    the_clinic_is_set_in_one_way,
    every_module_says_why_it_exists,
    files_and_functions_stay_readable,
    exceptions_have_a_reason,
)
# Rules that hold for the simulators and the demo as well.
EVERYWHERE = PROGRAMS


def _imports(source: Source, package: str) -> Iterator[str]:
    for node in ast.walk(source.tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        if any(name == package or name.startswith(package + ".") for name in names):
            yield source.at(node)


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield the innermost statements, which hold an expression and no other statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr):
            yield node


def _has_select(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "select"
        for node in ast.walk(statement)
    )


def _names_a_model(node: ast.AST) -> bool:
    """Return whether a statement names a model itself, and not in a question put to another."""
    if isinstance(node, ast.Call) and any(
        isinstance(argument, ast.Name) and argument.id == "scope" for argument in node.args
    ):
        return False
    if isinstance(node, ast.Name):
        return node.id[0].isupper()
    return any(_names_a_model(child) for child in ast.iter_child_nodes(node))


def _is_table_join(call: ast.Call) -> bool:
    return not isinstance(getattr(call.func, "value", None), ast.Constant) and bool(call.args)


def _said(source: Source, node: ast.AST) -> str:
    return ast.get_source_segment(source.text, node) or ""
