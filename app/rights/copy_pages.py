"""The patient's way to a copy of their data: /your-data#token."""

import uuid

from flask import Response, render_template

from app.database import TenantScope
from app.kit.speech import mark
from app.patients.behind_link import BehindLink, Words
from app.patients.queries import get_patient
from app.patients.services.prove_birth_date import Acts
from app.rights.export_queries import get_export, get_patient_of_export
from app.rights.routes import zip_file
from app.rights.services.export_data import read_export
from app.tenants.brand import clinic_frame
from app.tenants.models import Location
from app.tenants.queries import get_clinic, get_location


def _location_of(scope: TenantScope, export_id: uuid.UUID) -> Location:
    patient = get_patient(scope, get_patient_of_export(scope, export_id))
    return get_location(scope, patient.location_id)


def _head(scope: TenantScope, export_id: uuid.UUID) -> dict[str, str | None]:
    return clinic_frame(get_clinic(scope), _location_of(scope, export_id))


WAY = BehindLink(
    name="copy_pages",
    path="/your-data",
    cookie="__Host-data",
    link="data_link",
    asking="data_asking",
    session="data_session",
    acts=Acts("rights:copy:open", "rights:copy:refuse", "rights:copy:prove", "rights:copy:lock"),
    words=Words(
        title=mark("Open your data"),
        heading=mark("A copy of your data"),
        lead=mark("Your clinic has put together what it holds about you."),
        open=mark("Open my data"),
        show=mark("Show my data"),
        why=mark("only you get your data"),
        in_person=mark("hand you the copy in person"),
        closed=mark("This copy is closed"),
        safe=mark("What your clinic holds about you has not changed."),
    ),
    whose=get_patient_of_export,
    head=_head,
)
bp = WAY.make_blueprint(__name__)


@bp.get("/read")
@WAY.shown
def show_copy(scope: TenantScope, export_id: uuid.UUID) -> str:
    """Show that the copy is there and let it be kept."""
    return render_template(
        "rights/copy.html",
        export=get_export(scope, export_id),
        zone=_location_of(scope, export_id).zone,
        clinic=_head(scope, export_id),
    )


@bp.get("/file")
@WAY.shown
def show_file(scope: TenantScope, export_id: uuid.UUID) -> Response:
    """Return the copy as a ZIP file."""
    return zip_file(read_export(scope, export_id=export_id))
