"""``flask jobs work``: the worker process."""

import click
from flask import Blueprint, Flask, current_app

from app.jobs.worker import work

bp = Blueprint("jobs", __name__, cli_group="jobs")


@bp.cli.command("work")
@click.option("--until-empty", is_flag=True, help="Stop when no job is waiting.")
def work_command(until_empty: bool) -> None:
    """Work the queue until told to stop."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # werkzeug's proxy
    work(app, app.config["SETTINGS"].worker_url, until_empty=until_empty)
