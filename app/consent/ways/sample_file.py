"""The small PDF by which a patient shows that they can open the files that they get.

It names the clinic and a code, and nothing about the patient.
"""

from app.consent.ciphers import get_shown
from app.consent.documents.patient_paper import place_of
from app.consent.models import Consent
from app.consent.signing.page_frame import location_of
from app.consent.ways.sample_code import sample_code
from app.database import TenantScope
from app.documents.blocks import Notice, Paragraph
from app.documents.compose import render
from app.documents.draft import DocumentDraft
from app.documents.stand_ins import with_stand_ins
from app.kit.clock import now
from app.kit.speech import say


def sample_file(scope: TenantScope, consent: Consent) -> bytes:
    """Return the file, on the paper and in the language of the form."""
    place = place_of(scope, location_of(scope, consent), get_shown(scope, consent).locale)
    draft = DocumentDraft(
        title=say("A sample file"),
        language=place.language,
        page=place.paper,
        author=f"{place.clinic_name}, {place.clinic_address}",
        created_at=now(),
        reference=say("Sample"),
        summary=((say("Your code"), sample_code(scope, consent)),),
        blocks=(
            Paragraph(
                say(
                    "If you can read this, your device opens files like those that you get from us."
                    " Go back to the page with your form and type the code."
                )
            ),
            Notice(say("Your code"), sample_code(scope, consent)),
        ),
        accent=place.accent,
        mark=place.mark,
    )
    return render(with_stand_ins(draft)).data
