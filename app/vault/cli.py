"""``flask keys``: what has to be done with the key store by hand."""

import click
from flask import Blueprint

from app.vault.shredding import reapply_shreds

bp = Blueprint("keys", __name__, cli_group="keys")


@bp.cli.command("reapply-shreds")
def reapply_command() -> None:
    """Destroy the keys of the shred list again. Run it after every restore, before the start."""
    done = reapply_shreds()
    click.echo(f"{done.entries} entries read, {done.destroyed} keys destroyed again.")
    for name in done.forged:
        click.echo(f"Not applied, its tag does not fit: {name}", err=True)
    if done.forged:
        raise SystemExit(1)
