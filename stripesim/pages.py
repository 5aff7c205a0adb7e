"""The hosted pages: where the payer pays, and where a clinic's owner is onboarded."""

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from stripesim import payments
from stripesim.accounts import onboard
from stripesim.checkout import expire_if_due
from stripesim.core import Core
from stripesim.failures import Json
from stripesim.money import money_text

_ENVIRONMENT = Environment(
    loader=PackageLoader("stripesim"), autoescape=True, undefined=StrictUndefined
)
_ENVIRONMENT.filters["money"] = money_text
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'"


def render(name: str, *, status: int = 200, **values: object) -> Response:
    """Return a page; it loads nothing but the simulator's own style sheet and runs no script."""
    page = _ENVIRONMENT.get_template(name).render(**values)
    response = Response(page, status=status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def style_sheet() -> Response:
    """GET /_style.css."""
    text = files("stripesim").joinpath("templates/style.css").read_text()
    return Response(text, content_type="text/css; charset=utf-8")


def checkout_page(core: Core, request: Request, session_id: str, step: str = "") -> Response:
    """GET and POST /c/pay/{session}: show what is to pay, and do what the payer chose."""
    with core.unit():
        expire_if_due(core, session_id)
        session = core.store.find(session_id)
        if session is None or session["object"] != "checkout.session":
            return render("closed.html", status=404, reason="unknown", back=None)
        if session["status"] == "complete":
            return redirect(_return_address(session), 303)
        if session["status"] == "expired":
            return render("closed.html", status=410, reason="expired", back=session["cancel_url"])
        if request.method == "POST":
            return _act(core, request, session)
        if step == "challenge":
            return render("challenge.html", session=session, seller=_seller(core, session))
        return render(
            "pay.html",
            session=session,
            seller=_seller(core, session),
            lines=core.store.note(f"line_items:{session_id}")["data"],
            problem=_problem(core, session),
        )


def onboarding_page(core: Core, request: Request, account_id: str) -> Response:
    """GET and POST /_onboard/{account}: one button stands for all of Stripe's questions."""
    token = request.args.get("link", "")
    with core.unit():
        link = core.store.note(f"link:{token}")
        if link is None or link["account"] != account_id or link["until"] < core.clock.now():
            if link is not None:
                return redirect(link["refresh_url"], 303)
            return render("closed.html", status=404, reason="unknown", back=None)
        if request.method == "POST":
            account = onboard(core, account_id)
            core.store.keep_note(f"link:{token}", {**link, "until": 0})
            if link["return_url"]:
                return redirect(link["return_url"], 303)
            return render("onboard.html", account=account, done=True)
        account = core.store.find(account_id) or {}
        return render("onboard.html", account=account, done=False)


def _act(core: Core, request: Request, session: Json) -> Response:
    choice = request.form.get("do", "")
    here = f"/c/pay/{session['id']}"
    if choice == "pay":
        return redirect(_return_address(payments.pay(core, session)), 303)
    if choice == "pass_challenge":
        return redirect(_return_address(payments.pay(core, session, authenticated=True)), 303)
    if choice == "decline":
        payments.decline(core, session)
    elif choice == "fail_challenge":
        payments.fail_challenge(core, session)
    elif choice == "challenge":
        here = f"{here}/challenge"
        payments.challenge(core, session, request.host_url.rstrip("/") + here)
    elif choice == "leave":
        if session["cancel_url"]:
            return redirect(session["cancel_url"], 303)
        return render("closed.html", reason="left", back=here)
    else:
        return render("closed.html", status=400, reason="unclear", back=here)
    return redirect(here, 303)


def _return_address(session: Json) -> str:
    address: str = session["success_url"]
    return address.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _seller(core: Core, session: Json) -> str:
    account = core.store.find(core.store.owner(session["id"])) or {}
    return account.get("display_name") or "Test business"


def _problem(core: Core, session: Json) -> str | None:
    """Return why the last try failed, for the notice above the buttons."""
    intent = core.store.find(session["payment_intent"] or "") or {}
    error = intent.get("last_payment_error") or {}
    return error.get("message")
