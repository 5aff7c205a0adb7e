"""The last step of an import: everybody is added in one transaction, and looked for once more.

Days may lie between the trial and this step, and people are added meanwhile. Whoever came onto the
books since is neither added twice nor left out unsaid: their row says so in the report.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit.csv_text import TextTable
from app.kit.ids import new_id
from app.patients.duplicates import find_alike
from app.patients.import_models import PatientImport, PatientImportRow
from app.patients.import_rows import LATE_TWIN, Mapped, Problem, read_row
from app.patients.services.add_patient import add_patient


def add_accepted(
    scope: TenantScope,
    one: PatientImport,
    accepted: Sequence[PatientImportRow],
    table: TextTable,
    mapped: Mapped,
) -> None:
    """Add everybody whose row the trial accepted, but for those who are on the books by now.

    Each is looked for just before they are added. People of the same file are no twins here: the
    trial has compared its rows with each other. Raises Invalid for a row that cannot be read.
    """
    ours = frozenset(row.patient_id for row in accepted)
    late = 0
    for row in accepted:
        wanted, _ = read_row(table.rows[row.number - 1], mapped, width=len(table.headings))
        if wanted is None:
            raise Invalid(f"Row {row.number} cannot be imported any more.")
        name, born = wanted.name, wanted.date_of_birth
        if find_alike(scope, name=name, born=born, contact_tokens=(), besides=ours):
            _leave_out(scope, one, row)
            late += 1
        else:
            add_patient(scope, wanted, patient_id=row.patient_id, is_new=True)
    added = len(accepted) - late
    audit.record(scope, "patients:import:finish", subject_id=one.id, patients=added, twins=late)


def found_row(
    scope: TenantScope,
    import_id: uuid.UUID,
    number: int,
    outcome: str,
    problems: Sequence[Problem],
) -> PatientImportRow:
    """Return what was found in one row, with an id for the patient that it may become."""
    return PatientImportRow(
        tenant_id=scope.tenant_id,
        id=new_id(),
        import_id=import_id,
        number=number,
        outcome=outcome,
        problems=[asdict(problem) for problem in problems],
        patient_id=new_id(),
    )


def _leave_out(scope: TenantScope, one: PatientImport, row: PatientImportRow) -> None:
    """Say in the report that a row came too late; what was found is replaced, never edited."""
    number = row.number
    scope.session.delete(row)
    scope.session.flush()
    problem = Problem("name", LATE_TWIN)
    scope.session.add(found_row(scope, one.id, number, "duplicate", [problem]))
