"""Who is at a form: the guards of every page of the patient's way.

A clinic's tablet that nobody has touched for a while shows nothing but its cover. What a page
without a script sends into a covered form is kept as typed and not acted on.
"""

import uuid

from flask import request

from app.auth.cookies import SIGN_COOKIE
from app.auth.guards import patient_session
from app.consent import queries
from app.consent.errors import FormCovered
from app.consent.forms.language import speak_form_language
from app.consent.signing.drafts import save_page
from app.consent.signing.page_frame import posted_fields
from app.consent.signing.steps import Step, may_show
from app.consent.ways.services.hand_over import find_tablet, is_covered
from app.database import TenantScope, commit_before_refusal
from app.kit.clock import now

_PAGES = {
    "/sign/questions": ("questions", Step.QUESTIONS),
    "/sign/read": ("read", Step.READ),
    "/sign/understood": ("understood", Step.UNDERSTOOD),
    "/sign/signature": ("sign", Step.SIGN),
}


def whose_form(scope: TenantScope, consent_id: uuid.UUID) -> uuid.UUID:
    """Return whose form it is; raises ConsentUnknown, and FormCovered while it hides itself."""
    patient_id = speak_form_language(scope, consent_id)
    tablet = find_tablet(scope, consent_id)
    if tablet is None:
        return patient_id
    if is_covered(tablet, now()):
        _keep_what_was_sent(scope, consent_id)
        raise FormCovered("This form is covered. Say who you are to go on.")
    tablet.touched_at = now()
    return patient_id


def _keep_what_was_sent(scope: TenantScope, consent_id: uuid.UUID) -> None:
    page, step = _PAGES.get(request.path, ("", None))
    if request.method != "POST" or step is None:
        return
    consent = queries.get_consent_for_update(scope, consent_id)
    if may_show(consent, step):
        save_page(scope, consent, page, posted_fields())
        commit_before_refusal(scope.session)


patient = patient_session("sign_session", SIGN_COOKIE, whose_form)
# Also while the form is covered: for covering, for uncovering, and for keeping what was typed.
behind_cover = patient_session("sign_session", SIGN_COOKIE, speak_form_language)
