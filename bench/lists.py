"""Every page and every answer of the product that reads, on a clinic of many years.

Nothing has to be entered for a new list: every reading route below a clinic is asked, as a browser
or a program asks it, and the plan of every statement that it sends is judged. What narrows a list
stands in ``NARROWED``; a contract test finds a route that can be narrowed and is not there.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from app.audit.places import write_place
from app.database import Actor, TenantScope, db
from app.kit.clock import now
from app.patients.sealed_search import seal_search
from bench.figures import Figure
from bench.installation import BOOKS
from bench.request_plans import Read, explain, sizes_of_tables, statements_of
from tests.support.api import Api
from tests.support.route_table import CONVERTER, Cell, cells_below_a_clinic, is_for_programs, rules

# Queries by endpoint, beside the bare list. Names in braces stand for the story's ids and days.
AUDIT: tuple[str, ...] = (
    "actor_id={staff}",
    "patient_id={patient}",
    "subject_id={patient}",
    "kind=consent",
)
AUDIT += ("kind=billing", "since={year}", "until={year}", "before={long_ago}")
AUDIT += ("actor_id={staff}&kind=consent", "patient_id={patient}&before={long_ago}")
AUDIT_PAGE = tuple(
    one.replace("actor_id", "person").replace("_id", "").replace("{year}", "{day}") for one in AUDIT
)
NARROWED: dict[str, tuple[str, ...]] = {
    "audit.list_events": AUDIT,
    "audit_pages.show_audit": AUDIT_PAGE,
    "care.may_we": ("practitioner_id={staff}&device_id={device}&lot=LOT-1&area=face_cheeks:500",),
    "chart_access.list_patient_looks": ("before={long_ago}",),
    "chart_access.list_staff_looks": ("before={long_ago}",),
    "chart_pages.show_patient_looks": ("before={long_ago}",),
    "chart_pages.show_staff_looks": ("before={long_ago}",),
    "clinic_settings.preview_paper": ("colour=moss&logo={nobody}",),
    "devices.ask_for_device": ("location={location}",),
    "form_editor.ask_clause": ("kind=list",),
    "form_library.show_library": ("after={form}",),
    "form_library.show_shipped": ("form=mechanical.en",),
    "form_version.show_changes": ("from={nobody}",),
    "forms.list_forms": ("after={form}",),
    "hold_pages.show_queue": ("after={long_ago}",),
    "holds.list_open": ("after={long_ago}",),
    "merge_pages.ask_which": ("found={search}",),
    "messaging_pages.show_outbox": ("before={long_ago}",),
    "patient_lists.list_rows": ("after=100",),
    "patients.list_patients": ("after={last}",),
    "patients_pages.ask_for_patient": ("found={search}",),
    "patients_pages.show_patients": ("after={last}", "found={search}", "found={letter}"),
    "photo_pages.compare": ("area=face_cheeks&view=front",),
    "photo_pages.show_gallery": ("before={long_ago}",),
    "photos.list_gallery": ("after={long_ago}",),
    "plans_pages.ask_for_plan": ("location={location}",),
    "policies_api.list_policies": ("on={day}",),
    "standing_pages.show_one": ("rule=hsv_history_area",),
    "today.show_today": ("location={location}&day={day}", "day={busy}"),
    "visit_pages.show_visit": ("practitioner_id={staff}",),
    "withdrawal_pages.show_withdrawals": ("waiting={late}&done={late}",),
    "withdrawals.list_withdrawals": ("waiting={late}&done={late}",),
}
WRONG = BOOKS / "wrong.txt"
# What reads more than a page all the same, and why; "few" are people of a small location.
KNOWN: dict[str, str] = {}


# What answers otherwise than with 200 in the story, and why. Its statements are judged, too.
ANSWERS = {
    "billing.get_stripe_account": 409,  # nobody has connected one
    "consent.get_decline": 409,  # nobody has said no
    "consent.get_withdrawal": 409,  # nobody has taken it back
    "consent.get_withdrawal_receipt": 409,  # it is sealed by a job
    "photos.get_file": 410,  # a link that nobody asked for
    "photos.get_gallery_file": 410,
    "standing_pages.show_one": 303,  # without a rule it leads to the list
}


@dataclass(frozen=True)
class Asked:
    """One request: who asks, which rule, and the whole path."""

    who: str
    endpoint: str
    query: str
    path: str


def measure_lists(
    scope: TenantScope, people: dict[str, Api], ids: dict[str, str], last: uuid.UUID
) -> Iterator[Figure]:
    """Yield one line for each request; a breach of any rule counts against it."""
    sizes = sizes_of_tables(scope)
    WRONG.unlink(missing_ok=True)
    for who, api in people.items():
        values = {**words_of(scope, ids, api), "last": str(last)}
        for one in requests_of(who, str(scope.tenant_id), ids, values):
            status, sent = ask(api, one.path)
            if status not in {200, ANSWERS.get(one.endpoint)}:
                # Who is limited to a place with 30 patients finds little of the story.
                if who == "owner" or status >= 500:
                    yield Figure(f"{who} {one.endpoint} answered {status}", 1, "n", 0)
                continue
            read = explain(scope, sent, sizes)
            scope.session.rollback()
            note_wrong(one, read)
            yield figure_of(one, read)


def note_wrong(one: Asked, read: Read) -> None:
    """Keep the whole statements and plans of what is wrong in a file beside the data."""
    if read.told:
        with WRONG.open("a") as file:
            file.write(
                "\n\n".join((f"## {one.who} {one.endpoint} {one.query}", *read.told)) + "\n\n"
            )


def figure_of(one: Asked, read: Read) -> Figure:
    """Return what a request cost beside what it may: nothing wrong, but for what is known."""
    known = KNOWN.get(f"{one.who} {one.endpoint}") if read.wrong else None
    cost = f"{read.statements} statements, {read.rows} rows read, {read.buffers} buffers"
    name = f"{one.who} {one.endpoint}{'?' * bool(one.query)}{one.query}"
    note = "; ".join((cost, *([f"known: {known}"] if known else read.wrong)))
    return Figure(name[:58], len(read.wrong), "n", None if known else 0, note)


def requests_of(
    who: str, clinic_id: str, ids: dict[str, str], values: dict[str, str]
) -> Iterator[Asked]:
    """Yield every reading request below a clinic, bare and with each way to narrow it."""
    endpoints = reading_endpoints()
    for cell, endpoint in endpoints.items():
        path = CONVERTER.sub(lambda one: {**ids, "clinic_id": clinic_id}[one.group(1)], cell[1])
        yield Asked(who, endpoint, "", path)
        for query in NARROWED.get(endpoint, ()):
            yield Asked(who, endpoint, query, f"{path}?{query.format(**values)}")


def reading_endpoints() -> dict[Cell, str]:
    """Return the endpoint of every route below a clinic that reads."""
    reading = set(cells_below_a_clinic())
    return {
        ("GET", str(rule)): str(rule.endpoint)
        for rule in rules()
        if "GET" in (rule.methods or set()) and ("GET", str(rule)) in reading
    }


def words_of(scope: TenantScope, ids: dict[str, str], api: Api) -> dict[str, str]:
    """Return what stands for the names in queries."""
    year = now() - timedelta(days=365)
    asking = replace(scope, actor=Actor("staff", api.who.id, api.who.person_id))
    return {
        "staff": ids["staff_id"],
        "patient": ids["patient_id"],
        "device": ids["device_id"],
        "location": ids["location_id"],
        "nobody": str(uuid.uuid4()),
        "year": year.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "day": year.date().isoformat(),
        "busy": (now() - timedelta(days=3)).date().isoformat(),
        "long_ago": write_place((now() - timedelta(days=900), uuid.uuid4())),
        "late": write_place((now() - timedelta(days=60), uuid.uuid4())),
        "form": ids["form_version_id"],
        "search": seal_search(asking, "an 17.5.1990"),
        "letter": seal_search(asking, "a"),
    }


def ask(api: Api, path: str) -> tuple[int, list[tuple[str, object]]]:
    """Send a request as a program or a browser would; return its status and its statements."""
    accept = "application/json" if is_for_programs(path) else "text/html"
    told: list[int] = []

    def send() -> None:
        told.append(api.client.get(path, headers={"Accept": accept}).status_code)

    sent = statements_of(db.engine, send)
    return told[0], sent
