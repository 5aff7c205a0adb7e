"""How this installation reaches the payment provider: built once from the settings."""

from dataclasses import dataclass

from flask import current_app

from app.billing.errors import OnlinePaymentsOff, WebhooksOff
from app.billing.gateway import BillingGateway, StripeGateway
from app.config import Settings
from app.kit.speech import mark

HOSTED_PAGES = ("https://checkout.stripe.com", "https://connect.stripe.com")
EXTENSION = "needlepoint_billing"


@dataclass(frozen=True)
class BillingSetup:
    """The way to the provider. ``public_url`` is where people come back to; ``hosted_pages`` are
    the origins that our forms may lead to."""

    gateway: BillingGateway
    connect_secrets: tuple[str, ...]
    platform_secrets: tuple[str, ...]
    public_url: str
    hosted_pages: tuple[str, ...]


def billing_setup() -> BillingSetup:
    """Return this application's way to the provider; raises OnlinePaymentsOff without a key."""
    found: BillingSetup | None = current_app.extensions.get(EXTENSION)
    if found is None:
        found = build_setup(current_app.config["SETTINGS"])
        current_app.extensions[EXTENSION] = found
    return found


def takes_cards_online() -> bool:
    """Whether this installation has a key for Stripe at all."""
    try:
        billing_setup()
    except OnlinePaymentsOff:
        return False
    return True


def build_setup(settings: Settings) -> BillingSetup:
    """Return the setup that the settings describe; raises OnlinePaymentsOff without a key."""
    if not settings.stripe_api_key:
        raise OnlinePaymentsOff(mark("No key for Stripe is configured here."))
    base = settings.stripe_api_base
    return BillingSetup(
        gateway=StripeGateway(settings.stripe_api_key, api_base=base),
        connect_secrets=settings.stripe_connect_secrets,
        platform_secrets=settings.stripe_platform_secrets,
        public_url=settings.public_url.rstrip("/"),
        hosted_pages=(base,) if base else HOSTED_PAGES,
    )


def signing_secrets(*, connect: bool) -> tuple[str, ...]:
    """Return the secrets of an endpoint; raises WebhooksOff when there is none."""
    try:
        setup = billing_setup()
    except OnlinePaymentsOff:
        raise WebhooksOff from None
    secrets = setup.connect_secrets if connect else setup.platform_secrets
    # A blank secret would be one that everybody knows.
    usable = tuple(secret for secret in secrets if secret.strip())
    if not usable:
        raise WebhooksOff
    return usable
