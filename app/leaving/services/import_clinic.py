"""Take a clinic in from an export: everything or nothing, in one transaction.

It goes in through the same door as everybody: the application's own role, in the clinic's scope,
under row-level security. Ids, instants and sealed files stay as they were; keys are new. The audit
chain stays, too: its hashes need no key, and one more event names where the old chain ended.
"""

import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app import audit
from app.audit.chain import FIRST_PREVIOUS, head_bytes
from app.audit.models import AuditHead
from app.auth.passwords import hash_password
from app.auth.services import ENSURE_PERSON, normal_email
from app.billing.payments.queries import BIND_ACCOUNT
from app.database import SYSTEM, TenantScope, UnitOfWork, unit_of_work
from app.kit.clock import now
from app.kit.ids import new_secret
from app.leaving import clinic_queries as queries
from app.leaving.errors import ExportRefused
from app.leaving.export_reader import Export, NotAnExport, Report, Row
from app.leaving.import_files import FilesPutBack
from app.leaving.import_rows import in_own_order, values_of
from app.leaving.schema_document import schema_document
from app.leaving.tables import Shape, shapes
from app.leaving.verifier import verify
from app.patients.services.index_patient import record_tokens_again
from app.tenants.queries import ADD_MEMBERSHIP, CREATE_CLINIC
from app.vault import KeyShredded, shred_patient, sign_row

BATCH = 200


@dataclass
class Imported:
    """What came in. ``made`` are addresses of people who are new here and have no password yet."""

    tenant_id: uuid.UUID
    manifest_sha256: str
    rows: int = 0
    matched: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)


def import_clinic(path: Path) -> Imported:
    """Import an export as a new clinic of this installation.

    :raise ExportRefused: the manifest or anything else does not hold, the schema is newer than
        ours, or the clinic, one of its accounts or its files are here already
    """
    report = _checked(path)
    with closing(Export(path)) as export:
        _refuse_newer(export)
        tenant_id = uuid.UUID(export.about["clinic"]["id"])
        done = Imported(tenant_id, report.manifest_sha256, sum(report.counts.values()))
        with unit_of_work() as work:
            scope = work.enter(tenant_id, SYSTEM)
            files = FilesPutBack(scope, export)
            try:
                _take_in(work, scope, export, files, done)
                scope.session.flush()
                # Before the commit: a clinic that is here has no key that it had destroyed.
                for one in export.about["destroyed_keys"]:
                    shred_patient(tenant_id, uuid.UUID(one["patient"]), one["key"])
            except BaseException as problem:
                files.take_back()
                _explain(problem)
                raise
    return done


def _checked(path: Path) -> Report:
    try:
        report = verify(path)
    except (NotAnExport, ValueError, KeyError, TypeError) as problem:
        raise ExportRefused("The file is not a whole export.", problems=[str(problem)]) from problem
    if report.problems:
        raise ExportRefused("The export does not hold.", problems=report.problems)
    return report


def _refuse_newer(export: Export) -> None:
    """Refuse tables and columns that we do not know, and rows that lack what we need."""
    ours, problems = schema_document()["$defs"], []
    for table in export.schema["x-tables"]:
        theirs = export.schema["$defs"][table]["properties"]
        if table not in ours:
            problems.append(f"The table {table} is not known here.")
        elif unknown := set(theirs) - set(ours[table]["properties"]):
            problems.append(f"{table}: {', '.join(sorted(unknown))} is not known here.")
    for shape in shapes():
        theirs = export.schema["$defs"].get(shape.name, {}).get("properties", {})
        missing = [c.name for c in shape.columns if not c.nullable and c.name not in theirs]
        if missing and theirs and set(missing) - set(shape.blind_indexes):
            problems.append(f"{shape.name}: {', '.join(missing)} is missing.")
    if problems:
        raise ExportRefused("Another version made this export.", problems=problems)


def _explain(problem: BaseException) -> None:
    """Turn what the database says about ids that exist already into a refusal."""
    if isinstance(problem, IntegrityError):
        name = getattr(getattr(problem.orig, "diag", None), "constraint_name", "") or ""
        told = f"Something in it is here already, or does not fit: {name}."
        raise ExportRefused(told, problems=[told]) from problem
    if isinstance(problem, KeyShredded):
        told = "This clinic was deleted here, and its keys were destroyed for ever."
        raise ExportRefused(told, problems=[told]) from problem


def _take_in(
    work: UnitOfWork, scope: TenantScope, export: Export, files: FilesPutBack, done: Imported
) -> None:
    values = {"name": export.about["clinic"]["legal_name"], "at": now()}
    scope.session.execute(CREATE_CLINIC, values)
    people = _people(work, export, done)
    for shape in shapes():
        _write_table(scope, export, shape, people, files)
    for row in export.rows("staff_member"):
        if row["disabled_at"] is None:
            _let_in(scope, row, people)
    for account in queries.list_accounts(scope):
        scope.session.execute(BIND_ACCOUNT, {"account": account})
    _find_patients_again(scope)
    _go_on_with_chain(scope, done)


def _people(work: UnitOfWork, export: Export, done: Imported) -> dict[uuid.UUID, uuid.UUID]:
    """Return the accounts of the staff: those of this installation by address, the others new."""
    found: dict[uuid.UUID, uuid.UUID] = {}
    for row in export.rows("staff_member"):
        wanted, email = uuid.UUID(row["person_id"]), normal_email(row["email"])
        values = {
            "id": wanted,
            "email": email,
            "name": row["name"],
            # Nobody knows this password: the person sets one by a link to the address.
            "hash": hash_password(new_secret()),
            "at": now(),
            "verified": None,
        }
        here: uuid.UUID = work.session.execute(ENSURE_PERSON, values).scalar_one()
        found[wanted] = here
        (done.made if here == wanted else done.matched).append(email)
    return found


def _let_in(scope: TenantScope, row: Row, people: dict[uuid.UUID, uuid.UUID]) -> None:
    person_id = people[uuid.UUID(row["person_id"])]
    values = {"person_id": person_id, "staff_id": uuid.UUID(row["id"])}
    scope.session.execute(ADD_MEMBERSHIP, values)


def _write_table(
    scope: TenantScope,
    export: Export,
    shape: Shape,
    people: dict[uuid.UUID, uuid.UUID],
    files: FilesPutBack,
) -> None:
    if shape.name not in export.parts:
        return
    for rows in _batches(in_own_order(export, shape)):
        written = [values_of(scope, shape, row, people) for row in rows]
        if shape.has_files:
            for values in written:
                files.put(shape, values)
        scope.session.execute(insert(shape.table), written)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _find_patients_again(scope: TenantScope) -> None:
    """Make what the search finds patients by: it is keyed, and so it was not exported."""
    after = None
    while patients := queries.page_patients(scope, after=after):
        after = patients[-1].id
        for patient in patients:
            if patient.erased_at is None:
                record_tokens_again(scope, patient)
        scope.session.flush()
        scope.session.expunge_all()


def _go_on_with_chain(scope: TenantScope, done: Imported) -> None:
    last = queries.find_last_link(scope)
    seq, head = (last.seq, last.hash) if last else (0, FIRST_PREVIOUS)
    at: datetime = now()
    scope.session.add(
        AuditHead(
            tenant_id=scope.tenant_id,
            seq=seq,
            hash=head,
            mac=sign_row(scope.tenant_id, head_bytes(seq, head)),
            sealed_at=at,
        )
    )
    audit.record(
        scope,
        "leaving:clinic:import",
        subject_id=scope.tenant_id,
        old_head_seq=seq,
        old_head_hash=head.hex(),
        manifest_sha256=done.manifest_sha256,
    )
