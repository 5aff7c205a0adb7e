"""Links by which a patient pays: the token lies in the address's fragment and opens one purchase.

A link may be opened more than once, because a payment may be left and taken up again; it shows an
amount, the terms and whether they are paid, and nothing about health.
"""

import uuid
from datetime import timedelta

from app import audit
from app.auth.secrets import issue_secret, revoke_secrets
from app.billing import queries as sales
from app.billing.errors import NothingToPay
from app.billing.payments.settle_attempt import amount_due
from app.billing.reflection import require_reflection_over
from app.billing.setup import billing_setup
from app.database import TenantScope
from app.errors import Invalid
from app.kit.in_words import Amount
from app.kit.speech import mark
from app.messaging.services import queue_message
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.tenants.queries import get_clinic

LINK_LASTS = timedelta(days=14)


def pay_link(scope: TenantScope, purchase_id: uuid.UUID) -> str:
    """Return a fresh address that opens the payment page of a purchase."""
    return f"{billing_setup().public_url}/pay#{pay_token(scope, purchase_id)}"


def pay_token(scope: TenantScope, purchase_id: uuid.UUID) -> str:
    """Return a fresh token that opens the payment page of a purchase."""
    return issue_secret(scope, "pay_link", subject_id=purchase_id, lasts=LINK_LASTS)


def send_pay_link(scope: TenantScope, *, purchase_id: uuid.UUID) -> str:
    """Send the patient a link to the deposit; older links of the purchase die.

    Returns the link, which staff may show as a code to scan. Raises NothingToPay, or Invalid when
    the patient has no email address.
    """
    purchase = sales.get_purchase(scope, purchase_id)
    patient = get_patient(scope, purchase.patient_id)
    email = contact(scope, patient, "email")
    if email is None:
        raise Invalid("This patient has no email address.", fields={"email": "missing"})
    link = show_pay_link(scope, purchase_id=purchase_id)
    due = amount_due(scope, purchase_id, "deposit")
    values = {
        "name": patient.name,
        "clinic": get_clinic(scope).legal_name,
        "amount": Amount(due, purchase.currency),
        "link": link,
    }
    queue_message(
        scope,
        to=email,
        channel="email",
        template="pay_link",
        values=values,
        patient_id=patient.id,
        location_id=purchase.location_id,
    )
    return link


def show_pay_link(scope: TenantScope, *, purchase_id: uuid.UUID) -> str:
    """Return a new link for a patient's phone; older ones die; raises NothingToPay, MoneyWaits."""
    if amount_due(scope, purchase_id, "deposit") == 0:
        raise NothingToPay(mark("The deposit is paid, or none was agreed."))
    purchase = sales.get_purchase(scope, purchase_id)
    require_reflection_over(scope, purchase)
    revoke_secrets(scope, "pay_link", subject_id=purchase_id)
    patient_id = purchase.patient_id
    audit.record(scope, "billing:pay_link:issue", subject_id=purchase_id, patient_id=patient_id)
    return pay_link(scope, purchase_id)
