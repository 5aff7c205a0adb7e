"""Money on an account: balance transactions, the processing fee and the platform's share.

A charge's balance transaction appears a little after the charge itself, as it does at Stripe with
asynchronous capture; ``charge.updated`` tells of it.
"""

from collections import Counter

from stripesim.core import Call, Core
from stripesim.events import emit
from stripesim.failures import Json
from stripesim.ids import new_id
from stripesim.listing import page_of
from stripesim.money import currency, processing_fee
from stripesim.shapes import EXPAND, created_range, listing, mapping, text

_AVAILABLE_AFTER = 2 * 86_400
TRANSACTION_LIST = listing(created=created_range, currency=currency, source=text(), type=text())
TRANSACTION_GET = mapping({"expand": EXPAND})
FEE_GET = mapping({"expand": EXPAND})
BALANCE_GET = mapping({"expand": EXPAND})


def settle_soon(core: Core, charge_id: str) -> None:
    """Leave the settlement of a charge to the background thread, after the capture delay."""
    due = core.clock.precise() + core.timing.capture_delay
    core.schedule("settle_charge", charge_id, due=due)


def settle_charge(core: Core, charge_id: str) -> None:
    """Book a charge on its account's balance, once, and say so with ``charge.updated``."""
    charge = core.store.find(charge_id)
    if charge is None or charge["balance_transaction"] is not None:
        return
    account = core.store.owner(charge_id)
    entry = _charge_entry(core, charge)
    previous: Json = {"balance_transaction": None}
    if charge["application_fee_amount"]:
        previous["application_fee"] = None
        charge["application_fee"] = _take_share(core, account, charge)
    charge["balance_transaction"] = entry["id"]
    core.store.put(account, entry)
    core.store.put(account, charge)
    emit(core, account, "charge.updated", charge, previous=previous)


def list_transactions(call: Call) -> Json:
    """GET /v1/balance_transactions."""
    names = ("currency", "source", "type")
    wanted = {name: call.params[name] for name in names if name in call.params}
    page = page_of(
        call,
        "balance_transaction",
        url="/v1/balance_transactions",
        where=lambda entry: all(entry[name] == value for name, value in wanted.items()),
    )
    page["data"] = [_ripened(entry, call.now) for entry in page["data"]]
    return page


def retrieve_transaction(call: Call) -> Json:
    """GET /v1/balance_transactions/{id}."""
    found = call.require("balance_transaction", call.path["id"], noun="balance transaction")
    return _ripened(found, call.now)


def retrieve_fee(call: Call) -> Json:
    """GET /v1/application_fees/{id}."""
    return call.require("application_fee", call.path["id"], noun="application fee")


def retrieve_balance(call: Call) -> Json:
    """GET /v1/balance: what is available now, and what is still on its way."""
    return balance_of(call.core, call.account)


def balance_of(core: Core, account: str) -> Json:
    """Return the balance of an account, summed from its balance transactions."""
    sums: dict[str, Counter[str]] = {"available": Counter(), "pending": Counter()}
    for entry in core.store.every("balance_transaction", account=account):
        status = _ripened(entry, core.clock.now())["status"]
        sums[status][entry["currency"]] += entry["net"]
        sums["pending" if status == "available" else "available"][entry["currency"]] += 0
    return {
        "object": "balance",
        "available": _amounts(sums["available"]),
        "livemode": False,
        "pending": _amounts(sums["pending"]),
    }


def _amounts(sums: Counter[str]) -> list[Json]:
    rows = sorted(sums.items()) or [("gbp", 0)]
    return [
        {"amount": amount, "currency": code, "source_types": {"card": amount}}
        for code, amount in rows
    ]


def _ripened(entry: Json, at: int) -> Json:
    return {**entry, "status": "available" if at >= entry["available_on"] else "pending"}


def _charge_entry(core: Core, charge: Json) -> Json:
    fee = processing_fee(charge["amount"], charge["currency"])
    details = [_fee_detail(fee, charge, "stripe_fee", "Stripe processing fees")]
    share = charge["application_fee_amount"]
    if share:
        details.insert(0, _fee_detail(share, charge, "application_fee", "Application fee"))
    return _entry(
        core,
        charge,
        kind="charge",
        source=charge["id"],
        fees=details,
    )


def _entry(core: Core, charge: Json, *, kind: str, source: str, fees: list[Json]) -> Json:
    amount = charge["amount"] if kind == "charge" else charge["application_fee_amount"]
    total = sum(fee["amount"] for fee in fees)
    return {
        "id": new_id("txn_3"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": core.clock.now() + _AVAILABLE_AFTER,
        "balance_type": "payments",
        "created": core.clock.now(),
        "currency": charge["currency"],
        "description": charge["description"] if kind == "charge" else None,
        "exchange_rate": None,
        "fee": total,
        "fee_details": fees,
        "net": amount - total,
        "reporting_category": "charge" if kind == "charge" else "platform_earning",
        "source": source,
        "status": "pending",
        "type": kind,
    }


def _fee_detail(amount: int, charge: Json, kind: str, words: str) -> Json:
    return {
        "amount": amount,
        "application": None,
        "currency": charge["currency"],
        "description": words,
        "type": kind,
    }


def _take_share(core: Core, account: str, charge: Json) -> str:
    """Give the platform its share of a connected account's charge; return the fee's id."""
    fee_id = new_id("fee_1")
    entry = _entry(core, charge, kind="application_fee", source=fee_id, fees=[])
    fee: Json = {
        "id": fee_id,
        "object": "application_fee",
        "account": account,
        "amount": charge["application_fee_amount"],
        "amount_refunded": 0,
        "application": "ca_simulated",
        "balance_transaction": entry["id"],
        "charge": charge["id"],
        "created": core.clock.now(),
        "currency": charge["currency"],
        "fee_source": {"charge": charge["id"], "type": "charge"},
        "livemode": False,
        "originating_transaction": None,
        "refunded": False,
        "refunds": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/application_fees/{fee_id}/refunds",
        },
    }
    core.store.put(core.platform, entry)
    core.store.put(core.platform, fee)
    emit(core, core.platform, "application_fee.created", fee)
    return fee_id
