"""``flask billing``: connect, compare with Stripe, handle an event once more."""

import uuid
from collections.abc import Iterator

import click
from flask import Blueprint

from app.billing.errors import EventUnknown
from app.billing.payments.connect_clinic import connect_clinic, refresh_account
from app.billing.payments.handle_event import replay_event
from app.billing.payments.queries import list_active_clinics
from app.billing.payments.reconcile_clinic import reconcile_clinic
from app.billing.setup import billing_setup
from app.database import SYSTEM, tenant_scope, unit_of_work
from app.errors import AppError

bp = Blueprint("billing_commands", __name__, cli_group="billing")


@bp.cli.command("reconcile")
@click.option("--clinic", type=click.UUID, help="One clinic; all of them without it.")
def reconcile(clinic: uuid.UUID | None) -> None:
    """Compare ledger and Stripe; ends with 1 where they differ. Drift is in minor units."""
    clean = True
    for tenant_id in _clinics(clinic):
        try:
            with tenant_scope(tenant_id, SYSTEM) as scope:
                found = reconcile_clinic(scope)
        except AppError as problem:
            # One clinic's trouble must not hide how the others stand.
            click.echo(f"{tenant_id}: not compared ({problem.code})")
            clean = False
            continue
        clean = clean and found.is_clean
        click.echo(f"{tenant_id}: {found.transactions} transactions")
        for one in found.drifts:
            click.echo(
                f"  {one.currency}: clearing {one.clearing_minor}, Stripe {one.stripe_minor},"
                f" drift {one.drift_minor}"
            )
        for entry in found.unbooked:
            click.echo(f"  no journal for {entry.transaction_id}: {entry.kind}, {entry.net_minor}")
    if not clean:
        raise SystemExit(1)


@bp.cli.command("replay")
@click.argument("event_id")
@click.option("--clinic", type=click.UUID, help="The clinic that received it, if you know it.")
def replay(event_id: str, clinic: uuid.UUID | None) -> None:
    """Handle a received event once more."""
    for tenant_id in _clinics(clinic):
        try:
            with tenant_scope(tenant_id, SYSTEM) as scope:
                replay_event(scope, event_id=event_id)
        except EventUnknown:
            continue
        click.echo(f"{event_id} is handled again, in clinic {tenant_id}.")
        return
    raise click.ClickException("No clinic has received this event.")


@bp.cli.command("register-endpoint")
@click.argument("url")
@click.option("--platform", is_flag=True, help="For events of our own account.")
def register_endpoint(url: str, platform: bool) -> None:
    """Subscribe URL to events and print the signing secret, which Stripe shows only now."""
    click.echo(billing_setup().gateway.register_endpoint(url, connect=not platform))


@bp.cli.command("connect")
@click.option("--clinic", type=click.UUID, required=True)
@click.option("--country", required=True, help="ISO 3166, two letters.")
@click.option("--currency", required=True, help="The currency that the account settles in.")
@click.option("--also", multiple=True, help="A further currency with a bank account of its own.")
def connect(clinic: uuid.UUID, country: str, currency: str, also: tuple[str, ...]) -> None:
    """Make a clinic's connected account and print its id."""
    with tenant_scope(clinic, SYSTEM) as scope:
        account = connect_clinic(scope, country=country, currency=currency, settles_in=also)
    click.echo(account.account_id)


@bp.cli.command("check-account")
@click.option("--clinic", type=click.UUID, required=True)
def check_account(clinic: uuid.UUID) -> None:
    """Ask Stripe whether a clinic may take cards."""
    with tenant_scope(clinic, SYSTEM) as scope:
        account = refresh_account(scope)
    if account is None:
        raise click.ClickException("This clinic is not connected to Stripe.")
    word = "may" if account.can_take_cards else "may not"
    click.echo(f"{account.account_id} {word} take cards.")


def _clinics(only: uuid.UUID | None) -> Iterator[uuid.UUID]:
    if only is not None:
        yield only
        return
    with unit_of_work() as work:
        found = list_active_clinics(work.session)
    yield from found
