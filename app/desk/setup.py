"""The clinic's settings: what is set up, and what is still missing for the first consent."""

from dataclasses import dataclass

from flask import Blueprint, render_template

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.desk import queries
from app.desk.queries import SetUp
from app.tenants.queries import get_clinic

bp = Blueprint("setup", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")


@dataclass(frozen=True)
class Step:
    """One line of the list that leads a new clinic to its first consent, and who may do it."""

    title: str
    why: str
    done: bool
    act: str
    path: str
    needs: Permission = Permission.CLINIC_MANAGE


@bp.get("")
@guard(Permission.CLINIC_READ)
def show_settings(scope: TenantScope) -> str:
    """Show the list of what is missing, then everything that can be set."""
    steps = steps_of(queries.get_set_up(scope))
    missing = [step for step in steps if not step.done]
    return render_template(
        "desk/settings.html",
        own=get_clinic(scope),
        steps=steps,
        missing=missing,
        next_step=missing[0] if missing else None,
    )


def steps_of(has: SetUp) -> list[Step]:
    """Return the way to the first consent, in its order."""
    return [
        Step(
            "Add a location",
            "Its time zone, currency and law govern what happens there.",
            has.locations,
            "Add a location",
            "/settings/locations/new",
        ),
        Step(
            "Say who may treat",
            "Add your practitioners, and for each what their qualification covers.",
            has.qualifications,
            "Open staff",
            "/settings/staff",
            Permission.STAFF_MANAGE,
        ),
        Step(
            "Add a device",
            "With what its label says, so that a form can tell where you go beyond it.",
            has.devices,
            "Add a device",
            "/settings/devices/new",
        ),
        Step(
            "Add cartridges",
            "The lot is recorded with each treatment, so that a recall finds everybody.",
            has.lots,
            "Open devices",
            "/settings/devices",
        ),
        Step(
            "Approve the clinical catalogue",
            "The rules, risks and aftercare that your clinic stands behind.",
            has.catalogues,
            "Read and approve",
            "/settings/catalogue",
        ),
        Step(
            "Publish the consent form",
            "The wording that patients read. Signed forms keep the wording of their day.",
            has.forms,
            "Read and publish",
            "/settings/forms/shipped",
            Permission.FORM_APPROVE,
        ),
    ]
