"""A patient buys a package: terms and deposit are frozen, each session gets its share."""

import uuid
from dataclasses import dataclass

from app import audit
from app.billing import queries
from app.billing.ledger.journals import AccountKey, open_account
from app.billing.models import AccountKind, Package, Purchase, SessionCredit
from app.billing.quote import deposit_of, terms_sha256
from app.billing.services.create_package import rule_of
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.money import split_evenly
from app.patients.queries import get_patient
from app.patients.services.index_patient import follow_places
from app.patients.services.limit_use import require_unrestricted
from app.tenants.queries import get_open_location


@dataclass(frozen=True)
class Quote:
    """What a package would cost now. ``session_prices`` add up to the price exactly."""

    package: Package
    deposit_minor: int
    session_prices: tuple[int, ...]


def quote_package(scope: TenantScope, *, package_id: uuid.UUID) -> Quote:
    """Return the price, the deposit and each session's share, all computed here."""
    package = queries.get_package(scope, package_id)
    return Quote(
        package=package,
        deposit_minor=deposit_of(package.price_minor, package.currency, rule_of(package)),
        session_prices=tuple(split_evenly(package.price_minor, package.sessions)),
    )


def sell_package(scope: TenantScope, *, package_id: uuid.UUID, patient_id: uuid.UUID) -> Purchase:
    """Sell a package to a patient; nothing is paid yet."""
    quote = quote_package(scope, package_id=package_id)
    patient = get_patient(scope, patient_id)
    require_unrestricted(scope, patient.id)
    get_open_location(scope, quote.package.location_id)
    purchase = _purchase_row(scope, quote, patient.id)
    scope.session.add(purchase)
    if purchase.location_id != patient.location_id:
        follow_places(scope, patient.id)
    for number, share in enumerate(quote.session_prices, 1):
        scope.session.add(
            SessionCredit(
                tenant_id=scope.tenant_id,
                id=new_id(),
                purchase_id=purchase.id,
                patient_id=patient.id,
                procedure_id=purchase.procedure_id,
                number=number,
                price_minor=share,
                currency=purchase.currency,
            )
        )
    # Opened with the sale, because its row is the lock of everything that moves this money.
    open_account(scope, AccountKey(AccountKind.PATIENT_CREDIT, purchase.id), purchase.currency)
    audit.record(
        scope,
        "billing:package:sell",
        subject_id=purchase.id,
        patient_id=patient.id,
        package_id=quote.package.id,
    )
    return purchase


def _purchase_row(scope: TenantScope, quote: Quote, patient_id: uuid.UUID) -> Purchase:
    package = quote.package
    if scope.actor.id is None:
        raise ValueError("a sale is made by somebody")
    agreed: dict[str, str | int] = {
        "name": package.name,
        "procedure_id": package.procedure_id,
        "sessions": package.sessions,
        "price_minor": package.price_minor,
        "deposit_minor": quote.deposit_minor,
        "currency": package.currency,
        "terms": package.terms,
    }
    return Purchase(
        tenant_id=scope.tenant_id,
        id=new_id(),
        patient_id=patient_id,
        package_id=package.id,
        location_id=package.location_id,
        terms_sha256=terms_sha256(agreed),
        sold_by=scope.actor.id,
        sold_at=now(),
        **agreed,
    )
