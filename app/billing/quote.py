"""What a package costs and what is asked for in advance: pure arithmetic on minor units."""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from app.billing.errors import DepositNotPossible
from app.kit.money import format_money

WHOLE = 10_000
MOST = 10**12

# Least amounts that a card can be charged, by currency (docs.stripe.com/currencies, minimum
# charge amounts). A currency that is not here is not taken online.
LEAST_CHARGE = {"GBP": 30, "EUR": 50, "USD": 50, "JPY": 50}


@dataclass(frozen=True)
class DepositRule:
    """How much is asked for in advance.

    ``kind`` is "none", "fixed", "percent" or "full". ``value`` is minor units when fixed and
    hundredths of a percent when percent. ``round_down_to`` makes a percentage a round amount.
    """

    kind: str
    value: int = 0
    round_down_to: int = 1


def read_deposit_rule(kind: str, value: str | int, round_down_to: int = 1) -> DepositRule:
    """Return a rule as people write it: a percentage may have two decimals ("33.3").

    Raises DepositNotPossible for what is not a number or has more digits than that.
    """
    if kind in {"none", "full"}:
        return DepositRule(kind)
    try:
        number = Decimal(str(value)) * (100 if kind == "percent" else 1)
    except InvalidOperation:
        number = Decimal("0.1")
    if not number.is_finite() or not 0 < number < MOST or number != int(number):
        raise _refusal("Write a whole amount of minor units, or a percentage like 33.3.")
    if kind == "percent" and number > WHOLE:
        raise _refusal("A deposit is at most 100 percent.")
    return DepositRule(kind, int(number), max(1, round_down_to))


def deposit_of(price_minor: int, currency: str, rule: DepositRule) -> int:
    """Return the deposit in minor units; 0 means that none is asked for.

    A percentage is rounded half up and then down to a multiple of ``round_down_to``. Raises
    DepositNotPossible when it would exceed the price or is less than a card can be charged.
    """
    if rule.kind == "none":
        return 0
    amount = _amount(price_minor, rule)
    if amount > price_minor:
        raise _refusal(
            f"The deposit of {format_money(amount, currency)} is more than the price of"
            f" {format_money(price_minor, currency)}."
        )
    least = LEAST_CHARGE.get(currency)
    if least is None:
        raise _refusal(f"Deposits in {currency} are not taken online.")
    if amount < least:
        raise _refusal(
            f"The deposit of {format_money(amount, currency)} is less than a card can be charged,"
            f" which is {format_money(least, currency)}."
        )
    return amount


def terms_sha256(terms: dict[str, str | int]) -> bytes:
    """Return the hash of what was agreed, so that it can be shown later that nothing changed."""
    canonical = json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).digest()


def _amount(price_minor: int, rule: DepositRule) -> int:
    if rule.kind == "full":
        return price_minor
    if rule.kind == "fixed":
        return rule.value
    exact = (price_minor * rule.value * 2 + WHOLE) // (2 * WHOLE)
    return exact - exact % rule.round_down_to


def _refusal(sentence: str) -> DepositNotPossible:
    return DepositNotPossible(sentence, fields={"deposit_value": sentence})
