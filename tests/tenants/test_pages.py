"""Signing up and the staff's own pages, without scripts."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.tenants.models import Role
from tests.factories.tenants import PASSWORD, add_staff, make_clinic, unique_email
from tests.support.pages import Desk, words


@pytest.fixture
def desk(context: Flask) -> Desk:
    clinic = make_clinic()
    return Desk(context, clinic, clinic.owner)


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


def test_signing_up_leads_to_the_list_of_what_is_missing(context: Flask) -> None:
    client = context.test_client()

    answer = client.post("/sign-up", data=sign_up_form(), follow_redirects=True)

    assert "0 of 6 done" in words(answer)
    assert "Your clinic is ready" in words(answer)


def test_a_refused_sign_up_keeps_what_was_typed_but_never_the_password(client: FlaskClient) -> None:
    answer = client.post("/sign-up", data=sign_up_form(processor_agreement="", address=""))

    assert answer.status_code == 422
    assert "Enter the clinic's address." in words(answer)
    assert "Read the agreement and tick the box" in words(answer)
    assert 'value="Juniper Quay"' in answer.text
    assert PASSWORD not in answer.text


def test_a_name_with_a_direction_override_is_named_beside_its_field(client: FlaskClient) -> None:
    answer = client.post("/sign-up", data=sign_up_form(legal_name="Juni\u202eper"))

    assert answer.status_code == 422
    assert "U+202E" in words(answer)
    assert 'href="#legal_name"' in answer.text


def test_a_weak_password_leaves_no_account_behind(client: FlaskClient) -> None:
    email = unique_email("owner")

    weak = client.post("/sign-up", data=sign_up_form(owner_email=email, password="short"))
    again = client.post("/sign-up", data=sign_up_form(owner_email=email))

    assert weak.status_code == 422
    assert 'href="#password"' in weak.text
    assert again.status_code == 303


def test_guessing_the_password_of_an_account_by_signing_up_is_counted(
    context: Flask, desk: Desk
) -> None:
    owner = desk.api.clinic.owner.email
    client = context.test_client()
    wrong = sign_up_form(owner_email=owner, password="not the right words")

    answers = [client.post("/sign-up", data=wrong).status_code for _ in range(12)]

    assert answers[0] == 422
    assert answers[-1] == 429


def test_the_last_owner_cannot_be_disabled_and_the_page_says_why(desk: Desk) -> None:
    owner = desk.api.clinic.owner

    answer = desk.send(f"/settings/staff/{owner.id}/disable", expect=409)

    assert "A clinic keeps at least one owner." in words(answer)


def test_the_front_desk_sees_settings_but_no_way_to_change_them(context: Flask, desk: Desk) -> None:
    front = Desk(context, desk.api.clinic, add_staff(desk.api.clinic, Role.FRONT_DESK))

    assert "Invite somebody" not in front.read("/settings/staff")
    front.read("/settings/invitations/new", expect=403)
