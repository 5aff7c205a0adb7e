"""A call that got no answer: send it again with its own key, or look for what it made."""

import uuid
from datetime import timedelta

from app.billing.models import OperationState
from app.billing.payments import queries
from app.billing.payments.operations import Sent, resume_operation, send
from app.billing.payments.start_checkout import give_up_session, record_session
from app.billing.setup import billing_setup
from app.billing.stripe_facts import Refused, SessionFacts, Unknown
from app.database import TenantScope
from app.kit.clock import now

# Stripe may forget a key after a day; then sending again would make a second session.
KEY_LASTS = timedelta(hours=23)


def resolve_checkout(scope: TenantScope, *, operation_id: uuid.UUID) -> None:
    """Bring an unknown checkout to an end: open, paid, or known not to exist.

    Raises StripeUnreachable when Stripe still does not answer; StripeRefused where it says no.
    """
    operation = queries.get_operation_for_update(scope, operation_id)
    if operation.state in {OperationState.DONE, OperationState.FAILED}:
        return
    attempt = queries.get_attempt(scope, operation.subject_id)
    key_is_good = operation.first_sent_at is None or operation.first_sent_at > now() - KEY_LASTS
    send(
        scope,
        prepare=lambda scope: resume_operation(operation, attempt.account_id),
        call=lambda sent: _ask(sent, key_is_good=key_is_good),
        record=lambda scope, sent, facts: record_session(
            scope, sent, facts, attempt.purchase_id, attempt.purpose
        ),
        give_up=give_up_session,
    )


def _ask(sent: Sent, *, key_is_good: bool) -> SessionFacts:
    """Return the session of a call. A failure of Stripe's own is kept with the key, so look."""
    gateway = billing_setup().gateway.on(sent.account_id)
    if key_is_good:
        try:
            return gateway.create_session(sent.params, key=sent.key)
        except Unknown as problem:
            if problem.code != "APIError":
                raise
    found = gateway.find_session(
        sent.params["client_reference_id"], customer_id=sent.params["customer"]
    )
    if found is None:
        raise Refused("nothing_was_made")
    return found
