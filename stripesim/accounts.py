"""Connected accounts (Accounts v2): a clinic that sells under its own name."""

from typing import Any

from stripesim.clock import iso_instant
from stripesim.core import Call, Core
from stripesim.failures import Json, StripeFailure, invalid, missing_object
from stripesim.ids import new_id, random_text
from stripesim.money import currency
from stripesim.shapes import (
    Field,
    email,
    flag,
    list_of,
    mapping,
    metadata,
    one_of,
    text,
    web_address,
    whole,
)

_PARTS = (
    "configuration.customer",
    "configuration.merchant",
    "configuration.recipient",
    "defaults",
    "future_requirements",
    "identity",
    "requirements",
)
_INCLUDE = list_of(one_of(*_PARTS))
_REQUESTED = mapping({"requested": flag}, required=("requested",))
_COLLECTORS = ("application", "stripe")

ACCOUNT_CREATE = mapping(
    {
        "configuration": mapping(
            {
                "customer": mapping({}),
                "merchant": mapping({"capabilities": mapping({"card_payments": _REQUESTED})}),
            }
        ),
        "contact_email": email,
        "dashboard": one_of("express", "full", "none"),
        "defaults": mapping(
            {
                "currency": currency,
                "responsibilities": mapping(
                    {
                        "fees_collector": one_of(*_COLLECTORS),
                        "losses_collector": one_of(*_COLLECTORS),
                    },
                    required=("fees_collector", "losses_collector"),
                ),
            }
        ),
        "display_name": text(),
        "identity": mapping(
            {
                "country": text(2),
                "entity_type": one_of("company", "government_entity", "individual", "non_profit"),
            }
        ),
        "include": _INCLUDE,
        "metadata": metadata,
    }
)
ACCOUNT_GET = mapping({"include": _INCLUDE})
ACCOUNT_LIST = mapping(
    {"applied_configurations": list_of(text()), "closed": flag, "limit": whole(1), "page": text()}
)
_ONBOARDING: Field = mapping(
    {
        "configurations": list_of(one_of("customer", "merchant", "recipient")),
        "refresh_url": web_address,
        "return_url": web_address,
    },
    required=("configurations", "refresh_url"),
)
LINK_CREATE = mapping(
    {
        "account": text(),
        "use_case": mapping(
            {"type": one_of("account_onboarding"), "account_onboarding": _ONBOARDING},
            required=("type", "account_onboarding"),
        ),
    },
    required=("account", "use_case"),
)


def create_account(call: Call) -> Json:
    """POST /v2/core/accounts: card payments stay restricted until the account is onboarded."""
    _platform_only(call)
    params, at = call.params, iso_instant(call.now)
    duties = params.get("defaults", {}).get("responsibilities", {})
    if params.get("dashboard") == "express" and duties.get("losses_collector") == "stripe":
        raise invalid("An express dashboard needs the application to collect losses.")
    asked = params.get("configuration", {})
    account: Json = {
        "id": new_id("acct_"),
        "object": "v2.core.account",
        "applied_configurations": sorted(asked),
        "closed": False,
        "configuration": {"customer": None, "merchant": None, "recipient": None},
        "contact_email": params.get("contact_email"),
        "contact_phone": None,
        "created": at,
        "dashboard": params.get("dashboard", "none"),
        "defaults": {
            "currency": params.get("defaults", {}).get("currency", "usd"),
            "locales": [],
            "profile": None,
            "responsibilities": {**duties, "requirements_collector": "stripe"} if duties else None,
        },
        "display_name": params.get("display_name"),
        "future_requirements": None,
        "identity": {**params.get("identity", {})},
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "requirements": {"entries": [], "summary": None},
    }
    _configure(account, asked)
    call.core.store.put(call.core.platform, account)
    return _shown(account, params.get("include", []))


def retrieve_account(call: Call) -> Json:
    """GET /v2/core/accounts/{id}."""
    account = call.core.store.find(call.path["id"], account=call.core.platform)
    if account is None or account["object"] != "v2.core.account":
        raise missing_object("account", call.path["id"])
    if call.connected and call.account != account["id"]:
        raise missing_object("account", call.path["id"])
    return _shown(account, call.get("include", []))


def list_accounts(call: Call) -> Json:
    """GET /v2/core/accounts: one page, by number."""
    _platform_only(call)
    limit, page = min(call.get("limit", 20), 100), call.get("page", "0")
    if not page.isdigit():
        raise invalid("Invalid page token")
    wanted = set(call.get("applied_configurations", []))
    found = [
        _shown(account, [])
        for account in call.core.store.every("v2.core.account", account=call.core.platform)
        if wanted <= set(account["applied_configurations"])
    ]
    start, base = int(page) * limit, f"/v2/core/accounts?limit={limit}&page="
    return {
        "data": found[start : start + limit],
        "next_page_url": f"{base}{int(page) + 1}" if start + limit < len(found) else None,
        "previous_page_url": f"{base}{int(page) - 1}" if start else None,
    }


def create_link(call: Call) -> Json:
    """POST /v2/core/account_links: an address at which the clinic's owner is onboarded."""
    _platform_only(call)
    use = call.params["use_case"]
    if call.core.store.find(call.params["account"], account=call.core.platform) is None:
        raise missing_object("account", call.params["account"], param="account")
    token = random_text(24)
    call.core.store.keep_note(
        f"link:{token}",
        {
            "account": call.params["account"],
            "until": call.now + 300,
            "refresh_url": use["account_onboarding"]["refresh_url"],
            "return_url": use["account_onboarding"].get("return_url"),
        },
    )
    return {
        "object": "v2.core.account_link",
        "account": call.params["account"],
        "created": iso_instant(call.now),
        "expires_at": iso_instant(call.now + 300),
        "livemode": False,
        "url": f"{call.base_url}/_onboard/{call.params['account']}?link={token}",
        "use_case": use,
    }


def onboard(core: Core, account_id: str, *, active: bool = True) -> Json:
    """Let card payments of an account become active, or restricted again; KeyError if unknown."""
    account = core.store.find(account_id, account=core.platform)
    if account is None or account["object"] != "v2.core.account":
        raise KeyError(account_id)
    merchant = account["configuration"]["merchant"]
    if merchant is not None:
        merchant["capabilities"]["card_payments"] = _capability(active=active)
    core.store.put(core.platform, account)
    return account


def takes_cards(core: Core, account_id: str) -> bool:
    """Say whether an account may take card payments; the platform always may."""
    if account_id == core.platform:
        return True
    account = core.store.find(account_id) or {}
    merchant = account.get("configuration", {}).get("merchant") or {}
    status = merchant.get("capabilities", {}).get("card_payments", {}).get("status")
    return bool(status == "active")


def _platform_only(call: Call) -> None:
    if call.connected:
        raise StripeFailure(403, "Accounts are managed by the platform.", code="forbidden")


def _configure(account: Json, asked: Json) -> None:
    if "customer" in asked:
        account["configuration"]["customer"] = {"applied": True}
    if "merchant" in asked:
        wanted = asked["merchant"].get("capabilities", {}).get("card_payments", {})
        capabilities: dict[str, Any] = {}
        if wanted.get("requested"):
            capabilities["card_payments"] = _capability(active=False)
        account["configuration"]["merchant"] = {"applied": True, "capabilities": capabilities}


def _capability(*, active: bool) -> Json:
    if active:
        return {"status": "active", "status_details": []}
    detail = {"code": "requirements_past_due", "resolution": "provide_info"}
    return {"status": "restricted", "status_details": [detail]}


def _shown(account: Json, include: list[str]) -> Json:
    """Hide what was not asked for: the v2 API sends such parts as null."""
    shown = dict(account)
    for part in ("defaults", "future_requirements", "identity", "requirements"):
        if part not in include:
            shown[part] = None
    kept = {
        name: value if f"configuration.{name}" in include else None
        for name, value in account["configuration"].items()
    }
    shown["configuration"] = (
        kept if any(f"configuration.{name}" in include for name in kept) else None
    )
    return shown
