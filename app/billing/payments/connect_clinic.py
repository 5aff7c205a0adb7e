"""A clinic gets its own account at Stripe: it is the merchant, and the money is never ours."""

from app import audit
from app.billing.errors import AccountConnected, OnlinePaymentsOff, StripeUnreachable
from app.billing.models import StripeAccount
from app.billing.payments import queries
from app.billing.payments.operations import Sent, begin_operation, finish_operation, send
from app.billing.quote import LEAST_CHARGE
from app.billing.setup import billing_setup
from app.billing.stripe_facts import AccountFacts, Json, Refused, Unknown
from app.database import TenantScope, outside_call
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.speech import mark
from app.tenants.queries import get_clinic, list_owners

CREATE_ACCOUNT = "account.create"


def connect_clinic(
    scope: TenantScope, *, country: str, currency: str, settles_in: tuple[str, ...] = ()
) -> StripeAccount:
    """Make the clinic's connected account.

    ``country`` is ISO 3166 alpha-2; ``currency`` is the account's own; ``settles_in`` names further
    currencies for which the clinic has a bank account. Raises AccountConnected the second time,
    StripeRefused or StripeUnreachable; after the latter the same call resumes.
    """
    currencies = sorted({currency, *settles_in})
    if not set(currencies) <= LEAST_CHARGE.keys() or len(country) != 2:
        raise Invalid("Check the country and the currencies.", fields={"currency": "unknown"})
    gateway = billing_setup().gateway
    return send(
        scope,
        prepare=lambda scope: _prepare(scope, country.lower(), currency.lower()),
        call=lambda sent: gateway.create_account(sent.params, key=sent.key),
        record=lambda scope, sent, facts: _record(scope, sent, facts, currencies),
    )


def refresh_account(scope: TenantScope) -> StripeAccount | None:
    """Ask Stripe whether the clinic may take cards, and remember the answer.

    Without an answer the last one stands. None where the clinic is not connected.
    """
    account = queries.find_account(scope)
    if account is None:
        return None
    gateway = billing_setup().gateway
    account_id = account.account_id

    def ask(_: None) -> AccountFacts | None:
        try:
            return gateway.fetch_account(account_id)
        except (Refused, Unknown):
            return None

    return outside_call(
        scope,
        prepare=lambda scope: None,
        call=ask,
        record=lambda scope, _, facts: _remember(scope, facts),
    )


def onboarding_url(scope: TenantScope, *, page: str) -> str:
    """Return where the owner answers Stripe's questions; ``page`` is our page to come back to."""
    setup = billing_setup()
    back = f"{setup.public_url}{page}"

    def ask(account_id: str) -> str:
        try:
            return setup.gateway.onboarding_url(account_id, return_url=back, refresh_url=back)
        except (Refused, Unknown):
            raise StripeUnreachable from None

    return outside_call(
        scope,
        prepare=lambda scope: get_account(scope).account_id,
        call=ask,
        record=lambda scope, _, url: url,
    )


def get_account(scope: TenantScope) -> StripeAccount:
    """Return the clinic's connected account; raises OnlinePaymentsOff."""
    account = queries.find_account(scope)
    if account is None:
        raise OnlinePaymentsOff(mark("This clinic is not connected to Stripe yet."))
    return account


def _prepare(scope: TenantScope, country: str, currency: str) -> Sent:
    queries.lock_clinic(scope)
    if queries.find_account(scope) is not None:
        raise AccountConnected
    params = _account_params(scope, country, currency)
    return begin_operation(scope, CREATE_ACCOUNT, scope.tenant_id, account_id="", params=params)


def _account_params(scope: TenantScope, country: str, currency: str) -> Json:
    """Return the parameters of payments by direct charge: the clinic bears fees and losses."""
    return {
        "contact_email": list_owners(scope)[0].email,
        "display_name": get_clinic(scope).legal_name,
        "dashboard": "full",
        "identity": {"country": country, "entity_type": "company"},
        "defaults": {
            "currency": currency,
            "responsibilities": {"fees_collector": "stripe", "losses_collector": "stripe"},
        },
        "configuration": {
            "merchant": {"capabilities": {"card_payments": {"requested": True}}},
            "customer": {},
        },
        "metadata": {"tenant": str(scope.tenant_id)},
    }


def _record(
    scope: TenantScope, sent: Sent | None, facts: AccountFacts | None, currencies: list[str]
) -> StripeAccount:
    queries.lock_clinic(scope)
    before = queries.find_account(scope)
    if before is not None or sent is None or facts is None:
        raise AccountConnected
    finish_operation(scope, sent, facts.account_id)
    account = StripeAccount(
        tenant_id=scope.tenant_id,
        id=new_id(),
        account_id=facts.account_id,
        settles_in=currencies,
        can_take_cards=facts.can_take_cards,
        created_at=now(),
        checked_at=now(),
    )
    scope.session.add(account)
    scope.session.execute(queries.BIND_ACCOUNT, {"account": facts.account_id})
    audit.record(scope, "billing:account:connect", subject_id=account.id)
    return account


def _remember(scope: TenantScope, facts: AccountFacts | None) -> StripeAccount:
    account = get_account(scope)
    if facts is not None:
        account.can_take_cards, account.checked_at = facts.can_take_cards, now()
    return account
