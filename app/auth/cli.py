"""``flask auth drop-factors``: for somebody who lost every second factor and was recognised."""

import click
from flask import Blueprint

from app.auth import account_queries, accounts, factors, passkeys, queries
from app.auth.services import normal_email
from app.database import unit_of_work
from app.errors import NotFound

bp = Blueprint("auth_commands", __name__, cli_group="auth")


@bp.cli.command("drop-factors")
@click.argument("email")
def drop_factors(email: str) -> None:
    """Remove a person's authenticator, passkeys and recovery codes, and end every sign-in."""
    with unit_of_work() as work:
        login = queries.find_login(work.session, normal_email(email))
        if login is None:
            raise NotFound("There is no account with this address.")
        for one in account_queries.list_passkeys(work.session, login.person_id):
            passkeys.remove(work.session, login.person_id, one.passkey_id)
        if queries.find_totp_cipher(work.session, login.person_id) is not None:
            factors.remove_totp(work.session, login.person_id)
        accounts.end_all_sessions(work.session, login.person_id)
    click.echo("Done. The person signs in with the password alone and sets up a new factor.")
