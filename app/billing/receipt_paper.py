"""What stands on a receipt: values in, blocks out. It says what was paid, not what was treated."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from app.documents.blocks import Heading, Paragraph, Table
from app.documents.draft import DocumentDraft
from app.documents.wording import moment_in_words
from app.kit.money import format_money

TITLE = "Receipt"
NAMES = {"deposit": "Deposit", "balance": "Payment of the balance"}


@dataclass(frozen=True)
class ReceiptValues:
    """Everything that is printed; amounts in minor units, instants as ISO 8601 in UTC."""

    number: int
    clinic_name: str
    clinic_address: str
    location_name: str
    zone: str
    page: Literal["A4", "Letter"]
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
    """Return the receipt ready to be rendered."""
    paid_at = datetime.fromisoformat(values.paid_at)
    amount = format_money(values.amount_minor, values.currency)
    left = format_money(max(0, values.price_minor - values.paid_minor), values.currency)
    rows = (
        (NAMES[values.purpose], amount),
        ("Price of the package", format_money(values.price_minor, values.currency)),
        ("Paid so far", format_money(values.paid_minor, values.currency)),
        ("Still to pay", left),
    )
    return DocumentDraft(
        title=TITLE,
        language="en",
        page=values.page,
        author=f"{values.clinic_name}, {values.clinic_address}",
        created_at=paid_at,
        reference=f"Receipt {values.number}",
        summary=(
            ("Received from", values.patient_name),
            ("Amount", amount),
            ("For", f"{NAMES[values.purpose]}, {values.package_name}"),
            ("Paid", moment_in_words(paid_at, values.zone)),
            ("Received by", f"{values.clinic_name}, {values.location_name}"),
        ),
        blocks=(
            Heading(2, "What was paid"),
            Table("Amounts", ("What", "Amount"), rows, (3, 2)),
            Paragraph("Paid by card on the page of Stripe, the clinic's payment provider."),
            Paragraph(f"Our reference: {values.reference}"),
            Paragraph(f"Reference of the payment provider: {values.provider_reference}"),
            Heading(2, "What was agreed about this money"),
            Paragraph(values.terms or "Nothing was agreed beyond the price."),
            Paragraph(
                "The terms of the sale were fixed on the day of the sale. Their SHA-256 is"
                f" {values.terms_sha256}."
            ),
        ),
        accent=values.accent,
        mark=values.mark,
    )
