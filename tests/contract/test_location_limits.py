"""What a limit to locations does not narrow by itself: every such question is listed, with why.

Questions to the models are narrowed for whoever is limited, whoever wrote them. Plain SQL, tables
asked for past their models, and questions that say ``everywhere`` are not: each stands here.
"""

import ast
from collections.abc import Iterator

import pytest

from app.auth.permissions import WHOLE_CLINIC, Permission
from tests.support.source_rules import DOOR_OR_NOTHING
from tests.support.source_tree import Source, last_name, sources, text_of_constant

# Databases and roles, not rows of a clinic; the key store is a database of its own.
NO_ROWS_OF_A_CLINIC = ("app/database/", "app/vault/", "app/models.py")
WHOLE = "the whole clinic leaves or comes; closed to limited people as a permission"
RIGHTS = "all that is held about one person; closed to limited people as a permission"
TWIN = "a twin elsewhere is told to the owner; whoever is limited sees no answer"
INDEX = "what patients are found by is kept in step; shown to nobody"
SAFETY = "safety: what happened elsewhere decides whether a treatment may start here"
LISTED = {
    "app/care/withdrawal_queries.py _by_visits": "yes or no about one withdrawal",
    "app/messaging/queries.py HOME": "the location of a patient who is written to already",
    "app/patients/queries.py ALSO": "further words of a token that was narrowed",
    "app/patients/queries.py PLACE": "where a page begins; never shown",
    "app/patients/record_queries.py MOVE_PHOTOS": "nothing is read; photos of one patient",
    "app/photos/gallery_queries.py _agrees": "yes or no about one patient",
    "app/photos/gallery_queries.py _any_record": "yes or no about one patient",
    "app/photos/gallery_queries.py _objects_there": "yes or no about one patient",
    "app/plans/queries.py CONSENTS": "whether a consent of a plan in reach was taken back",
    "app/plans/talk_queries.py find_newest_talk": "from when a purchase may be paid",
    "app/plans/services/plan_visit.py mark_after_withdrawal": "nothing is read; visits of one plan",
    "app/audit/queries.py lock_head": "the chain has no places",
    "app/auth/desk_queries.py ON_DUTY": "colleagues, not patients",
    "app/auth/desk_queries.py STAFF_OF_PERSON": "colleagues, not patients",
    "app/auth/queries.py STAFF": "tells who is limited, before anybody is",
    "app/billing/queries.py list_purchases_with_credit": "a session bought elsewhere pays here",
    "app/billing/queries.py list_unused_credits": "a session bought elsewhere pays here",
    "app/billing/refund_queries.py exists_payment_under_way": "yes or no about a purchase",
    "app/billing/refund_queries.py list_purchases_for": "a withdrawal is refunded everywhere",
    "app/care/queries.py find_latest_check": SAFETY,
    "app/care/queries.py list_completions": SAFETY,
    "app/care/queries.py list_incidents_of_patient": SAFETY,
    "app/care/queries.py list_treatments_of_patient": SAFETY,
    "app/desk/chart_queries.py PATIENTS": "ids alone, of people who were found already",
    "app/database/person.py RECORDS_OF_PERSON": "ids alone, of one person who was found already",
    "app/documents/queries.py IMPRINT": "the clinic's name and mark",
    "app/leaving/clinic_queries.py find_patient_of": WHOLE,
    "app/leaving/queries.py _patient_of": WHOLE,
    "app/leaving/queries.py _written_since": WHOLE,
    "app/leaving/queries.py follow": WHOLE,
    "app/leaving/schema_document.py _model_words": "reads the models' words and no row",
    "app/leaving/tables.py all_tables": "reads the models and no row",
    "app/leaving/tables.py shapes": "reads the models and no row",
    "app/leaving/tables.py tables_with_objects": "reads the models and no row",
    "app/messaging/queries.py RESTRICTION": "yes or no about one patient",
    "app/messaging/queries.py DEATH": "yes or no about one patient",
    "app/messaging/queries.py LANGUAGE": "the language of a patient who is written to already",
    "app/messaging/queries.py QUIET_HOURS": "the clinic's hours and a location's zone",
    "app/messaging/queries.py ZONES": "the locations' zones, which are no secret",
    "app/patients/duplicates.py _reasons_by_root": TWIN,
    "app/patients/duplicates.py exists_alike_elsewhere": TWIN,
    "app/patients/place_queries.py PLACES_OF_RECORDS": "ids of locations, which are no secret",
    "app/patients/place_queries.py _walk_each": "tokens of the locations of the limit alone",
    "app/patients/place_queries.py list_tokens_everywhere": INDEX,
    "app/patients/place_queries.py map_list_names": INDEX,
    "app/patients/queries.py find_day_of_death": SAFETY,
    "app/patients/queries.py list_holders": TWIN,
    "app/patients/queries.py list_records_of_person": "ids alone, of a person found already",
    "app/patients/queries.py map_name_words": TWIN,
    "app/patients/queries.py map_roots": TWIN,
    "app/photos/queries.py _objects": "yes or no about one patient",
    "app/photos/queries.py get_consent_for_share": "yes or no about one patient",
    "app/photos/queries.py list_purposes_agreed": "yes or no about one patient",
    "app/rights/record_queries.py exists_subject": RIGHTS,
    "app/rights/record_queries.py list_rows_about": RIGHTS,
    "app/tenants/place_queries.py EXPECTED_VISITS": "ids alone, for a location that closes",
    "app/tenants/visit_queries.py CONFIRM_VISITS": "closed to limited people as a permission",
    "app/tenants/visit_queries.py UNCONFIRMED_VISITS": "ids and times, for hours that change",
}


def not_narrowed(source: Source) -> Iterator[str]:
    """Yield "path name" of every question in a file that no limit narrows."""
    for owner in source.tree.body:
        for node in ast.walk(owner):
            if _is_plain_sql(node) or _is_past_the_models(node) or _is_everywhere(node):
                yield f"{source.path} {_name_of(owner)}"


def _is_plain_sql(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or last_name(node.func) not in {"text", "exec_driver_sql"}:
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr == "text":
        return False  # A field of a form.
    said = text_of_constant(node.args[0]) if node.args else ""
    return not DOOR_OR_NOTHING.match(said)


def _is_past_the_models(node: ast.AST) -> bool:
    """Whether a table is asked for by its name, or a column by a text."""
    if isinstance(node, ast.Call):
        return last_name(node.func) in {"literal_column", "table"}
    return isinstance(node, ast.Attribute) and node.attr in {"__table__", "tables", "sorted_tables"}


def _is_everywhere(node: ast.AST) -> bool:
    return isinstance(node, ast.keyword) and node.arg == "everywhere"


def _name_of(owner: ast.stmt) -> str:
    if isinstance(owner, ast.Assign):
        return last_name(owner.targets[0])
    return str(getattr(owner, "name", ""))


def found() -> set[str]:
    return {
        place
        for source in sources("app")
        if not source.path.startswith(NO_ROWS_OF_A_CLINIC) or source.path.endswith("person.py")
        if not source.path.endswith("models.py")
        for place in not_narrowed(source)
    }


def test_every_question_that_a_limit_does_not_narrow_is_listed_with_its_reason() -> None:
    assert found() == set(LISTED)


@pytest.mark.parametrize(
    "code",
    [
        "ASK = text('SELECT name FROM patient WHERE tenant_id = :tenant_id')",
        "def ask(scope):\n    return scope.session.execute(text(f'SELECT {x} FROM visit'))",
        "def ask(scope):\n    select(Patient.__table__.c.name)",
        "def ask(scope):\n    select(Base.metadata.tables['patient'])",
        "def ask(scope):\n    select(table('patient'))",
        "def ask(scope):\n    select(Patient).execution_options(everywhere=True)",
    ],
)
def test_another_question_past_the_limits_is_noticed(code: str) -> None:
    [place] = set(not_narrowed(Source("app/care/queries.py", code)))

    assert place not in LISTED


def test_what_is_listed_as_closed_is_closed_to_limited_people() -> None:
    closed = {Permission.CLINIC_LEAVE, Permission.RIGHTS_MANAGE, Permission.PATIENT_IMPORT}

    assert {*closed, Permission.PATIENT_EXPORT, Permission.AUDIT_READ} <= WHOLE_CLINIC
