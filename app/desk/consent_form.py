"""The page on which a clinic reads and publishes the consent form."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue.shipped import sha256_of
from app.consent.form_content import shipped_form
from app.consent.form_queries import find_published_form
from app.consent.services.publish_form import publish_shipped_form
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.staff_pages import go_to

bp = Blueprint("consent_form", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")
KEY, LOCALE = "mechanical", "en"


@bp.get("/consent-form")
@guard(Permission.CLINIC_READ)
def show_form(scope: TenantScope) -> str:
    """Show the wording that patients will read, and whether it is published."""
    return _page(scope, Form())


@bp.post("/consent-form")
@guard(Permission.CLINIC_MANAGE)
@idempotent
def publish(scope: TenantScope) -> Response:
    """Publish the form that comes with this release."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, again)):
        publish_shipped_form(scope, key=KEY, locale=LOCALE)
    return go_to(scope, "/settings/consent-form", "form")


def _page(scope: TenantScope, form: Form) -> str:
    text, content = shipped_form(KEY, LOCALE)
    published = find_published_form(scope, form_key=KEY, locale=LOCALE)
    return render_template(
        "desk/consent_form.html",
        form=form,
        content=content,
        published=published,
        is_newest=published is not None and published.sha256 == sha256_of(text),
    )
