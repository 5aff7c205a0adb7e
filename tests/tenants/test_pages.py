"""Signing up and the staff's own pages, without scripts."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kit import clock
from app.tenants.models import Role
from tests.conftest import somebody
from tests.factories.tenants import PASSWORD, add_staff, make_clinic, unique_email
from tests.support.letters import letters_to, link_in
from tests.support.pages import Desk, words
from tests.support.signing_up import confirm, sign_up_form, token_of


@pytest.fixture
def desk(context: Flask) -> Desk:
    clinic = make_clinic()
    return Desk(context, clinic, clinic.owner)


def test_a_clinic_exists_once_its_owner_has_opened_the_letter(context: Flask) -> None:
    client, form = somebody(context), sign_up_form(owner_email=unique_email("Owner").title())
    sent = client.post("/sign-up", data=form)
    assert sent.status_code == 202
    assert "Look at your email" in words(sent)
    early = {"email": form["owner_email"], "password": PASSWORD}
    assert client.post("/api/v1/sign-in", json=early).status_code == 401
    token = token_of(context, form["owner_email"].lower())

    assert confirm(client, token, "not the right words").status_code == 422
    done = confirm(client, token)

    page = client.get(done.location)
    assert "0 of 6 done" in words(page)
    assert "Your clinic is ready" in words(page)
    again = confirm(somebody(context), token)
    assert (again.status_code, 'href="#token"' in again.text) == (410, True)
    (mine,) = client.get(f"/api/v1{done.location.partition('/settings')[0]}/staff").get_json()
    assert mine["email"] == form["owner_email"].lower()


def test_somebody_with_an_account_gets_the_clinic_by_its_own_password_alone(
    context: Flask, desk: Desk
) -> None:
    email, own = desk.api.clinic.owner.email, somebody(context)
    own.post("/sign-up", data=sign_up_form(owner_email=email, password="not the right words"))
    token = token_of(context, email)

    typed = confirm(somebody(context), token, "not the right words")
    done = confirm(own, token)

    assert typed.status_code == 422
    assert "You have an account with this address already" in letters_to(context, email)[-1]
    assert done.status_code == 303
    assert len(own.get("/api/v1/me/clinics").get_json()) == 2
    assert "Juniper Quay" not in desk.read("/settings")


def test_the_link_of_a_sign_up_ends_and_its_tries_are_counted(context: Flask) -> None:
    form, client = sign_up_form(), somebody(context)
    client.post("/sign-up", data=form)
    token = token_of(context, form["owner_email"])
    with clock.shifted(timedelta(hours=48, seconds=1)):
        assert confirm(client, token).status_code == 410
    statuses = [confirm(somebody(context), token, "wrong words").status_code for _ in range(5)]

    assert statuses == [422] * 5
    assert confirm(client, token).status_code == 429


def test_whoever_signs_an_address_up_that_is_not_theirs_gains_nothing(context: Flask) -> None:
    form = sign_up_form(password="words of the squatter here")
    somebody(context).post("/sign-up", data=form)
    mine = token_of(context, form["owner_email"])
    # The one who reads the letters does not know the squatter's password, and is not let in by it.
    assert confirm(somebody(context), mine).status_code == 422
    owner = somebody(context)
    owner.post("/sign-up", data=form | {"password": PASSWORD})
    letters = letters_to(context, form["owner_email"])
    token = next(one for one in (link_in(text)[1] for text in letters) if one != mine)

    assert confirm(owner, token).status_code == 303
    body = {"email": form["owner_email"], "password": "words of the squatter here"}
    assert somebody(context).post("/api/v1/sign-in", json=body).status_code == 401
    assert confirm(somebody(context), mine, "words of the squatter here").status_code == 422


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


def test_a_weak_password_is_named_beside_its_field(client: FlaskClient) -> None:
    weak = client.post("/sign-up", data=sign_up_form(password="short"))

    assert weak.status_code == 422
    assert 'href="#password"' in weak.text


def test_letters_about_signing_up_are_counted(context: Flask) -> None:
    form = sign_up_form()

    answers = [somebody(context).post("/sign-up", data=form).status_code for _ in range(6)]

    assert answers == [202] * 5 + [429]


def test_the_last_owner_cannot_be_disabled_and_the_page_says_why(desk: Desk) -> None:
    owner = desk.api.clinic.owner

    answer = desk.send(f"/settings/staff/{owner.id}/disable", expect=409)

    assert "A clinic keeps at least one owner." in words(answer)


def test_the_front_desk_sees_settings_but_no_way_to_change_them(context: Flask, desk: Desk) -> None:
    front = Desk(context, desk.api.clinic, add_staff(desk.api.clinic, Role.FRONT_DESK))

    assert "Invite somebody" not in front.read("/settings/staff")
    front.read("/settings/invitations/new", expect=403)
    start = front.answer("/settings")
    assert "What has no link here is for an owner to do." in words(start)
    for path in ("/settings/locations/new", "/settings/devices/new", "/settings/forms/shipped"):
        assert f'href="{front.base}{path}"' not in start.text
