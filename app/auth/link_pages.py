"""Pages behind the link that we email to whoever forgot their password.

Opening a link changes nothing, so that a mail scanner cannot use it up; the secret is in the
fragment, and without scripts it can be pasted from the letter.
"""

from flask import Blueprint, Response, make_response, render_template

from app.auth import accounts
from app.auth.csrf import refuse_other_sites
from app.auth.errors import AccountLinkNotUsable
from app.auth.guards import public, unit
from app.auth.pages import go
from app.auth.visitors import visitor
from app.errors import Invalid
from app.forms import Form, asking_again, sent_form

bp = Blueprint("account_links", __name__)


@bp.get("/forgot-password")
@public
def ask_for_address() -> str:
    """Ask to which address a link may be sent."""
    return _forgot_page(Form())


def _forgot_page(form: Form) -> str:
    return render_template("account/forgot_password.html", form=form, sent=False)


@bp.post("/forgot-password")
@public
def send_reset() -> Response:
    """Say the same for every address; a link goes only to one that has an account."""
    refuse_other_sites()
    form = sent_form()
    with asking_again(form, _forgot_page, {"": "email"}):
        accounts.ask_to_reset(unit().session, email=form.typed("email"), visitor=visitor())
    return make_response(render_template("account/forgot_password.html", form=Form(), sent=True))


@bp.get("/reset-password")
@public
def ask_for_new_password() -> str:
    """Ask for a new password; the link's secret is filled in by the page itself."""
    return _reset_page(Form())


def _reset_page(form: Form) -> str:
    return render_template("account/reset_password.html", form=form)


@bp.post("/reset-password")
@public
def reset_password() -> Response:
    """Set the password and lead to the sign-in, where the second factor is asked as ever."""
    refuse_other_sites()
    form = sent_form()
    with asking_again(form, _reset_page, {"": "token"}, also=(AccountLinkNotUsable,)):
        try:
            accounts.reset_password(
                unit().session, token=form.typed("token"), new=form.typed("new")
            )
        except Invalid as problem:
            raise Invalid(problem.message, fields={"new": problem.message}) from problem
    return go("/sign-in?said=reset")
