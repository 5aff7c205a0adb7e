"""A settled payment gets a sealed receipt with the clinic's next number, and a message about it."""

import uuid
from datetime import UTC

from app import audit
from app.billing import queries as sales
from app.billing.ledger import queries as ledger
from app.billing.models import AttemptState, PaymentAttempt, Receipt
from app.billing.payments import queries
from app.billing.payments.pay_links import pay_link
from app.billing.receipt_paper import TITLE, ReceiptValues, draft_of
from app.database import TenantScope
from app.documents.files import sealers
from app.documents.models import Document, DocumentKind
from app.documents.services import Frozen, seal_document
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.in_words import Amount
from app.kit.speech import nearest_language
from app.messaging.services import queue_message
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.tenants.paper_size import paper_size
from app.tenants.queries import get_clinic, get_location


class ReceiptSealing:
    """A receipt being sealed."""

    kind = DocumentKind.RECEIPT
    title = TITLE
    retention = "financial"
    predecessor_id: uuid.UUID | None = None

    def __init__(self, attempt: PaymentAttempt) -> None:
        self.patient_id = attempt.patient_id
        self.subject_id = attempt.id

    def lock(self, scope: TenantScope) -> None:
        """Lock the clinic: its receipts are numbered one after another."""
        queries.lock_clinic(scope)

    def freeze(self, scope: TenantScope) -> Frozen:
        """Take the number, which is printed, and everything else that will be."""
        values = _values(scope, queries.get_attempt(scope, self.subject_id), self._number(scope))
        return Frozen(values.as_json(), lambda: draft_of(values))

    def finish(self, scope: TenantScope, document: Document) -> None:
        """Tie the number to its document and tell the patient."""
        receipt = queries.find_receipt(scope, self.subject_id)
        if receipt is None or receipt.document_id is not None:
            raise RuntimeError("a receipt is sealed once, after its number was taken")
        receipt.document_id = document.id
        attempt = queries.get_attempt(scope, self.subject_id)
        audit.record(
            scope,
            "billing:receipt:issue",
            subject_id=receipt.id,
            patient_id=attempt.patient_id,
            number=receipt.number,
        )
        _tell(scope, attempt)

    def _number(self, scope: TenantScope) -> int:
        taken = queries.find_receipt(scope, self.subject_id)
        if taken is not None:
            return taken.number
        receipt = Receipt(
            tenant_id=scope.tenant_id,
            id=new_id(),
            attempt_id=self.subject_id,
            number=queries.last_receipt_number(scope) + 1,
            issued_at=now(),
        )
        scope.session.add(receipt)
        return receipt.number


def issue_receipt(scope: TenantScope, *, attempt_id: uuid.UUID) -> None:
    """Seal the receipt of a paid attempt; harmless to repeat.

    Raises the Unavailable family when renderer, seal or store fail; the number is kept for the
    next try, so that the clinic's numbers have no gaps.
    """
    attempt = queries.get_attempt(scope, attempt_id)
    receipt = queries.find_receipt(scope, attempt_id)
    if attempt.state != AttemptState.PAID or (receipt and receipt.document_id):
        return
    seal_document(scope, ReceiptSealing(attempt))


def _values(scope: TenantScope, attempt: PaymentAttempt, number: int) -> ReceiptValues:
    purchase = sales.get_purchase(scope, attempt.purchase_id)
    clinic, location = get_clinic(scope), get_location(scope, purchase.location_id)
    patient = get_patient(scope, attempt.patient_id)
    paid = ledger.get_credit_account_for_update(scope, purchase.id).credits_minor
    is_test = sealers().sealer_for(scope.tenant_id, clinic.legal_name).is_test
    return ReceiptValues(
        number=number,
        clinic_name=clinic.legal_name,
        clinic_address=clinic.address,
        location_name=location.name,
        zone=location.zone,
        page=paper_size(location),
        language=nearest_language(patient.language),
        accent=clinic.brand_colour,
        mark="TEST" if is_test else "",
        patient_name=patient.name,
        package_name=purchase.name,
        purpose=attempt.purpose,
        amount_minor=attempt.amount_minor,
        price_minor=purchase.price_minor,
        paid_minor=paid,
        currency=attempt.currency,
        paid_at=(attempt.settled_at or now()).astimezone(UTC).isoformat(),
        reference=str(purchase.id),
        provider_reference=attempt.charge_id or "",
        terms=purchase.terms,
        terms_sha256=purchase.terms_sha256.hex(),
    )


def _tell(scope: TenantScope, attempt: PaymentAttempt) -> None:
    patient = get_patient(scope, attempt.patient_id)
    email = contact(scope, patient, "email")
    if email is None:
        return
    values = {
        "name": patient.name,
        "clinic": get_clinic(scope).legal_name,
        "amount": Amount(attempt.amount_minor, attempt.currency),
        "link": pay_link(scope, attempt.purchase_id),
    }
    queue_message(
        scope,
        to=email,
        channel="email",
        template="receipt",
        values=values,
        patient_id=patient.id,
        location_id=sales.get_purchase(scope, attempt.purchase_id).location_id,
    )
