"""Currencies, the least amount that Stripe charges in each, and the processing fee.

Amounts are whole minor units everywhere. The fee is 1.5 % plus a fixed part, Stripe's price for
European consumer cards; the simulator settles in the currency of the charge.
"""

from stripesim.failures import invalid

MOST = 99_999_999
_FEE_PER_MILLE = 15

# Each currency: decimal places, least charge, fixed part of the fee, all in minor units.
# Least amounts are those of docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.
_CURRENCIES: dict[str, tuple[int, int, int]] = {
    "aud": (2, 50, 30),
    "cad": (2, 50, 30),
    "chf": (2, 50, 30),
    "czk": (2, 1500, 650),
    "dkk": (2, 250, 180),
    "eur": (2, 50, 25),
    "gbp": (2, 30, 20),
    "hkd": (2, 400, 235),
    "huf": (2, 17500, 8500),
    "isk": (2, 7500, 4000),
    "jpy": (0, 50, 40),
    "kwd": (3, 200, 90),
    "nok": (2, 300, 200),
    "nzd": (2, 50, 30),
    "pln": (2, 200, 100),
    "sek": (2, 300, 180),
    "sgd": (2, 50, 50),
    "usd": (2, 50, 30),
}

_SYMBOLS = {"eur": "€", "gbp": "£", "usd": "US$"}


def currency(value: object, path: str) -> str:
    """Take a supported ISO currency code in either case (a field of ``shapes``)."""
    code = str(value).lower()
    if code not in _CURRENCIES:
        known = ", ".join(sorted(_CURRENCIES))
        raise invalid(
            f"Invalid currency: {value}. Stripe currently supports these currencies: {known}",
            param=path,
        )
    return code


def check_amount(amount: int, code: str, *, param: str) -> None:
    """Refuse a total that Stripe would not charge: too small, too large, or not payable."""
    least = _CURRENCIES[code][1]
    if amount < least:
        raise invalid(
            "The Checkout Session's total amount due must add up to at least "
            f"{money_text(least, code)}",
            code="amount_too_small",
            param=param,
        )
    if amount > MOST:
        raise invalid(
            f"Amount must be no more than {money_text(MOST, code)}",
            code="amount_too_large",
            param=param,
        )
    if (code == "kwd" and amount % 10) or (code == "isk" and amount % 100):
        raise invalid(f"Invalid amount for {code}: it cannot be paid exactly", param=param)


def processing_fee(amount: int, code: str) -> int:
    """Return Stripe's fee on a charge in minor units, rounded half up."""
    return (amount * _FEE_PER_MILLE + 500) // 1000 + _CURRENCIES[code][2]


def money_text(amount: int, code: str) -> str:
    """Write an amount with its currency for people, such as ``£50.00`` or ``5,000 JPY``."""
    places = _CURRENCIES[code][0]
    sign, digits = ("-" if amount < 0 else ""), str(abs(amount)).rjust(places + 1, "0")
    number = f"{int(digits[: len(digits) - places]):,}"
    if places:
        number += f".{digits[-places:]}"
    symbol = _SYMBOLS.get(code)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {code.upper()}"
