"""A wording as patients will read it, on a page and on paper, with a sample plan and no patient."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from app.catalogue.queries import get_catalogue
from app.consent.documents.sections import form_blocks
from app.consent.forms.content import FormContent
from app.consent.forms.library import Sample, library, preview, sample_entry
from app.consent.forms.shown import AssembledForm
from app.consent.forms.view import read_view
from app.consent.signing.page_frame import pdf_answer
from app.consent.signing.services.read_form import teach_back_of
from app.database import TenantScope
from app.documents.blocks import Bullets, Heading, Paragraph
from app.documents.compose import render
from app.documents.draft import DocumentDraft
from app.documents.stand_ins import with_stand_ins
from app.kit.clock import today_in
from app.kit.speech import direction, nearest_language, speaking
from app.tenants.queries import get_clinic, get_home_zone

MARK = "PREVIEW"


def preview_view(scope: TenantScope, form: FormContent) -> dict[str, Any]:
    """Return what ``forms/preview.html`` shows of a wording."""
    shown, entry = _sample(scope, form)
    language = nearest_language(form.locale)
    with speaking(language):
        view = read_view(shown, "", [])
    blocks = [block for part in shown.sections for block in part.blocks]
    return {
        **view,
        "content": form,
        "language": language,
        "direction": direction(language),
        "entry": entry,
        "entries": [one for one in library() if one.form == form.id],
        "electronic": [
            one for part in shown.sections if part.id == "electronic_signing" for one in part.blocks
        ],
        "questions": teach_back_of(shown),
        "ticks": [one.text for one in blocks if one.kind == "acknowledgement"],
        "statement": next((one.text for one in blocks if one.kind == "signature"), ""),
    }


def preview_pdf(scope: TenantScope, form: FormContent) -> Any:
    """Return a wording as a PDF that says on every page that it is a preview; nothing is sealed."""
    shown, _ = _sample(scope, form)
    printed = render(with_stand_ins(_draft(scope, shown)))
    return pdf_answer(printed.data, f"preview-{form.id}-{form.locale}.pdf")


def _sample(scope: TenantScope, form: FormContent) -> tuple[AssembledForm, Any]:
    entry = sample_entry(form, request.args.get("entry", ""))
    sample = Sample(get_clinic(scope).legal_name, today_in(get_home_zone(scope)))
    return preview(form, get_catalogue(scope), entry, sample), entry


def _draft(scope: TenantScope, shown: AssembledForm) -> DocumentDraft:
    clinic, zone = get_clinic(scope), get_home_zone(scope)
    language = nearest_language(shown.locale)
    with speaking(language):
        body = tuple(form_blocks(shown))
    asked = tuple(
        block
        for one in teach_back_of(shown)
        for block in (Paragraph(one.text), Bullets(tuple(option.text for option in one.options)))
    )
    made_at = datetime.combine(today_in(zone), time(), ZoneInfo(zone))
    return DocumentDraft(
        title=shown.title,
        language=language,
        page="A4",
        author=clinic.legal_name,
        created_at=made_at,
        reference=MARK,
        summary=(("Preview", "Not a consent: a sample plan, nobody's data, not sealed."),),
        blocks=(*body, Heading(2, "Questions about understanding"), *asked),
        attachments=(),
        accent=clinic.brand_colour,
        mark=MARK,
    )
