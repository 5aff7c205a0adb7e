"""Pages for a member of staff: what each qualification covers, where, and until when."""

import uuid
from collections.abc import Sequence

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue.queries import get_catalogue
from app.database import TenantScope
from app.desk.choices import (
    deepest_um,
    location_options,
    options,
)
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.clock import earliest_today, today_in
from app.policies.definitions import PROFESSIONS, names_any
from app.staff_pages import ROLE_WORDS, go_to
from app.tenants.place_queries import list_evidence
from app.tenants.queries import (
    Covered,
    get_staff,
    list_locations,
    list_qualifications_with_scopes,
    map_staff_names,
)
from app.tenants.services import manage_qualification
from app.tenants.services.manage_qualification import NewQualification, NewScope
from app.tenants.settings_models import QualificationEvidence

bp = Blueprint("qualifications", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")


@bp.get("/staff/<uuid:staff_id>")
@guard(Permission.CLINIC_READ)
def show_member(scope: TenantScope, staff_id: uuid.UUID) -> str:
    """Show a member of staff with what each qualification covers, and where."""
    catalogue = get_catalogue(scope)
    held = list_qualifications_with_scopes(scope, staff_id)
    return render_template(
        "desk/member.html",
        member=get_staff(scope, staff_id),
        roles=ROLE_WORDS,
        qualifications=held,
        evidence=_evidence_of(scope, held),
        names=map_staff_names(scope),
        professions=PROFESSIONS,
        unknown_kinds={one.row.id for one in held if not names_any(one.row.kind, PROFESSIONS)},
        procedures={one.id: one.title for one in catalogue.procedures},
        areas={one.id: one.title for one in catalogue.areas},
        kinds={one.id: one.title for one in catalogue.device_kinds},
        today=earliest_today(one.zone for one in list_locations(scope)),
    )


@bp.get("/staff/<uuid:staff_id>/qualifications/new")
@guard(Permission.STAFF_MANAGE)
def ask_for_qualification(scope: TenantScope, staff_id: uuid.UUID) -> str:
    """Ask for a registration and what it covers."""
    return _qualification_page(scope, staff_id, Form({"is_prescriber": "no", "attests": "yes"}))


@bp.post("/staff/<uuid:staff_id>/qualifications/new")
@guard(Permission.STAFF_MANAGE)
@idempotent
def add_qualification(scope: TenantScope, staff_id: uuid.UUID) -> Response:
    """Record a qualification that was seen and checked."""
    form = sent_form()
    with asking_again(form, lambda again: _qualification_page(scope, staff_id, again)):
        wanted = _new_qualification(scope, form)
        manage_qualification.add_qualification(scope, staff_id=staff_id, wanted=wanted)
    return go_to(scope, f"/settings/staff/{staff_id}", "qualification")


def _qualification_page(scope: TenantScope, staff_id: uuid.UUID, form: Form) -> str:
    return render_template(
        "desk/new_qualification.html",
        form=form,
        member=get_staff(scope, staff_id),
        professions=PROFESSIONS,
        **choices_of_scope(scope),
    )


def choices_of_scope(scope: TenantScope) -> dict[str, list[dict[str, str]]]:
    """Return what can be chosen of what a qualification covers."""
    catalogue = get_catalogue(scope)
    return {
        "locations": location_options(scope),
        "procedures": options((one.id, one.title) for one in catalogue.procedures),
        "areas": options((one.id, one.title) for one in catalogue.areas),
        "kinds": options((one.id, one.title) for one in catalogue.device_kinds),
    }


def scope_in(scope: TenantScope, form: Form) -> NewScope:
    """Return what a form says that a qualification covers at one location."""
    catalogue = get_catalogue(scope)
    procedures = catalogue.procedure
    procedure_id = form.choice("procedure_id", procedures, "Choose the procedure.")
    known = procedures.get(procedure_id)
    location_id = form.key_of("location_id", "Choose the location.")
    if all(one.id != location_id for one in list_locations(scope)):
        form.fail("location_id", "Choose the location.")
    return NewScope(
        location_id=location_id,
        procedure_id=procedure_id,
        max_depth_um=deepest_um(form, "max_depth"),
        basis=form.text("basis", "Say why they may do this, for example “Registered doctor”."),
        prescribed_anaesthetic=form.typed("prescribed_anaesthetic") == "yes",
        areas=_only(form, "areas", [one.id for one in catalogue.areas]),
        device_kinds=_only(form, "device_kinds", [one.id for one in catalogue.device_kinds]),
        energy=known.energy if known else "none",
        attests=form.typed("attests") != "no",
    )


def _only(form: Form, name: str, known: Sequence[str]) -> tuple[str, ...] | None:
    """Return what was ticked, in the catalogue's order; nothing ticked means no limit."""
    ticked = set(form.chosen(name))
    if ticked - set(known):
        form.fail(name, "Choose from this list.")
    return tuple(one for one in known if one in ticked) or None


def _new_qualification(scope: TenantScope, form: Form) -> NewQualification:
    allowed = scope_in(scope, form)
    wanted = NewQualification(
        kind=form.text("kind", "Enter the profession.", most=100),
        body=form.text("body", "Enter the body that keeps the register."),
        registration_number=form.text("registration_number", "Enter the number.", most=100),
        is_prescriber=form.choice("is_prescriber", ("yes", "no"), "Say yes or no.") == "yes",
        expires_on=form.day("expires", "Enter the last day on which it is valid."),
        insurance=form.optional("insurance"),
        insurance_expires_on=form.optional_day("insured", "Enter the insurance's last day."),
        scopes=(allowed,),
    )
    location = next((one for one in list_locations(scope) if one.id == allowed.location_id), None)
    if location is not None and wanted.expires_on < today_in(location.zone):
        form.fail("expires", "This day has passed, so the qualification would cover nothing.")
    form.check()
    return wanted


def _evidence_of(
    scope: TenantScope, held: Sequence[Covered]
) -> dict[uuid.UUID, list[QualificationEvidence]]:
    files: dict[uuid.UUID, list[QualificationEvidence]] = {}
    for one in list_evidence(scope, [covered.row.id for covered in held]):
        files.setdefault(one.qualification_id, []).append(one)
    return files
