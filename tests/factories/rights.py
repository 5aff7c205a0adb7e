"""Requests, limits and copies, for tests."""

import uuid

from app.patients.limit_models import LimitKind
from app.patients.services.export_patients import request_list, step_export
from app.patients.services.import_patients import upload_list
from app.patients.services.limit_use import place_limit
from app.rights.models import RequestKind
from app.rights.services.export_data import make_export, request_export
from app.rights.services.take_request import take_request
from tests.factories.tenants import MadeClinic


def make_rights(clinic: MadeClinic, patient_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """Give a patient a request, a limit and a copy; return ids by their name in paths."""
    with clinic.scope() as scope:
        request = take_request(
            scope,
            patient_id=patient_id,
            kind=RequestKind.ERASURE,
            channel="letter",
            identified_by="id_document",
        )
        limit = place_limit(
            scope, patient_id=patient_id, kind=LimitKind.LEGAL_HOLD, reason="complaint"
        )
        export = request_export(scope, patient_id=patient_id)
    with clinic.scope() as scope:
        make_export(scope, export_id=export.id)
    with clinic.scope() as scope:
        written = request_list(scope)
        listed = upload_list(scope, b"Name,Born\nNull,1990-05-17\n")
    with clinic.scope() as scope:
        step_export(scope, export_id=written.id)
    return {
        "patient_list_id": written.id,
        "patient_import_id": listed.id,
        "rights_request_id": request.id,
        "patient_limit_id": limit.id,
        "data_export_id": export.id,
    }
