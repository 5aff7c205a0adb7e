"""The jobs of this room; each is thin and may run twice."""

import uuid

from app import jobs
from app.auth.permissions import Permission
from app.database import TenantScope
from app.patients.queries import get_patient
from app.patients.services.export_patients import step_export
from app.patients.services.import_patients import forget_file, step_import
from app.patients.services.tend_imports import give_up_left_behind, retry_imports, sweep_imports
from app.tenants.audit_watch import tell_owners


@jobs.handler("patients.step_import", needs=Permission.PATIENT_IMPORT)
def step(scope: TenantScope, *, patient_import_id: uuid.UUID) -> None:
    """Do the next piece of an import."""
    step_import(scope, import_id=patient_import_id)


@jobs.handler("patients.forget_file", outlives="the import is over")
def forget(scope: TenantScope, *, patient_import_id: uuid.UUID) -> None:
    """Delete the file of an import that is over."""
    forget_file(scope, import_id=patient_import_id)


@jobs.handler("patients.tend_imports", nightly=True)
def tend(scope: TenantScope) -> None:
    """Give up imports that nobody finished, go on with those that stopped, and sweep up."""
    give_up_left_behind(scope)
    retry_imports(scope)
    sweep_imports(scope)


@jobs.handler("patients.step_export", needs=Permission.PATIENT_EXPORT)
def write(scope: TenantScope, *, data_export_id: uuid.UUID) -> None:
    """Write the next piece of a list of patients."""
    step_export(scope, export_id=data_export_id)


@jobs.handler("patients.tell_twin", outlives="two records of one person are a danger by themselves")
def tell_twin(scope: TenantScope, *, patient_id: uuid.UUID) -> None:
    """Tell the owners that somebody alike is on the books where whoever added a patient may not
    look; the page that the link leads to shows both."""
    patient = get_patient(scope, patient_id)
    tell_owners(scope, template="twin_elsewhere", path=f"/patients/{patient.id}/merge")
