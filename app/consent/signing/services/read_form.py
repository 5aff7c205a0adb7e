"""The patient agrees to sign on a screen, reads the form, and checks that it was clear."""

import uuid
from collections.abc import Mapping

from app import audit
from app.consent import queries
from app.consent.ciphers import get_shown
from app.consent.errors import PrivacyChanged, SampleNotOpened, ShownChanged
from app.consent.forms.shown import AssembledForm, ShownBlock
from app.consent.models import Consent, ConsentState
from app.consent.purposes import rules_of
from app.consent.screening.fields import Fields, text_of
from app.consent.signing.drafts import save_page
from app.consent.signing.privacy import privacy_notice
from app.consent.signing.services.ask_question import note_questions
from app.consent.signing.steps import Step, require_step
from app.consent.ways.sample_code import is_code, wants_sample
from app.database import TenantScope
from app.kit.clock import now
from app.kit.speech import say
from app.policies.queries import get_policy
from app.tenants.queries import get_location


def accept_electronic(
    scope: TenantScope, *, consent_id: uuid.UUID, privacy_sha256: str, sample_code: str = ""
) -> Consent:
    """Note that the patient wants to read and sign on a screen; the first time counts.

    ``privacy_sha256`` is of the privacy notice on the page; raises PrivacyChanged where that is not
    the one in force, since nobody is asked about health before they could read it. Where the place
    asks for it, ``sample_code`` is the one in the sample file; else SampleNotOpened.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    require_step(scope, consent, Step.ELECTRONIC)
    if consent.electronic_accepted_at is None:
        notice = privacy_notice(scope)
        if privacy_sha256 != notice.sha256:
            raise PrivacyChanged("Please read what is new about your information.")
        _require_sample(scope, consent, sample_code)
        consent.privacy_sha256 = bytes.fromhex(notice.sha256)
        consent.privacy_shown_at = consent.electronic_accepted_at = now()
        consent.paper_wished_at = None
        if not rules_of(consent.purpose).screens:
            # Nothing about health is asked, so that nothing can stand in the way.
            consent.state = ConsentState.CLEARED
        audit.record(
            scope, "consent:electronic:accept", subject_id=consent.id, patient_id=consent.patient_id
        )
    return consent


def want_paper(scope: TenantScope, *, consent_id: uuid.UUID) -> Consent:
    """Note that the patient wants paper instead; nothing is lost and the screen stays open."""
    consent = queries.get_consent_for_update(scope, consent_id)
    require_step(scope, consent, Step.ELECTRONIC)
    if consent.electronic_accepted_at is not None:
        consent.electronic_accepted_at, consent.electronic_withdrawn_at = None, now()
    consent.paper_wished_at = consent.paper_wished_at or now()
    audit.record(
        scope, "consent:electronic:decline", subject_id=consent.id, patient_id=consent.patient_id
    )
    return consent


def _require_sample(scope: TenantScope, consent: Consent, typed: str) -> None:
    if not wants_sample(scope, consent):
        return
    if not is_code(scope, consent, typed):
        held = get_policy(scope, get_location(scope, consent.location_id), "electronic_demo")
        told = say(
            "That is not the code in the file. Open the file, look for the code and type it, or"
            " choose paper. %(rule)s",
            rule=held.quote(),
        )
        raise SampleNotOpened(told, fields={"sample_code": told})
    consent.electronic_demonstrated_at = now()
    audit.record(
        scope,
        "consent:electronic:demonstrate",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        by="code_in_pdf",
    )


def note_form_shown(scope: TenantScope, consent: Consent) -> None:
    """Note when the form, as it stands now, was first on the patient's screen."""
    if consent.read_shown_at is None:
        consent.read_shown_at = now()


def confirm_read(
    scope: TenantScope, *, consent_id: uuid.UUID, shown_sha256: str, fields: Fields
) -> Consent:
    """Note that the patient has read the form, and keep what they asked.

    Raises ShownChanged when the page that was read is not the one that is stored.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    require_step(scope, consent, Step.READ)
    if shown_sha256 != consent.shown_sha256.hex():
        raise ShownChanged("Please read the form again.")
    save_page(scope, consent, "read", note_questions(scope, consent, fields))
    consent.read_at = now()
    consent.version += 1
    audit.record(scope, "consent:form:read", subject_id=consent.id, patient_id=consent.patient_id)
    return consent


def check_understanding(
    scope: TenantScope, *, consent_id: uuid.UUID, fields: Fields
) -> tuple[Mapping[str, bool], tuple[str, ...]]:
    """Return (question → whether it was right, questions not answered yet).

    A wrong answer is explained and never a fail; the practitioner sees it.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    require_step(scope, consent, Step.UNDERSTOOD)
    save_page(scope, consent, "understood", fields)
    asked = teach_back_of(get_shown(scope, consent))
    missing = tuple(one.clause for one in asked if not _is_option(one, fields))
    results = {
        one.clause: text_of(fields, one.clause) == one.correct
        for one in asked
        if one.clause not in missing
    }
    if not missing:
        consent.understood_at = now()
        consent.teach_back_right = sum(results.values())
        consent.version += 1
        audit.record(
            scope,
            "consent:understanding:check",
            subject_id=consent.id,
            patient_id=consent.patient_id,
            right=consent.teach_back_right,
            asked=len(asked),
        )
    return results, missing


def teach_back_of(shown: AssembledForm) -> tuple[ShownBlock, ...]:
    """Return the questions that check understanding."""
    blocks = (block for section in shown.sections for block in section.blocks)
    return tuple(block for block in blocks if block.kind == "question")


def _is_option(block: ShownBlock, fields: Fields) -> bool:
    return text_of(fields, block.clause) in {option.id for option in block.options}
