"""``flask clinic sign-up``: a clinic from the command line, as from the API."""

import click
from flask import Blueprint

from app.auth.services import create_person
from app.database import unit_of_work
from app.tenants.services.sign_up_clinic import PROCESSOR_AGREEMENT, NewClinic, sign_up_clinic

bp = Blueprint("clinic_commands", __name__, cli_group="clinic")


@bp.cli.command("sign-up")
@click.option("--name", required=True)
@click.option("--address", required=True)
@click.option("--owner-name", required=True)
@click.option("--owner-email", required=True)
@click.password_option("--password", help="The owner's password.")
@click.option("--accept-processor-agreement", is_flag=True, required=True)
def sign_up(
    name: str,
    address: str,
    owner_name: str,
    owner_email: str,
    password: str,
    accept_processor_agreement: bool,
) -> None:
    """Create a clinic and its owner; prints the clinic's id."""
    agreement = PROCESSOR_AGREEMENT if accept_processor_agreement else ""
    with unit_of_work() as work:
        person_id = create_person(
            work.session,
            email=owner_email,
            name=owner_name,
            password=password,
        )
        wanted = NewClinic(name, address, owner_name, owner_email, agreement)
        scope = sign_up_clinic(work, wanted, person_id=person_id)
    click.echo(str(scope.tenant_id))
