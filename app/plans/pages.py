"""Pages for making a plan. The plan's own page looks further: see ``app/desk``."""

import uuid
from collections.abc import Iterable, Sequence

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import CLINICAL, Permission
from app.catalogue.content import Area, Catalogue
from app.catalogue.errors import CatalogueNotApproved
from app.catalogue.off_label import millimetres
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.patients.queries import get_patient
from app.plans.models import Anaesthetic
from app.plans.services.make_plan import PlanTerms, make_plan
from app.staff_pages import asked_id, go_to
from app.tenants.models import Location, StaffMember
from app.tenants.queries import get_location, list_devices, list_open_locations, list_staff

bp = Blueprint("plans_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>")
Option = dict[str, str]
SKIN_TYPES = (
    ("1", "I", "Always burns, never tans"),
    ("2", "II", "Burns easily, tans a little"),
    ("3", "III", "Burns sometimes, tans slowly"),
    ("4", "IV", "Burns rarely, tans well"),
    ("5", "V", "Brown skin; burns very rarely"),
    ("6", "VI", "Dark brown or black skin; almost never burns"),
)
ANAESTHETICS = {
    Anaesthetic.NONE: "None",
    Anaesthetic.OTC: "A cream that anybody may buy",
    Anaesthetic.PHARMACY: "A cream that only a pharmacy sells",
    Anaesthetic.PRESCRIPTION: "A cream on prescription",
}
GROUPS = (
    ("face", "Face"),
    ("neck", "Neck"),
    ("body", "Body"),
    ("scalp", "Scalp"),
)
# Fields of the service and how the page calls them.
NAMES = {"price_minor": "price", "areas": "areas"}


def treating_staff(scope: TenantScope) -> list[StaffMember]:
    """Return those who may treat by their role, without those who left."""
    return [one for one in list_staff(scope) if one.role in CLINICAL and one.disabled_at is None]


@bp.get("/patients/<uuid:patient_id>/plans/new")
@guard(Permission.PLAN_WRITE)
def ask_for_plan(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Ask for a plan at a location: the patient's own unless the address names another."""
    location = _location_asked(scope, patient_id)
    form = Form(
        {
            "location_id": str(location.id),
            "practitioner_id": str(scope.actor.id),
            "sessions": "3",
            "interval_days": "28",
        }
    )
    return _plan_page(scope, patient_id, form)


@bp.post("/patients/<uuid:patient_id>/plans/new")
@guard(Permission.PLAN_WRITE)
@idempotent
def make(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Make the plan."""
    form = sent_form()
    location = _chosen_location(scope, patient_id, form)
    areas = {f"areas.{one}": f"depth_{one}" for one in _catalogue(scope).area}
    with asking_again(form, lambda again: _plan_page(scope, patient_id, again), NAMES | areas):
        terms = _terms(scope, form, location)
        plan = make_plan(scope, patient_id=patient_id, location_id=location.id, terms=terms)
    return go_to(scope, f"/plans/{plan.id}", "plan")


def _chosen_location(scope: TenantScope, patient_id: uuid.UUID, form: Form) -> Location:
    """Return the location of a form; without a known one, the patient's own, and say so."""
    own = get_patient(scope, patient_id).location_id
    wanted = form.key_of("location_id", "Choose the location.")
    known = {one.id: one for one in list_open_locations(scope)}
    if wanted not in known:
        form.fail("location_id", "Choose the location.")
        form.sent["location_id"] = str(own)
    return known.get(wanted) or get_location(scope, own)


def _location_asked(scope: TenantScope, patient_id: uuid.UUID) -> Location:
    """Return the location that the address names, else the patient's own while it is open."""
    asked, own = asked_id("location"), get_patient(scope, patient_id).location_id
    if asked is not None:
        return get_location(scope, asked)
    known = {one.id: one for one in list_open_locations(scope)}
    return known.get(own) or next(iter(known.values()), get_location(scope, own))


def _location(scope: TenantScope, location_id: uuid.UUID) -> Location:
    return get_location(scope, location_id)


def _catalogue(scope: TenantScope) -> Catalogue:
    return content_of(get_catalogue_in_force(scope))


def _plan_page(scope: TenantScope, patient_id: uuid.UUID, form: Form) -> str:
    patient = get_patient(scope, patient_id)
    location = _location(scope, uuid.UUID(form.typed("location_id")))
    try:
        catalogue = _catalogue(scope)
    except CatalogueNotApproved:
        return render_template("plans/not_yet.html", patient=patient)
    return render_template(
        "plans/new_plan.html",
        form=form,
        patient=patient,
        location=location,
        locations=_options((one.id, one.name) for one in list_open_locations(scope)),
        place=location.name,
        procedures=_options((one.id, one.title) for one in catalogue.procedures),
        indications=_indications(catalogue),
        groups=_groups(catalogue.areas),
        devices=_options(
            (one.id, f"{one.model} ({one.serial})") for one in list_devices(scope, location.id)
        ),
        practitioners=_options((one.id, one.name) for one in treating_staff(scope)),
        anaesthetics=_options(ANAESTHETICS.items()),
        skin_types=[
            {"value": value, "label": roman, "hint": words} for value, roman, words in SKIN_TYPES
        ],
    )


def _options(pairs: Iterable[tuple[object, str]]) -> list[Option]:
    return [{"value": str(value), "label": label} for value, label in pairs]


def _indications(catalogue: Catalogue) -> list[Option]:
    offered = [one for one in catalogue.indications if one.default_state == "enabled"]
    return [{"value": "", "label": "Choose one"}, *_options((one.id, one.title) for one in offered)]


def _groups(areas: Sequence[Area]) -> list[dict[str, object]]:
    return [
        {
            "title": title,
            "areas": [
                {"name": f"depth_{one.id}", "title": one.title, "usual": _usual(one)}
                for one in areas
                if one.group == group
            ],
        }
        for group, title in GROUPS
    ]


def _usual(area: Area) -> str:
    low, high = area.depth_um
    return f"usually {millimetres(low).removesuffix(' mm')} to {millimetres(high)}"


def _terms(scope: TenantScope, form: Form, location: Location) -> PlanTerms:
    catalogue = _catalogue(scope)
    terms = PlanTerms(
        procedure_id=form.choice("procedure_id", catalogue.procedure, "Choose the procedure."),
        indication_id=form.choice("indication_id", catalogue.indication, "Choose the reason."),
        areas=_depths(form, catalogue),
        device_id=form.key_of("device_id", "Choose the device."),
        practitioner_id=form.key_of("practitioner_id", "Choose who treats."),
        sessions=form.whole("sessions", "Enter 1 to 24 treatments.", low=1, high=24),
        interval_days=form.whole("interval_days", "Enter 1 to 365 days.", low=1, high=365),
        anaesthetic=form.choice("anaesthetic", list(Anaesthetic), "Say how the skin is numbed."),
        skin_type=int(form.choice("skin_type", "123456", "Choose the skin type.") or 0),
        what_matters=form.text(
            "what_matters", "Write down what matters to this patient.", most=2000
        ),
        price_minor=form.minor(
            "price", location.currency, f"Enter the price in {location.currency}, like 526.50."
        ),
    )
    form.check()
    return terms


def _depths(form: Form, catalogue: Catalogue) -> dict[str, int]:
    """Return the areas that have a depth, in micrometres; an empty box means: not treated."""
    told = "{}: enter millimetres with at most three decimals, like 1.5."
    named = [one for one in catalogue.areas if form.typed(f"depth_{one.id}").strip()]
    depths = {one.id: form.depth_um(f"depth_{one.id}", told.format(one.title)) for one in named}
    if not depths:
        form.fail("areas", "Enter a depth for at least one area.")
    return depths
