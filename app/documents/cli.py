"""``flask documents verify FILE``: what holds, what does not, what cannot be known."""

from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from flask import Blueprint, current_app, has_app_context

from app.documents.report import report_as_text
from app.documents.seal_checks import Trust
from app.documents.sealer import read_certificates
from app.documents.setup import own_trust
from app.documents.verify import verify_file

bp = Blueprint("document_commands", __name__, cli_group="documents")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("verify")
@click.argument("file", type=_FILE)
@click.option("--root", "roots", type=_FILE, multiple=True, help="PEM: trusted to vouch for seals")
@click.option("--stamp-root", "stamp_roots", type=_FILE, multiple=True, help="PEM: for time stamps")
@click.option("--list", "lists", type=_FILE, multiple=True, help="Revocation list, PEM or DER")
def verify(
    file: Path, roots: tuple[Path, ...], stamp_roots: tuple[Path, ...], lists: tuple[Path, ...]
) -> None:
    """Check a sealed PDF, and the files inside it, without any server.

    Ends with 1 if something does not hold.
    """
    context = click.get_current_context()
    given = read_trust(roots, stamp_roots, lists)
    trust = (
        given
        if roots or stamp_roots
        else join_trust(
            given, context.obj if isinstance(context.obj, Trust) else _installed_trust()
        )
    )
    report = verify_file(file.read_bytes(), trust, file.name)
    click.echo(report_as_text(report), nl=False)
    context.exit(0 if report.holds else 1)


def _installed_trust() -> Trust | None:
    """Return what the installation trusts, where the command runs inside one."""
    return own_trust(current_app.config["SETTINGS"]) if has_app_context() else None


def read_trust(
    roots: tuple[Path, ...], stamp_roots: tuple[Path, ...], lists: tuple[Path, ...]
) -> Trust:
    """Return what the files say is trusted; raises click.BadParameter for an unreadable one."""
    return Trust(
        roots=tuple(each for path in roots for each in _certificates(path)),
        stamp_roots=tuple(each for path in stamp_roots for each in _certificates(path)),
        lists=tuple(_list(path) for path in lists),
    )


def join_trust(given: Trust, configured: object) -> Trust:
    """Add the installation's own trust, if the program that holds this command has one."""
    if not isinstance(configured, Trust):
        return given
    return Trust(configured.roots, configured.stamp_roots, (*configured.lists, *given.lists))


def _certificates(path: Path) -> tuple[object, ...]:
    try:
        return read_certificates(path.read_bytes())
    except ValueError as problem:
        raise click.BadParameter(f"{path.name} holds no certificate") from problem


def _list(path: Path) -> bytes:
    data = path.read_bytes()
    try:
        is_pem = data.startswith(b"-----")
        known = x509.load_pem_x509_crl(data) if is_pem else x509.load_der_x509_crl(data)
    except ValueError as problem:
        raise click.BadParameter(f"{path.name} holds no revocation list") from problem
    return known.public_bytes(serialization.Encoding.DER)


bp.cli.add_command(verify)
