"""``flask audit``: seal and anchor, verify what was sealed, accept a restored state."""

import re
import uuid
from pathlib import Path

import click
from flask import Blueprint, current_app

from app.audit.restores import REASONS, NotAcceptable, accept_restore, in_one_line
from app.audit.rounds import Gone, all_clinics, gone_clinics, run_round
from app.audit.verify import ChainReport, verify_chain
from app.audit.verify_anchors import (
    AnchorReport,
    AnchorTrust,
    installed_trust,
    restores_of,
    verify_anchors,
)
from app.database import SYSTEM, tenant_scope
from app.documents.sealer import read_certificates
from app.documents.setup import own_trust
from app.storage.errors import ObjectExists

bp = Blueprint("audit_commands", __name__, cli_group="audit")
WHO = re.compile(r"[a-z0-9.-]{2,40}")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@bp.cli.command("seal")
def seal_command() -> None:
    """Seal every clinic's events, also late ones, then anchor and stamp."""
    anchor = run_round(everything=True)
    click.echo(f"Anchor {anchor.number} written." if anchor else "Nothing moved since the last.")


@bp.cli.command("verify")
@click.option("--clinic", type=click.UUID, help="Only this clinic.")
@click.option("--anchors", "only_anchors", is_flag=True, help="Only the anchors' own files.")
@click.option("--root", "roots", type=_FILE, multiple=True, help="PEM: may vouch for anchors.")
@click.option("--stamp-root", "stamp_roots", type=_FILE, multiple=True, help="PEM: for stamps.")
def verify_command(
    clinic: uuid.UUID | None,
    only_anchors: bool,
    roots: tuple[Path, ...],
    stamp_roots: tuple[Path, ...],
) -> None:
    """Check anchors, chains and tags; name every row that does not hold.

    Reads as the application's own role. Ends with 1 if something does not hold.
    """
    anchors = verify_anchors(_trust(roots, stamp_roots))
    _tell_anchors(anchors)
    holds = anchors.holds
    if not only_anchors:
        gone = gone_clinics()
        for tenant_id in _wanted(clinic, anchors):
            if tenant_id in gone:
                holds = _tell_gone(tenant_id, gone[tenant_id], anchors) and holds
                continue
            with tenant_scope(tenant_id, SYSTEM) as scope:
                report = verify_chain(scope, anchors.heads.get(tenant_id))
            _tell_chain(report)
            for anchor, restored in restores_of(anchors, tenant_id):
                click.echo(f"  RESTORED {in_one_line(anchor, restored)}")
            holds = holds and report.holds
    click.get_current_context().exit(0 if holds else 1)


@bp.cli.command("accept-restore")
@click.option("--clinic", type=click.UUID, required=True, help="The clinic that was set back.")
@click.option("--reason", type=click.Choice(sorted(REASONS)), required=True)
@click.option("--by", required=True, help="Who accepts: a short code such as j.doe, told for ever.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
def accept_restore_command(clinic: uuid.UUID, reason: str, by: str, yes: bool) -> None:
    """Say, signed and for good, that an older state of a clinic was restored.

    The nightly alarm about the rows that are gone ends; every later report lists them.
    """
    if not WHO.fullmatch(by):
        raise click.BadParameter("2 to 40 small letters, digits, dots or hyphens", param_hint="by")
    if not yes:
        click.confirm(
            "This stands in every later report and cannot be taken back. Go on?", abort=True
        )
    try:
        anchor = accept_restore(clinic, verify_anchors(_trust((), ())), by=by, reason=reason)
    except (NotAcceptable, ObjectExists) as problem:
        raise click.ClickException(str(problem)) from problem
    if anchor.restored is not None:
        click.echo(f"Accepted: {in_one_line(anchor, anchor.restored)}")


def _wanted(clinic: uuid.UUID | None, anchors: AnchorReport) -> list[uuid.UUID]:
    """Return the clinics to look at: also those that only an anchor knows."""
    return [clinic] if clinic else sorted({*all_clinics(), *anchors.heads})


def _trust(roots: tuple[Path, ...], stamp_roots: tuple[Path, ...]) -> AnchorTrust:
    own = own_trust(current_app.config["SETTINGS"])
    given = [each for path in roots for each in read_certificates(path.read_bytes())]
    stamps = [each for path in stamp_roots for each in read_certificates(path.read_bytes())]
    return installed_trust((*given, *own.roots), (*stamps, *own.stamp_roots))


def _tell_anchors(report: AnchorReport) -> None:
    click.echo(f"Anchors: {report.anchors}, of them time-stamped: {report.stamped}.")
    if report.not_stamped:
        click.echo(f"  not time-stamped: {_in_short(report.not_stamped)}")
    for text in report.findings:
        click.echo(f"  FAILS (anchors) {text}")


def _tell_gone(tenant_id: uuid.UUID, gone: Gone, anchors: AnchorReport) -> bool:
    """Tell of a clinic that has left; return whether the anchors fit where its record ended."""
    at = f"{gone.erased_at:%Y-%m-%d}"
    click.echo(f"Clinic {tenant_id}: has left, erased on {at} with {gone.seq} events sealed.")
    heads = anchors.heads.get(tenant_id, {})
    last = heads.get(gone.seq)
    fits = max(heads, default=0) <= gone.seq and (last is None or last.hash == gone.hash)
    if not fits:
        click.echo("  FAILS (anchor) An anchor holds another end of its record than its tombstone.")
    return fits


def _tell_chain(report: ChainReport) -> None:
    words = "holds" if report.holds else "DOES NOT HOLD"
    click.echo(
        f"Clinic {report.tenant_id}: {words}. {report.sealed} events sealed,"
        f" anchored up to row {report.anchored_seq}, {report.unsealed} not yet sealed."
    )
    for one in report.findings:
        click.echo(f"  FAILS ({one.check.value}) {one.text}")


def _in_short(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"
