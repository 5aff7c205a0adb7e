"""Who is calling, for which account, and under which API version."""

import base64
import binascii
import re
from dataclasses import dataclass

from werkzeug.wrappers import Request

from stripesim.core import DEFAULT_VERSION, KNOWN_VERSIONS, Core
from stripesim.failures import StripeFailure, invalid, unauthorized

_SECRET_KEY = re.compile(r"(?:sk|rk)_test_\w{3,}")


@dataclass(frozen=True)
class Caller:
    """The account that a request acts on, and the API version that it speaks."""

    account: str
    version: str


def identify(core: Core, request: Request) -> Caller:
    """Return the caller, or raise the 401, 403 or 400 that Stripe would give."""
    key = _key_of(request)
    _check_key(key)
    account = request.headers.get("Stripe-Account") or request.headers.get("Stripe-Context")
    if account and account != core.platform:
        found = core.store.find(account, account=core.platform)
        if found is None or found["object"] != "v2.core.account":
            raise _no_access(key, account)
    version = request.headers.get("Stripe-Version") or DEFAULT_VERSION
    if version not in KNOWN_VERSIONS:
        raise invalid(f"Invalid Stripe API version: {version}")
    return Caller(account or core.platform, version)


def _key_of(request: Request) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer":
        return value.strip()
    if scheme == "Basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _check_key(key: str) -> None:
    if not key:
        raise unauthorized(
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_KEY')."
        )
    if key.startswith(("sk_live_", "rk_live_", "pk_live_")):
        raise unauthorized("This is a simulator. It refuses live keys, so that none is spread.")
    if key.startswith("pk_test_"):
        raise StripeFailure(
            403,
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
            code="secret_key_required",
        )
    if not _SECRET_KEY.fullmatch(key):
        raise unauthorized(f"Invalid API Key provided: {_masked(key)}")


def _no_access(key: str, account: str) -> StripeFailure:
    return StripeFailure(
        403,
        f"The provided key '{_masked(key)}' does not have access to account '{account}' (or that "
        "account does not exist). Application access may have been revoked.",
        code="account_invalid",
    )


def _masked(key: str) -> str:
    return f"{key[:8]}{'*' * 8}{key[-4:]}" if len(key) > 12 else "*" * len(key)
