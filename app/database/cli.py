"""Commands for the schema: ``flask database upgrade``, ``check``, ``install``."""

from typing import Any

import click
from alembic import command
from flask import Blueprint, current_app

from app.config import Settings
from app.database.install import alembic_config, install, lone_connection, migrate

bp = Blueprint("database", __name__, cli_group="database")


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def _with_config(run: Any) -> None:
    with lone_connection(_settings().owner_url) as connection:
        run(alembic_config(connection))
        connection.commit()


@bp.cli.command("upgrade")
@click.argument("target", default="head")
def upgrade(target: str) -> None:
    """Bring the schema to TARGET."""
    migrate(_settings().owner_url, target)


@bp.cli.command("check")
def check() -> None:
    """Fail when the models and the migrations disagree, or there is more than one head."""
    _with_config(command.check)
    click.echo("Models and migrations agree.")


@bp.cli.command("revision")
@click.argument("number")
@click.argument("message")
def revision(number: str, message: str) -> None:
    """Draw a migration NUMBER (four digits) from the models, walls included."""
    _with_config(
        lambda config: command.revision(config, message=message, rev_id=number, autogenerate=True)
    )


@bp.cli.command("install")
@click.option("--admin-url", required=True, help="A superuser's SQLAlchemy URL.")
@click.option("--name", default="needlepoint", show_default=True)
@click.password_option("--passwords", help="One password for every role; rotate them afterwards.")
def install_command(admin_url: str, name: str, passwords: str) -> None:
    """Create roles and databases on a server of your own."""
    roles = ("owner", "app", "worker", "backup", "platform", "keys")
    urls = install(admin_url, name, dict.fromkeys(roles, passwords))
    migrate(urls.owner)
    click.echo("Ready. Point NEEDLEPOINT_DATABASE_URL at the role needlepoint_app.")
