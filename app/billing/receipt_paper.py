"""What stands on a receipt: values in, blocks out. It says what was paid, not what was treated."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from app.documents.blocks import Heading, Paragraph, Table
from app.documents.draft import DocumentDraft
from app.documents.wording import moment_in_words
from app.kit.in_words import listed, money_in_words
from app.kit.speech import mark, say, speaking
from app.tenants.paper_size import PaperSize

TITLE = mark("Receipt")
NAMES = {"deposit": mark("Deposit"), "balance": mark("Payment of the balance")}


@dataclass(frozen=True)
class ReceiptValues:
    """Everything that is printed; amounts in minor units, instants as ISO 8601 in UTC."""

    number: int
    clinic_name: str
    clinic_address: str
    location_name: str
    zone: str
    page: PaperSize
    language: str
    accent: str
    mark: str
    patient_name: str
    package_name: str
    purpose: str
    amount_minor: int
    price_minor: int
    paid_minor: int
    currency: str
    paid_at: str
    reference: str
    provider_reference: str
    terms: str
    terms_sha256: str

    def as_json(self) -> str:
        """Return the values as they are frozen before sealing."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)


def draft_of(values: ReceiptValues) -> DocumentDraft:
    """Return the receipt ready to be rendered, in its own language."""
    with speaking(values.language, whole=True):
        return _draft(values)


def _draft(values: ReceiptValues) -> DocumentDraft:
    paid_at = datetime.fromisoformat(values.paid_at)
    amount = money_in_words(values.amount_minor, values.currency)
    left = money_in_words(max(0, values.price_minor - values.paid_minor), values.currency)
    name = say(NAMES[values.purpose])
    rows = (
        (name, amount),
        (say("Price of the package"), money_in_words(values.price_minor, values.currency)),
        (say("Paid so far"), money_in_words(values.paid_minor, values.currency)),
        (say("Still to pay"), left),
    )
    return DocumentDraft(
        title=say(TITLE),
        language=values.language,
        page=values.page,
        author=f"{values.clinic_name}, {values.clinic_address}",
        created_at=paid_at,
        reference=say("Receipt %(number)s", number=values.number),
        summary=(
            (say("Received from"), values.patient_name),
            (say("Amount"), amount),
            (say("For"), listed(name, values.package_name)),
            (say("Paid"), moment_in_words(paid_at, values.zone, values.language)),
            (say("Received by"), listed(values.clinic_name, values.location_name)),
        ),
        blocks=(
            Heading(2, say("What was paid")),
            Table(say("Amounts"), (say("What"), say("Amount")), rows, (3, 2)),
            Paragraph(say("Paid by card on the page of Stripe, the clinic's payment provider.")),
            Paragraph(say("Our reference: %(code)s", code=values.reference)),
            Paragraph(
                say("Reference of the payment provider: %(code)s", code=values.provider_reference)
            ),
            Heading(2, say("What was agreed about this money")),
            Paragraph(values.terms or say("Nothing was agreed beyond the price.")),
            Paragraph(
                say(
                    "The terms of the sale were fixed on the day of the sale. Their SHA-256 is"
                    " %(hash)s.",
                    hash=values.terms_sha256,
                )
            ),
        ),
        accent=values.accent,
        mark=values.mark,
    )
