"""``flask clinic import FILE`` and what else is done about whole clinics by hand."""

from pathlib import Path

import click
from flask import current_app

from app.leaving.errors import ExportRefused
from app.leaving.old_trust import keep_trust_of
from app.leaving.services.erase_clinic import enqueue_due
from app.leaving.services.import_clinic import import_clinic
from app.tenants.cli import bp

_FILE = click.Path(exists=True, path_type=Path)


@bp.cli.command("import")
@click.argument("file", type=_FILE)
@click.option(
    "--trust-its-seals",
    is_flag=True,
    help="Also trust the authorities that the export names when sealed files are verified."
    " Only for an export of which you know where it comes from.",
)
def import_command(file: Path, trust_its_seals: bool) -> None:
    """Take a clinic in from an export FILE: a zip, or the folder that it was unpacked into."""
    try:
        done = import_clinic(file)
    except ExportRefused as refused:
        problems = refused.extra["problems"]
        for sentence in problems if isinstance(problems, list) else ():
            click.echo(f"  {sentence}", err=True)
        raise click.ClickException(refused.message) from refused
    if trust_its_seals:
        keep_trust_of(file, current_app.config["SETTINGS"])
    click.echo(f"Clinic {done.tenant_id}: {done.rows} rows.")
    click.echo(f"SHA-256 of the manifest: {done.manifest_sha256}")
    for email in done.matched:
        click.echo(f"  {email}: had an account here, which was taken.")
    for email in done.made:
        click.echo(f"  {email}: new here; they choose a password by “Forgot your password?”.")


@bp.cli.command("erase-due")
def erase_due_command() -> None:
    """Enqueue the deletion of clinics whose thirty days are over, where that job was lost."""
    for tenant_id in enqueue_due():
        click.echo(str(tenant_id))
