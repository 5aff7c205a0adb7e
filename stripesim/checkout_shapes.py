"""What the Checkout endpoints take. A name that is not here is refused as unknown."""

from stripesim.money import currency
from stripesim.shapes import (
    EXPAND,
    Field,
    created_range,
    email,
    list_of,
    listing,
    mapping,
    metadata,
    one_of,
    text,
    web_address,
    whole,
)

_LOCALES = [
    "auto",
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "en-GB",
    "es",
    "es-419",
    "et",
    "fi",
    "fil",
    "fr",
    "fr-CA",
    "hr",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "lt",
    "lv",
    "ms",
    "mt",
    "nb",
    "nl",
    "pl",
    "pt",
    "pt-BR",
    "ro",
    "ru",
    "sk",
    "sl",
    "sv",
    "th",
    "tr",
    "vi",
    "zh",
    "zh-HK",
    "zh-TW",
]

_PRODUCT = mapping(
    {"description": text(40_000), "metadata": metadata, "name": text()}, required=("name",)
)
_PRICE = mapping(
    {"currency": currency, "product_data": _PRODUCT, "unit_amount": whole(0)},
    required=("currency", "product_data", "unit_amount"),
)
_LINE = mapping({"price": text(), "price_data": _PRICE, "quantity": whole(1), "metadata": metadata})

_PAYMENT = mapping(
    {
        "application_fee_amount": whole(1),
        "capture_method": one_of("automatic", "automatic_async"),
        "description": text(1000),
        "metadata": metadata,
        "receipt_email": email,
        "setup_future_usage": one_of("off_session", "on_session"),
        "statement_descriptor_suffix": text(22),
    }
)
_FIELDS: dict[str, Field] = {
    "cancel_url": web_address,
    "client_reference_id": text(200),
    "currency": currency,
    "customer": text(),
    "customer_creation": one_of("always", "if_required"),
    "customer_email": email,
    "expand": EXPAND,
    "expires_at": whole(0),
    "line_items": list_of(_LINE),
    "locale": one_of(*_LOCALES),
    "metadata": metadata,
    "mode": one_of("payment", "setup", "subscription"),
    "payment_intent_data": _PAYMENT,
    "submit_type": one_of("auto", "book", "donate", "pay", "subscribe"),
    "success_url": web_address,
    "ui_mode": one_of("elements", "embedded_page", "hosted_page"),
}
_METHODS = list_of(one_of("card"))

# Endive renamed the list of payment methods; each version refuses the other's name.
SESSION_CREATE = mapping({**_FIELDS, "payment_method_types": _METHODS})
SESSION_CREATE_ENDIVE = mapping({**_FIELDS, "allowed_payment_method_types": _METHODS})
SESSION_GET = mapping({"expand": EXPAND})
SESSION_LIST = listing(
    created=created_range,
    customer=text(),
    payment_intent=text(),
    status=one_of("complete", "expired", "open"),
)
LINE_LIST = mapping(
    {"limit": whole(1), "starting_after": text(), "ending_before": text(), "expand": EXPAND}
)
