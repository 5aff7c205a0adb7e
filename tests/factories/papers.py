"""Rows of a form on paper, a blank form and a witness, beside a consent in force."""

import uuid

from app.consent.ciphers import close_text
from app.consent.forms.queries import list_every_published_form
from app.consent.paper.models import PaperForm, PaperPage
from app.consent.paper.services.print_paper import print_blanks
from app.consent.signing.party_models import ConsentParty
from app.kit.clock import now
from app.kit.ids import new_id
from tests.factories.consent import ActiveConsent
from tests.factories.tenants import MadeClinic

Ids = dict[str, uuid.UUID]


def make_paper_story(clinic: MadeClinic, consent: ActiveConsent, patient_id: uuid.UUID) -> Ids:
    """Return an id for every name of these that a path may use."""
    return {
        **made_print(clinic, consent, patient_id),
        "blank_id": made_blank(clinic),
        "party_id": made_party(clinic, consent, patient_id),
    }


def made_party(clinic: MadeClinic, consent: ActiveConsent, patient_id: uuid.UUID) -> uuid.UUID:
    """Return a witness of a consent."""
    party_id = new_id()
    with clinic.scope() as scope:
        details = '{"name": "Ewan Kerr"}'
        cipher = close_text(scope, patient_id, "consent_party.details", party_id, details)
        names = {"role": "witness", "details_cipher": cipher, "added_at": now()}
        party = ConsentParty(
            tenant_id=scope.tenant_id, id=party_id, consent_id=consent.consent_id, **names
        )
        scope.session.add(party)
    return party_id


def made_blank(clinic: MadeClinic) -> uuid.UUID:
    """Return a blank form that lies ready."""
    with clinic.scope() as scope:
        wanted = {
            "form_version_id": list_every_published_form(scope)[0].id,
            "location_id": clinic.location_id,
        }
        return print_blanks(scope, **wanted, many=1)[0].id


def made_print(clinic: MadeClinic, consent: ActiveConsent, patient_id: uuid.UUID) -> Ids:
    """Return a scanned print of a consent, and its page."""
    paper_id, page_id, at = new_id(), new_id(), now()
    with clinic.scope() as scope:
        cipher = close_text(scope, patient_id, "paper_page.scan", page_id, "AAAA")
        who = {"printed_by": scope.actor.id, "scanned_by": scope.actor.id}
        moments = {"printed_at": at, "scanned_at": at}
        scope.session.add(
            PaperForm(
                tenant_id=scope.tenant_id,
                id=paper_id,
                consent_id=consent.consent_id,
                code="TEST",
                shown_sha256=b"",
                **who,
                **moments,
            )
        )
        scope.session.flush()
        page = {"id": page_id, "paper_id": paper_id, "number": 1, "sha256": b""}
        scope.session.add(PaperPage(tenant_id=scope.tenant_id, scan_cipher=cipher, **page))
    return {"paper_id": paper_id, "page_id": page_id}
