"""Freezes a wording as a form version: from here on everybody looks at the very same text."""

import uuid

from app.catalogue.shipped import sha256_of
from app.consent.forms import queries as form_queries
from app.consent.forms.content import FormContent
from app.consent.forms.models import FormState, FormVersion, Step
from app.consent.forms.steps import note_step
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id


def freeze(
    scope: TenantScope, form: FormContent, content: str, *, translation_of: uuid.UUID | None
) -> FormVersion:
    """Write a wording as a version that waits for its clinical review."""
    count = form_queries.count_form_versions(scope, form_key=form.id, locale=form.locale)
    row = FormVersion(
        tenant_id=scope.tenant_id,
        id=new_id(),
        form_key=form.id,
        purpose=form.purpose,
        procedure_id=form.procedure,
        add_on_id=form.add_on,
        locale=form.locale,
        number=count + 1,
        change=form.change,
        translation_of=translation_of,
        state=FormState.CLINICAL_REVIEW,
        content=content,
        sha256=sha256_of(content),
        created_at=now(),
    )
    scope.session.add(row)
    scope.session.flush()
    note_step(scope, row, Step.SUBMIT)
    return row
