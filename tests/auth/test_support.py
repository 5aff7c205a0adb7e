"""Nobody, the operator included, acts inside a clinic as somebody else: there is no way."""

from collections.abc import Iterator

import click
import pytest
from flask import Flask

from tests.factories.tenants import MadeClinic, make_clinic
from tests.support.api import Api
from tests.support.source_tree import Source, sources

# Who may open a sign-in, and how the person proved before that it is theirs.
ENTRANCES = {
    "app/auth/services.py": "the password, and a second factor before anything else",
    "app/auth/passkeys.py": "the passkey",
    "app/auth/shared_desk.py": "the PIN or the passkey, at a device of the clinic",
    "app/tenants/joining.py": "the letter to their address, and the account's password",
    "app/tenants/signing_up.py": "the letter to their address, and the password chosen there",
}
# Everything that the operator can do from the command line; none of it opens a sign-in.
COMMANDS = frozenset(
    {
        *("audit accept-restore", "audit seal", "audit verify"),
        *("auth drop-factors", "clinic erase-due", "clinic import", "clinic sign-up"),
        *("database check", "database install", "database revision", "database upgrade"),
        *("openapi list-config-prefixes", "openapi print", "openapi write"),
        *("documents verify", "jobs work", "keys reapply-shreds"),
        *("billing check-account", "billing connect", "billing reconcile"),
        *("billing register-endpoint", "billing replay"),
    }
)
OPENING = ("open_session", "let_in")


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


def commands(group: dict[str, click.Command], before: str = "") -> Iterator[str]:
    for name, command in group.items():
        if isinstance(command, click.Group):
            yield from commands(command.commands, f"{before}{name} ")
        else:
            yield before + name


def opens_a_sign_in(source: Source) -> bool:
    return any(True for name in OPENING for _ in source.calls(name))


def test_case_44_a_sign_in_is_opened_by_who_proves_to_be_the_person_and_nobody_else() -> None:
    found = {source.path for source in sources("app") if opens_a_sign_in(source)}
    doors = {source.path for source in sources("app") if "open_login_session" in source.text}

    assert found == set(ENTRANCES)
    assert doors == {"app/auth/services.py"}


def test_case_44_no_command_of_the_operator_acts_as_somebody(app: Flask) -> None:
    found = {name for name in commands(app.cli.commands) if " " in name}

    assert found == COMMANDS


@pytest.mark.parametrize(
    "named", ["X-Impersonate", "X-On-Behalf-Of", "X-Act-As", "X-User-Id", "X-Forwarded-User"]
)
def test_case_44_naming_somebody_makes_nobody_of_a_stranger(
    context: Flask, clinic: MadeClinic, named: str
) -> None:
    stranger = Api(context, other := make_clinic(name="Juniper Quay"), other.owner)
    path = f"/api/v1/clinics/{clinic.tenant_id}"

    for value in (clinic.owner.email, str(clinic.owner.id), str(clinic.owner.person_id)):
        headers = {named: value}
        query = {"act_as": value, "person_id": value}
        answer = stranger.client.get(path, headers=headers, query_string=query)
        assert answer.status_code == 404
        nobody = context.test_client().get(path, headers=headers, query_string=query)
        assert nobody.status_code == 401
