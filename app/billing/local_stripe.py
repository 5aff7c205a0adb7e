"""Make an installation ready for the local Stripe, as an operator would for the real one."""

from dataclasses import replace

from app.billing.gateway import StripeGateway
from app.config import Settings

CONNECT_PATH = "/webhooks/stripe/connect"


def subscribe(settings: Settings) -> Settings:
    """Register our endpoint with the Stripe that the settings name; return settings with its
    secret.

    For the demo and for development, where the simulator starts with us. Raises Refused or Unknown.
    """
    gateway = StripeGateway(settings.stripe_api_key, api_base=settings.stripe_api_base)
    secret = gateway.register_endpoint(settings.public_url.rstrip("/") + CONNECT_PATH, connect=True)
    return replace(settings, stripe_connect_secrets=(*settings.stripe_connect_secrets, secret))
