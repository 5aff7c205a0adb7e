"""Signing a clinic up, as somebody with a mailbox does."""

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.tenants import PASSWORD, unique_email
from tests.support.letters import letters_to, link_in


def sign_up_form(**changes: str) -> dict[str, str]:
    """Return a complete sign-up with some changes."""
    form = {
        "legal_name": "Juniper Quay",
        "address": "500 Example Avenue",
        "owner_name": "Dr Priya Raghunathan",
        "owner_email": unique_email("owner"),
        "password": PASSWORD,
        "processor_agreement": "2026-11",
    }
    return form | changes


def token_of(app: Flask, email: str) -> str:
    """Return the secret in the newest letter to an address."""
    path, token = link_in(letters_to(app, email)[-1])
    assert path == "/sign-up/confirm"
    return token


def confirm(client: FlaskClient, token: str, password: str = PASSWORD) -> TestResponse:
    """Send the form of the page behind the link."""
    return client.post("/sign-up/confirm", data={"token": token, "password": password})
