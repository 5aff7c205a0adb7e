"""Shapes of packages, purchases, payments and the ledger. Amounts are minor units."""

from marshmallow import fields, validate

from app.schemas import MinorUnits, NameField, StrictSchema

DEPOSIT_KINDS = ["none", "fixed", "percent", "full"]


class PackageRequest(StrictSchema):
    """A package; ``deposit_value`` is minor units if fixed, a number like "33.3" if percent."""

    location_id = fields.UUID(required=True)
    code = fields.String(required=True, validate=validate.Length(1, 40))
    name = NameField(required=True)
    procedure_id = fields.String(required=True)
    sessions = fields.Integer(required=True, strict=True)
    price_minor = MinorUnits(required=True)
    deposit_kind = fields.String(required=True, validate=validate.OneOf(DEPOSIT_KINDS))
    deposit_value = fields.String(load_default="0", validate=validate.Length(1, 20))
    deposit_round_down_to = fields.Integer(
        load_default=1, strict=True, validate=validate.Range(1, 1_000_000)
    )
    terms = fields.String(required=True, validate=validate.Length(0, 4000))


class PackageResponse(StrictSchema):
    """A package on offer; the deposit's value as it is stored, hundredths if percent."""

    id = fields.UUID(required=True)
    location_id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    procedure_id = fields.String(required=True)
    sessions = fields.Integer(required=True)
    price_minor = fields.Integer(required=True)
    currency = fields.String(required=True)
    deposit_kind = fields.String(required=True)
    deposit_value = fields.Integer(required=True)
    deposit_round_down_to = fields.Integer(required=True)
    terms = fields.String(required=True)
    version = fields.Integer(required=True)


class QuoteResponse(StrictSchema):
    """What a package costs now."""

    package = fields.Nested(PackageResponse, required=True)
    deposit_minor = fields.Integer(required=True)
    session_prices = fields.List(fields.Integer(), required=True)


class PurchaseRequest(StrictSchema):
    """A sale. The price is the package's; a caller cannot name one."""

    package_id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)


class PurchaseResponse(StrictSchema):
    """A sale with its frozen terms."""

    id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    package_id = fields.UUID(required=True)
    location_id = fields.UUID(required=True)
    procedure_id = fields.String(required=True)
    name = fields.String(required=True)
    sessions = fields.Integer(required=True)
    price_minor = fields.Integer(required=True)
    deposit_minor = fields.Integer(required=True)
    currency = fields.String(required=True)
    terms = fields.String(required=True)
    terms_sha256 = fields.Function(lambda purchase: purchase.terms_sha256.hex(), required=True)
    sold_at = fields.AwareDateTime(required=True)


class CheckoutRequest(StrictSchema):
    """What is to be paid."""

    purpose = fields.String(load_default="deposit", validate=validate.OneOf(["deposit", "balance"]))


class AttemptResponse(StrictSchema):
    """A payment attempt; ``checkout_url`` is Stripe's page while it is open."""

    id = fields.UUID(required=True)
    purchase_id = fields.UUID(required=True)
    purpose = fields.String(required=True)
    state = fields.String(required=True)
    amount_minor = fields.Integer(required=True)
    currency = fields.String(required=True)
    checkout_url = fields.String(required=True, allow_none=True)
    checkout_session_id = fields.String(required=True, allow_none=True)
    problem = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    settled_at = fields.AwareDateTime(required=True, allow_none=True)


class LinkResponse(StrictSchema):
    """A link that opens the payment page of one purchase; older ones are dead."""

    link = fields.String(required=True)


class AccountRequest(StrictSchema):
    """A clinic's account at Stripe: its country, its currency, and others that it settles in."""

    country = fields.String(required=True, validate=validate.Length(2, 2))
    currency = fields.String(required=True, validate=validate.Length(3, 3))
    settles_in = fields.List(fields.String(), load_default=list)


class AccountResponse(StrictSchema):
    """A clinic's account at Stripe."""

    account_id = fields.String(required=True)
    can_take_cards = fields.Boolean(required=True)
    settles_in = fields.List(fields.String(), required=True)
    checked_at = fields.AwareDateTime(required=True)


class BalanceResponse(StrictSchema):
    """What stands on all accounts of a kind; ``net_minor`` is debits less credits."""

    kind = fields.String(required=True)
    currency = fields.String(required=True)
    debits_minor = fields.Integer(required=True)
    credits_minor = fields.Integer(required=True)
    net_minor = fields.Integer(required=True)


class DriftResponse(StrictSchema):
    """Our clearing account against Stripe's balance; ``drift_minor`` should be 0."""

    currency = fields.String(required=True)
    clearing_minor = fields.Integer(required=True)
    stripe_minor = fields.Integer(required=True)
    drift_minor = fields.Integer(required=True)


class UnbookedResponse(StrictSchema):
    """A line of Stripe's balance that no journal explains."""

    transaction_id = fields.String(required=True)
    kind = fields.String(required=True)
    amount_minor = fields.Integer(required=True)
    fee_minor = fields.Integer(required=True)
    net_minor = fields.Integer(required=True)
    currency = fields.String(required=True)


class ReconciliationResponse(StrictSchema):
    """What a comparison with Stripe found."""

    transactions = fields.Integer(required=True)
    is_clean = fields.Boolean(required=True)
    drifts = fields.List(fields.Nested(DriftResponse), required=True)
    unbooked = fields.List(fields.Nested(UnbookedResponse), required=True)
