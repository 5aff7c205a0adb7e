"""The small dashboard at /: balances, payments, events and what became of their webhooks."""

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from stripesim.balance import balance_of
from stripesim.core import Core
from stripesim.deliveries import every_delivery, resend
from stripesim.failures import Json
from stripesim.pages import render

_SHOWN = 25


def dashboard_page(core: Core) -> Response:
    """GET /: the platform and every connected account."""
    with core.unit():
        accounts = core.store.every("v2.core.account", account=core.platform)
        names = {core.platform: "The platform"}
        names |= {account["id"]: account["display_name"] or account["id"] for account in accounts}
        sections = [_section(core, account_id, name) for account_id, name in names.items()]
        return render("dashboard.html", sections=sections, now=core.clock.now())


def resend_event(core: Core, event_id: str) -> Response:
    """POST /_resend/{event}: queue an event once more and go back to the dashboard."""
    with core.unit():
        resend(core, event_id)
    return redirect("/", 303)


def _section(core: Core, account_id: str, name: str) -> Json:
    outcomes: dict[str, list[str]] = {}
    for delivery in every_delivery(core):
        outcomes.setdefault(delivery.event, []).append(delivery.state)
    events = core.store.every("event", account=account_id)[:_SHOWN]
    return {
        "id": account_id,
        "name": name,
        "balance": balance_of(core, account_id),
        "payments": core.store.every("payment_intent", account=account_id)[:_SHOWN],
        "events": [{**event, "outcomes": outcomes.get(event["id"], [])} for event in events],
    }
