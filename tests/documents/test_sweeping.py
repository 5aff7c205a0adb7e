"""Files of requests that were killed before their commit are found and deleted."""

from datetime import timedelta

from flask import Flask

from app.database import SYSTEM, tenant_scope
from app.documents.files import store
from app.kit.clock import shifted
from app.kit.ids import new_id
from app.storage.object_store import name_within
from app.tenants.jobs import sweep_evidence
from app.tenants.models import Role
from app.tenants.services.keep_evidence import add_evidence
from tests.factories.tenants import add_staff, make_clinic, qualify

PAPER = b"%PDF-1.7\n%%EOF\n"


def test_evidence_that_no_qualification_has_is_swept(context: Flask) -> None:
    clinic, other = make_clinic(), make_clinic()
    held = qualify(clinic, add_staff(clinic, Role.PRACTITIONER))
    with clinic.scope() as scope:
        row = add_evidence(scope, store=store(), qualification_id=held, data=PAPER)
    lost, theirs = (name_within("evidence", one.tenant_id, new_id()) for one in (clinic, other))
    for name in (lost, theirs):
        store().put(name, b"of a request that was killed")

    with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        sweep_evidence(scope)
    assert store().exists(lost)  # It may be under way.
    with shifted(timedelta(hours=2)), tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        sweep_evidence(scope)

    found = [store().exists(name) for name in (lost, theirs, row.object_name)]
    assert found == [False, True, True]
