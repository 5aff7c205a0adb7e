"""One hold as clinicians read it, whichever of its pages they are on; each look is recorded."""

import uuid

from flask import render_template

from app import audit
from app.consent import queries
from app.consent.holds import queries as hold_queries
from app.consent.holds.view import hold_view
from app.database import TenantScope
from app.forms import Form
from app.patients.queries import get_patient
from app.tenants.queries import get_location


def hold_page(
    scope: TenantScope, hold_id: uuid.UUID, form: Form, template: str, **more: object
) -> str:
    """Return a page about a hold; ``more`` is for its own template. Raises HoldUnknown."""
    hold = hold_queries.get_hold(scope, hold_id)
    consent = queries.get_consent(scope, hold.consent_id)
    audit.record(
        scope,
        "consent:hold:read",
        subject_id=hold.id,
        patient_id=consent.patient_id,
        consent_id=consent.id,
    )
    location = get_location(scope, consent.location_id)
    return render_template(
        template,
        form=form,
        consent=consent,
        patient=get_patient(scope, consent.patient_id),
        location=location,
        place=location.name,
        is_open=hold.closed_at is None and consent.state in hold_queries.ON_HOLD,
        may_go_on=consent.state in queries.UNSIGNED,
        **more,
        **hold_view(scope, consent, hold),
    )
