"""Packages and purchases, for tests."""

import uuid
from typing import Any

from app.billing.ledger.journals import AccountKey, Leg, book, clinic_account
from app.billing.models import AccountKind, Package, PaymentAttempt, Purchase, Receipt
from app.billing.quote import read_deposit_rule
from app.billing.services.create_package import NewPackage, create_package
from app.billing.services.quote_refund import quote_after_withdrawal
from app.billing.services.sell_package import sell_package
from app.catalogue.services import approve_shipped_catalogue
from app.kit.clock import now
from app.kit.ids import new_id
from tests.factories.plans import make_patient
from tests.factories.tenants import PROCEDURE, MadeClinic, make_clinic

TERMS = "You get it back if you cancel at least 48 hours before your visit."


def make_selling_clinic(**place: str) -> MadeClinic:
    """Make a clinic with an approved catalogue, so that it can offer packages."""
    clinic = make_clinic(**place)
    with clinic.scope() as scope:
        approve_shipped_catalogue(scope)
    return clinic


def make_package(clinic: MadeClinic, **changes: Any) -> Package:
    """Offer three sessions for 526.50 with a fixed deposit of 50.00, unless told otherwise."""
    deposit = read_deposit_rule(
        changes.pop("deposit_kind", "fixed"),
        changes.pop("deposit_value", 5000),
        changes.pop("round_down_to", 1),
    )
    wanted: dict[str, Any] = {
        "location_id": clinic.location_id,
        "code": f"FACE-{uuid.uuid4().hex[:6]}",
        "name": "Face, three treatments",
        "procedure_id": PROCEDURE,
        "sessions": 3,
        "price_minor": 52650,
        "deposit": deposit,
        "terms": TERMS,
    }
    with clinic.scope() as scope:
        return create_package(scope, NewPackage(**wanted | changes))


def make_purchase(
    clinic: MadeClinic, *, patient_id: uuid.UUID | None = None, **changes: Any
) -> Purchase:
    """Sell a new package to a patient, a new one unless one is given."""
    package = make_package(clinic, **changes)
    buyer = patient_id or make_patient(clinic)[0]
    with clinic.scope() as scope:
        return sell_package(scope, package_id=package.id, patient_id=buyer)


def pay_in(clinic: MadeClinic, purchase: Purchase, amount_minor: int) -> None:
    """Book that money arrived for a purchase."""
    with clinic.scope() as scope:
        pending = clinic_account(scope, AccountKind.PENDING)
        credit = AccountKey(AccountKind.PATIENT_CREDIT, purchase.id)
        legs = [Leg(pending, credit, amount_minor)]
        book(scope, f"test:{uuid.uuid4()}", currency=purchase.currency, legs=legs)


def make_quote(
    clinic: MadeClinic, purchase: Purchase, withdrawal_id: uuid.UUID | None = None
) -> uuid.UUID:
    """Pay a deposit in and work out what a withdrawal would give back; return the quote's id."""
    pay_in(clinic, purchase, 5000)
    with clinic.scope() as scope:
        made = quote_after_withdrawal(
            scope,
            withdrawal_id=withdrawal_id or uuid.uuid4(),
            patient_id=purchase.patient_id,
            procedure_id=purchase.procedure_id,
        )
        return made[0].id


def make_attempt(clinic: MadeClinic, purchase: Purchase, document_id: uuid.UUID) -> uuid.UUID:
    """Return a payment attempt with a receipt; no Stripe is needed to show it."""
    with clinic.scope() as scope:
        attempt = PaymentAttempt(
            tenant_id=scope.tenant_id,
            id=new_id(),
            purchase_id=purchase.id,
            patient_id=purchase.patient_id,
            account_id="acct_test",
            purpose="deposit",
            amount_minor=purchase.deposit_minor,
            currency=purchase.currency,
            state="expired",
            created_at=now(),
        )
        scope.session.add(attempt)
        receipt = Receipt(
            tenant_id=scope.tenant_id,
            id=new_id(),
            attempt_id=attempt.id,
            document_id=document_id,
            number=1,
            issued_at=now(),
        )
        scope.session.add(receipt)
        return attempt.id
