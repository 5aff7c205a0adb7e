"""A form version goes its way: clinical review, legal review, published, retired; each by a person.

Two different people review it where the clinic has them; where it has not, that is written down.
A version that was sent back or retired stays so for ever: its wording returns as a draft only.
"""

import uuid

from app.auth.permissions import Permission
from app.consent.errors import FormMoved, OtherPersonNeeded
from app.consent.forms import queries as form_queries
from app.consent.forms.checks import require_sound
from app.consent.forms.content import form_from_json
from app.consent.forms.models import FormState, FormVersion, Step
from app.consent.forms.steps import acting, clinical_reviewers, note_step, who_may
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now

LONGEST_NOTE = 1000
_IN_REVIEW = (FormState.CLINICAL_REVIEW, FormState.LEGAL_REVIEW, FormState.APPROVED)


def pass_clinical_review(scope: TenantScope, *, version_id: uuid.UUID) -> FormVersion:
    """Say that what is clinical in a form is right.

    Raises FormMoved, or OtherPersonNeeded where the clinic has a medical lead and it is not them.
    """
    version = _in_state(scope, version_id, FormState.CLINICAL_REVIEW)
    able = clinical_reviewers(scope)
    if acting(scope) not in {one.id for one in able}:
        names = [one.name for one in able]
        raise OtherPersonNeeded(f"The medical lead looks at this: {', '.join(names)}.", who=names)
    version.state = FormState.LEGAL_REVIEW
    note_step(scope, version, Step.CLINICAL)
    return version


def pass_legal_review(scope: TenantScope, *, version_id: uuid.UUID) -> FormVersion:
    """Say that what is legal in a form is right; its hash is what was approved.

    Raises FormMoved, or OtherPersonNeeded where the same person did the clinical review and
    somebody else could do this.
    """
    version = _in_state(scope, version_id, FormState.LEGAL_REVIEW)
    own = acting(scope)
    before = _who_took(scope, version, Step.CLINICAL)
    others = [one.name for one in who_may(scope, Permission.FORM_APPROVE) if one.id != own]
    if own == before and others:
        raise OtherPersonNeeded(
            f"You did the clinical review. Somebody else does this one: {', '.join(others)}.",
            who=others,
        )
    version.state = FormState.APPROVED
    note_step(scope, version, Step.LEGAL, is_alone=own == before)
    return version


def publish_form(scope: TenantScope, *, version_id: uuid.UUID) -> FormVersion:
    """Let a form be sent from now on; the version before it retires.

    Where the meaning changed, its translations retire too: they say what holds no longer. Raises
    FormMoved, or FormNotSound where the catalogue or the original asks for more by now.
    """
    version = _in_state(scope, version_id, FormState.APPROVED)
    form = form_from_json(version.content)
    original = None
    if version.translation_of is not None:
        original = form_queries.get_form_version(scope, version.translation_of)
        if original.state != FormState.PUBLISHED:
            raise FormMoved("What this translates is not published.", state=original.state)
    require_sound(scope, form, original=original)
    for older in _outdated(scope, version):
        _retire(scope, older, note=f"Version {version.number} took its place.")
    version.state, version.published_at = FormState.PUBLISHED, now()
    note_step(scope, version, Step.PUBLISH)
    return version


def return_form(scope: TenantScope, *, version_id: uuid.UUID, note: str) -> FormVersion:
    """Send a version back to its writers for good, with the reason; raises FormMoved, Invalid."""
    version = form_queries.get_form_version_for_update(scope, version_id)
    if version.state not in _IN_REVIEW:
        raise FormMoved("This is not in review.", state=version.state)
    version.state = FormState.RETURNED
    note_step(scope, version, Step.RETURN, note=_checked(note))
    return version


def retire_form(scope: TenantScope, *, version_id: uuid.UUID, note: str) -> FormVersion:
    """Send a form no more; what was signed stays. Raises FormMoved, Invalid."""
    version = _in_state(scope, version_id, FormState.PUBLISHED)
    _retire(scope, version, note=_checked(note))
    return version


def _outdated(scope: TenantScope, version: FormVersion) -> list[FormVersion]:
    key = version.form_key
    same = form_queries.list_versions_of(scope, form_key=key, locale=version.locale)
    older = [one for one in same if one.state == FormState.PUBLISHED]
    if version.translation_of is None and version.change == "material":
        older += form_queries.list_published_translations(scope, key)
    return list(dict.fromkeys(older))


def _retire(scope: TenantScope, version: FormVersion, *, note: str) -> None:
    version.state, version.retired_at = FormState.RETIRED, now()
    note_step(scope, version, Step.RETIRE, note=note)


def _in_state(scope: TenantScope, version_id: uuid.UUID, state: FormState) -> FormVersion:
    version = form_queries.get_form_version_for_update(scope, version_id)
    if version.state != state:
        raise FormMoved("This form is at another step by now.", state=version.state)
    return version


def _who_took(scope: TenantScope, version: FormVersion, step: Step) -> uuid.UUID | None:
    steps = form_queries.list_steps(scope, version.id)
    return next((one.staff_id for one in reversed(steps) if one.step == step), None)


def _checked(note: str) -> str:
    found = note.strip()
    if not found or len(found) > LONGEST_NOTE:
        raise Invalid(
            "Say why.", fields={"note": f"Say why, in at most {LONGEST_NOTE} characters."}
        )
    return found
