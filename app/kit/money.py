"""Money in integer minor units, with the exponent of each currency that we accept.

The table is an allow-list: a currency whose rules we have not read is refused, since rounding rules
differ (ISK, UGX, HUF and the three-decimal currencies have traps at the payment provider).
"""

EXPONENTS = {"GBP": 2, "EUR": 2, "USD": 2, "JPY": 0}
_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}


class UnknownCurrency(ValueError):
    """The currency is not on the allow-list."""


def exponent(currency: str) -> int:
    """Return the number of minor-unit digits of an ISO 4217 code; raises UnknownCurrency."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


def format_money(minor: int, currency: str) -> str:
    """Return an amount for people: sign, thousands separators and the ISO code, "£1,950.00 GBP"."""
    digits = exponent(currency)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**digits)
    amount = f"{whole:,}" + (f".{part:0{digits}d}" if digits else "")
    return f"{sign}{_SIGNS[currency]}{amount} {currency}"


def plain_amount(minor: int, currency: str) -> str:
    """Return an amount as people type it into a box: "1950.00", or "75600" for yen."""
    digits = exponent(currency)
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def split_evenly(minor: int, parts: int) -> list[int]:
    """Split an amount into parts that differ by at most one minor unit, larger parts first."""
    if parts < 1 or minor < 0:
        raise ValueError("an amount of zero or more is split into one or more parts")
    share, rest = divmod(minor, parts)
    return [share + 1] * rest + [share] * (parts - rest)
