"""A form on paper: printed as this patient would read it on a screen, and numbered blanks.

A print fixes its text by hash. Where what is entered later changes the text, the print no longer
counts and a new one is signed: what was signed is what was shown, on paper as on a screen.
"""

import uuid

from app import audit
from app.consent import queries
from app.consent.consent_facts import is_latest
from app.consent.errors import ConsentMoved, PaperRefused, PlanChanged
from app.consent.forms.models import FormVersion
from app.consent.forms.queries import list_every_published_form
from app.consent.models import Consent
from app.consent.paper import queries as paper_queries
from app.consent.paper.models import BlankForm, PaperForm
from app.consent.purposes import rules_of
from app.consent.still_current import require_no_news
from app.consent.ways.short_code import new_short_code
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients.services.limit_use import require_unrestricted
from app.plans.queries import get_plan_version

MOST_BLANKS = 20


def print_paper(scope: TenantScope, *, consent_id: uuid.UUID) -> PaperForm:
    """Return a fresh print of what this patient reads; the one before ends.

    Raises ConsentMoved once there is nothing to sign, PlanChanged, AskedBeforeNews, NotDiscussed.
    """
    consent = _open_consent(scope, consent_id)
    paper = _new_print(scope, consent, None)
    audit.record(
        scope,
        "consent:paper:print",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        paper_id=paper.id,
    )
    return paper


def use_blank(scope: TenantScope, *, consent_id: uuid.UUID, number: int) -> PaperForm:
    """Enter that a patient signed a numbered blank form while the system was out.

    Raises PaperRefused for a number that is unknown, used, or of another wording.
    """
    consent = _open_consent(scope, consent_id)
    blank = paper_queries.find_blank_by_number(scope, number)
    if blank is None:
        raise _wrong_number("No blank form of this clinic bears that number.")
    if paper_queries.exists_use_of_blank(scope, blank.id):
        raise _wrong_number("That form was entered already. Each is signed by one patient.")
    if blank.form_version_id != consent.form_version_id:
        raise _wrong_number("That form bears another wording than this consent.")
    paper = _new_print(scope, consent, blank)
    audit.record(
        scope,
        "consent:blank:use",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        number=number,
    )
    return paper


def print_blanks(
    scope: TenantScope, *, form_version_id: uuid.UUID, location_id: uuid.UUID, many: int
) -> list[BlankForm]:
    """Number fresh blank forms of a published wording, to lie ready; raises PaperRefused."""
    form = _published(scope, form_version_id)
    if not 1 <= many <= MOST_BLANKS:
        told = f"Print 1 to {MOST_BLANKS} at a time."
        raise PaperRefused(told, fields={"many": told})
    first, at = paper_queries.get_last_blank_number(scope) + 1, now()
    made = [
        BlankForm(
            tenant_id=scope.tenant_id,
            id=new_id(),
            number=number,
            form_version_id=form.id,
            location_id=location_id,
            printed_at=at,
            printed_by=scope.actor.id,
        )
        for number in range(first, first + many)
    ]
    scope.session.add_all(made)
    for one in made:
        audit.record(scope, "consent:blank:print", subject_id=one.id, number=one.number)
    return made


def _published(scope: TenantScope, form_version_id: uuid.UUID) -> FormVersion:
    found = next(
        (one for one in list_every_published_form(scope) if one.id == form_version_id), None
    )
    if found is None or found.state != "published" or found.procedure_id is None:
        told = "Choose a form for a treatment that is published."
        raise PaperRefused(told, fields={"form_version_id": told})
    return found


def _open_consent(scope: TenantScope, consent_id: uuid.UUID) -> Consent:
    consent = queries.get_consent_for_update(scope, consent_id)
    require_unrestricted(scope, consent.patient_id)
    if consent.state not in queries.UNSIGNED:
        raise ConsentMoved("There is nothing left to sign.", state=consent.state)
    version = get_plan_version(scope, consent.plan_version_id)
    if rules_of(consent.purpose).discussed and not is_latest(scope, version):
        raise PlanChanged("The plan was changed. Make a new form from it first.")
    require_no_news(scope, consent)
    return consent


def _new_print(scope: TenantScope, consent: Consent, blank: BlankForm | None) -> PaperForm:
    at, before = now(), paper_queries.find_live_paper(scope, consent.id)
    if before is not None:
        before.ended_at = at
    paper = PaperForm(
        tenant_id=scope.tenant_id,
        id=new_id(),
        consent_id=consent.id,
        blank_id=None if blank is None else blank.id,
        code=new_short_code(),
        shown_sha256=consent.shown_sha256,
        printed_at=at if blank is None else blank.printed_at,
        printed_by=scope.actor.id if blank is None else blank.printed_by,
    )
    scope.session.add(paper)
    return paper


def _wrong_number(told: str) -> PaperRefused:
    return PaperRefused(told, fields={"number": told})
