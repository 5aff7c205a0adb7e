"""Amounts: what is asked for in advance, and what each session costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing.errors import DepositNotPossible
from app.billing.quote import LEAST_CHARGE, deposit_of, read_deposit_rule, terms_sha256
from app.billing.services.sell_package import quote_package
from app.kit.money import split_evenly
from tests.factories.billing import make_package, make_selling_clinic


@pytest.mark.parametrize(
    ("price", "currency", "kind", "value", "round_down_to", "expected"),
    [
        (52650, "GBP", "fixed", "5000", 1, 5000),
        (48600, "EUR", "percent", "20", 1, 9720),
        (49990, "GBP", "percent", "20", 1, 9998),
        (49990, "GBP", "percent", "33.3", 1, 16647),
        (49995, "GBP", "percent", "33.33", 1, 16663),
        (75600, "JPY", "percent", "20", 100, 15100),
        (75600, "JPY", "percent", "33.3", 1, 25175),
        (10001, "USD", "percent", "50", 1, 5001),
        (30000, "USD", "full", "0", 1, 30000),
        (30000, "USD", "none", "0", 1, 0),
        (30, "GBP", "full", "0", 1, 30),
        (5000, "GBP", "fixed", "5000", 1, 5000),
        (5000, "GBP", "percent", "100", 1, 5000),
    ],
)
def test_the_deposit_is_exact_in_minor_units(
    price: int, currency: str, kind: str, value: str, round_down_to: int, expected: int
) -> None:
    rule = read_deposit_rule(kind, value, round_down_to)

    assert deposit_of(price, currency, rule) == expected


@pytest.mark.parametrize(
    ("price", "currency", "kind", "value", "sentence"),
    [
        (4000, "GBP", "fixed", "5000", "more than the price of £40.00 GBP"),
        (4000, "GBP", "fixed", "29", "less than a card can be charged, which is £0.30 GBP"),
        (200, "EUR", "percent", "20", "less than a card can be charged, which is €0.50 EUR"),
        (49, "JPY", "full", "0", "less than a card can be charged, which is ¥50 JPY"),
        (49000, "KWD", "full", "0", "KWD are not taken online"),
    ],
)
def test_a_deposit_that_cannot_be_taken_is_refused_in_words(
    price: int, currency: str, kind: str, value: str, sentence: str
) -> None:
    with pytest.raises(DepositNotPossible) as refusal:
        deposit_of(price, currency, read_deposit_rule(kind, value))

    assert sentence in refusal.value.message
    assert refusal.value.status == 422


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("percent", "33.333"),
        ("percent", "100.01"),
        ("percent", "0"),
        ("percent", "-5"),
        ("percent", "NaN"),
        ("percent", "Infinity"),
        ("fixed", "50.5"),
        ("fixed", "-5000"),
        ("fixed", "1e400"),
        ("fixed", "fifty"),
        ("fixed", ""),
    ],
)
def test_a_rule_that_is_no_exact_number_is_refused(kind: str, value: str) -> None:
    with pytest.raises(DepositNotPossible):
        read_deposit_rule(kind, value)


@given(
    price=st.integers(1, 10**9),
    hundredths=st.integers(1, 10_000),
    step=st.sampled_from([1, 5, 10, 100, 500]),
    currency=st.sampled_from(sorted(LEAST_CHARGE)),
)
def test_a_share_is_never_more_than_the_price_and_always_round(
    price: int, hundredths: int, step: int, currency: str
) -> None:
    rule = read_deposit_rule("percent", f"{hundredths / 100:.2f}", step)
    try:
        deposit = deposit_of(price, currency, rule)
    except DepositNotPossible:
        return

    assert LEAST_CHARGE[currency] <= deposit <= price
    assert deposit % step == 0
    assert abs(deposit * 10_000 - price * hundredths) <= 5_000 + step * 10_000


@given(price=st.integers(0, 10**9), sessions=st.integers(1, 24))
def test_sessions_add_up_to_the_price_and_differ_by_one_unit(price: int, sessions: int) -> None:
    shares = split_evenly(price, sessions)

    assert sum(shares) == price
    assert max(shares) - min(shares) <= 1


@pytest.mark.usefixtures("context")
def test_a_remainder_goes_to_the_first_sessions() -> None:
    clinic = make_selling_clinic()
    package = make_package(clinic, sessions=6, price_minor=49990)

    with clinic.scope() as scope:
        quote = quote_package(scope, package_id=package.id)

    assert quote.session_prices == (8332, 8332, 8332, 8332, 8331, 8331)


def test_the_hash_of_the_terms_depends_on_every_word() -> None:
    terms: dict[str, str | int] = {"name": "Face", "price_minor": 52650}

    assert terms_sha256(terms) != terms_sha256(terms | {"price_minor": 52651})
    assert terms_sha256(terms) == terms_sha256(dict(reversed(terms.items())))
