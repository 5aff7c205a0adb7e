"""Invitations: bound to an address, a clinic and a role; single use; three days; one winner."""

import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.database import SYSTEM, tenant_scope
from app.kit import clock
from app.kit.clock import now
from app.messaging.queries import page_messages
from app.messaging.services import queue_message, read_message
from app.tenants.models import Role
from app.tenants.services.invite_staff import NewInvitation, invite_staff
from app.tenants.services.manage_staff import disable_staff
from tests.conftest import somebody
from tests.factories.tenants import PASSWORD, MadeClinic, add_staff, make_clinic, unique_email
from tests.support.api import Api
from tests.support.pages import Desk, words
from tests.support.signing_up import confirm, sign_up_form, token_of
from tests.support.step_up import proven

LINK = re.compile(r"/invitation#(\S+)")


@pytest.fixture
def api(context: Flask) -> Api:
    clinic = make_clinic()
    return Api(context, clinic, clinic.owner)


def tokens_sent(clinic: MadeClinic, email: str) -> list[str]:
    """Return the tokens in the messages to an address, the newest first."""
    with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        letters = [read_message(scope, one) for one in page_messages(scope)]
    found = [LINK.search(one.body) for one in letters if one.to == email]
    return [one.group(1) for one in found if one]


def invite(api: Api, email: str, *, role: str = "practitioner") -> tuple[dict[str, str], str]:
    """Invite an address; return the answer and the token that was sent."""
    answer = api.post("/invitations", {"email": email, "role": role})
    return answer, tokens_sent(api.clinic, email)[0]


def open_link(client: FlaskClient, token: str) -> TestResponse:
    """Press the button of the link's page."""
    return client.post("/api/v1/invitation/exchange", json={"token": token})


def accept(client: FlaskClient, token: str, **body: str) -> TestResponse:
    """Open an invitation and accept it in one browser."""
    opened = open_link(client, token)
    if opened.status_code != 200:
        return opened
    headers = {"X-CSRF-Token": opened.get_json()["csrf_token"]}
    return client.post("/api/v1/invitation/accept", json=body, headers=headers)


NEW = {"name": "Kirsty MacLeod-Singh", "password": "words that she chose herself"}


def test_a_new_person_chooses_their_own_password_and_is_let_in(
    api: Api, client: FlaskClient
) -> None:
    email = unique_email("kirsty")
    _, token = invite(api, email)

    answer = accept(client, token, **NEW)

    assert answer.status_code == 201, answer.text
    assert answer.get_json()["role"] == "practitioner"
    assert client.get(api.url("/staff")).status_code == 200
    line = next(one for one in api.get("/staff") if one["email"] == email)
    assert (line["name"], line["location_ids"]) == (NEW["name"], [])
    assert api.get("/invitations") == []


def test_who_has_just_joined_is_let_in_whatever_was_tried_at_their_address_before(
    api: Api, client: FlaskClient
) -> None:
    email = unique_email("kirsty")
    _, token = invite(api, email)
    for _ in range(11):
        client.post("/api/v1/sign-in", json={"email": email, "password": PASSWORD})

    answer = accept(client, token, **NEW)

    assert answer.status_code == 201, answer.text
    assert client.get(api.url("/staff")).status_code == 200


def test_nobody_can_be_given_a_password_by_an_owner(api: Api) -> None:
    body = {"email": unique_email(), "role": "practitioner", "password": PASSWORD}

    assert "password" in api.post("/invitations", body, expect=422)["fields"]
    assert api.client.post(api.url("/staff"), json={}).status_code == 405


def test_case_18_an_invitation_works_once(api: Api, app: Flask) -> None:
    _, token = invite(api, unique_email())
    assert accept(somebody(app), token, **NEW).status_code == 201

    again = somebody(app)

    assert open_link(again, token).status_code == 410
    assert accept(again, token, **NEW).get_json()["code"] == "link_not_usable"


def test_case_18_looking_at_an_invitation_uses_nothing_up(api: Api, app: Flask) -> None:
    _, token = invite(api, unique_email())
    scanner = somebody(app)
    for method in ("GET", "HEAD"):
        assert scanner.open("/invitation", method=method).status_code == 200
    assert open_link(scanner, token).status_code == 200
    assert scanner.get("/invitation/accept").status_code == 200

    assert accept(somebody(app), token, **NEW).status_code == 201


def test_case_18_a_cancelled_invitation_opens_nothing(api: Api, client: FlaskClient) -> None:
    invitation, token = invite(api, unique_email())
    opened = open_link(client, token)
    api.delete(f"/invitations/{invitation['id']}")

    headers = {"X-CSRF-Token": opened.get_json()["csrf_token"]}
    late = client.post("/api/v1/invitation/accept", json=NEW, headers=headers)

    assert late.status_code == 410
    assert open_link(client, token).status_code == 410
    assert api.delete(f"/invitations/{invitation['id']}", expect=409)["code"] == "invitation_ended"


def test_case_18_an_invitation_ends_after_72_hours(api: Api, client: FlaskClient) -> None:
    _, token = invite(api, unique_email())
    _, other = invite(api, unique_email())

    with clock.frozen(now() + timedelta(hours=71, minutes=59)):
        assert open_link(client, other).status_code == 200
    with clock.frozen(now() + timedelta(hours=72, seconds=1)):
        assert accept(client, token, **NEW).status_code == 410


def test_sending_again_kills_the_link_before(api: Api, app: Flask) -> None:
    email = unique_email()
    invitation, first = invite(api, email)

    api.post(f"/invitations/{invitation['id']}/resend", expect=200)

    second = tokens_sent(api.clinic, email)[0]
    assert second != first
    assert open_link(somebody(app), first).status_code == 410
    assert accept(somebody(app), second, **NEW).status_code == 201


def test_case_18_of_two_who_accept_at_once_one_wins(api: Api, app: Flask) -> None:
    _, token = invite(api, unique_email())
    answers: list[int] = []
    start = threading.Barrier(4)

    def race() -> None:
        client = somebody(app)
        opened = open_link(client, token)
        headers = {"X-CSRF-Token": opened.get_json()["csrf_token"]}
        start.wait()
        answer = client.post("/api/v1/invitation/accept", json=NEW, headers=headers)
        answers.append(answer.status_code)

    racers = [threading.Thread(target=race) for _ in range(4)]
    for one in racers:
        one.start()
    for one in racers:
        one.join()

    assert sorted(answers)[0] == 201
    assert answers.count(201) == 1
    assert set(answers) <= {201, 409, 410}
    assert len(api.get("/staff")) == 2


def test_case_18_another_account_cannot_accept(api: Api, app: Flask) -> None:
    invited_clinic = make_clinic(name="Juniper Quay")
    mine = add_staff(invited_clinic, Role.PRACTITIONER)
    _, token = invite(api, mine.email)
    thief = Api(app, invited_clinic, add_staff(invited_clinic, Role.FRONT_DESK))

    stolen = accept(thief.client, token)
    typed = accept(thief.client, token, **NEW)

    assert (stolen.status_code, typed.status_code) == (409, 409)
    assert stolen.get_json()["code"] == typed.get_json()["code"] == "account_exists"
    assert len(api.get("/staff")) == 1


def test_case_18_an_account_with_the_address_signs_in_as_itself_first(api: Api, app: Flask) -> None:
    other = make_clinic(name="Juniper Quay")
    mine = add_staff(other, Role.PRACTITIONER, name="Tadhg Ó Dálaigh")
    _, token = invite(api, mine.email)
    client = somebody(app)
    before = accept(client, token, name="x", password=PASSWORD)
    signed_in = Api(app, other, mine)

    after = accept(signed_in.client, token)

    assert before.status_code == 409
    assert after.status_code == 201
    assert signed_in.client.get(api.url("/staff")).status_code == 200


def test_case_18_an_address_that_was_registered_elsewhere_first_gains_nothing(
    api: Api, app: Flask
) -> None:
    squatted = unique_email("squatted")
    squatter = somebody(app)
    squatter.post("/sign-up", data=sign_up_form(owner_email=squatted, legal_name="Squat"))
    assert confirm(squatter, token_of(app, squatted)).status_code == 303
    invitation, _ = invite(api, squatted)

    guessed = open_link(squatter, invitation["id"])

    assert guessed.status_code == 410
    assert squatter.get(api.url("/staff")).status_code == 404
    assert squatter.get("/api/v1/me/clinics").get_json()[0]["name"] == "Squat"


def test_case_18_the_id_of_an_invitation_opens_nothing(api: Api, client: FlaskClient) -> None:
    invitation, token = invite(api, unique_email())
    other, _ = invite(api, unique_email(), role="front_desk")
    opened = open_link(client, token)
    headers = {"X-CSRF-Token": opened.get_json()["csrf_token"]}

    swapped = client.post(
        "/api/v1/invitation/accept",
        json={**NEW, "invitation_id": other["id"], "role": "owner"},
        headers=headers,
    )

    assert open_link(client, invitation["id"]).status_code == 410
    assert swapped.status_code == 422
    assert set(swapped.get_json()["fields"]) == {"invitation_id", "role"}


def test_an_invitation_needs_its_pages_own_token(api: Api, client: FlaskClient) -> None:
    _, token = invite(api, unique_email())
    open_link(client, token)

    assert client.post("/api/v1/invitation/accept", json=NEW).status_code == 403


def test_case_19_inviting_says_nothing_about_accounts(api: Api) -> None:
    elsewhere = add_staff(make_clinic(name="Juniper Quay"), Role.OWNER).email

    known, _ = invite(api, elsewhere)
    unknown, _ = invite(api, unique_email())

    def shape(answer: dict[str, str]) -> dict[str, str]:
        return answer | dict.fromkeys(("id", "email", "sent_at", "expires_at"), "")

    assert shape(known) == shape(unknown)


def test_an_invitation_of_somebody_who_was_shut_out_since_is_dead(api: Api, app: Flask) -> None:
    rogue = add_staff(api.clinic, Role.OWNER)
    theirs = Api(app, api.clinic, rogue)
    _, token = invite(theirs, unique_email("friend"))
    with api.clinic.scope() as scope:
        disable_staff(scope, staff_id=rogue.id)

    assert accept(somebody(app), token, **NEW).status_code == 410
    assert api.get("/invitations") == []


def test_inviting_another_owner_needs_a_second_factor(api: Api, app: Flask) -> None:
    body = {"email": unique_email(), "role": "owner"}

    assert api.post("/invitations", body, expect=401)["code"] == "step_up_required"
    proven(api).post("/invitations", body)


def test_an_address_has_one_open_invitation(api: Api) -> None:
    email = unique_email()
    invite(api, email)

    again = api.post("/invitations", {"email": email.upper(), "role": "billing"}, expect=409)

    assert again["code"] == "invitation_open"


def test_an_invitation_that_ran_out_is_replaced_by_a_new_one(api: Api) -> None:
    email = unique_email()
    with clock.frozen(now() - timedelta(hours=73)), api.clinic.scope() as scope:
        invite_staff(scope, NewInvitation(email, Role.BILLING))

    invite(api, email)

    assert [one["email"] for one in api.get("/invitations")] == [email]


def test_somebody_who_works_here_is_not_invited(api: Api) -> None:
    known = add_staff(api.clinic, Role.PRACTITIONER)

    answer = api.post("/invitations", {"email": known.email, "role": "billing"}, expect=409)

    assert "works here with this address already" in answer["fields"]["email"]


def test_a_location_of_another_clinic_cannot_be_given(api: Api) -> None:
    foreign = make_clinic(name="Juniper Quay").location_id
    body = {"email": unique_email(), "role": "practitioner", "location_ids": [str(foreign)]}

    assert api.post("/invitations", body, expect=404)["code"] == "location_unknown"


def test_only_owners_invite(api: Api, app: Flask) -> None:
    manager = Api(app, api.clinic, add_staff(api.clinic, Role.MANAGER))
    body = {"email": unique_email(), "role": "front_desk"}

    assert manager.post("/invitations", body, expect=403)["needs"] == "staff:manage"
    manager.get("/invitations", expect=403)


def test_the_pages_lead_from_the_list_to_the_clinic(context: Flask) -> None:
    clinic = make_clinic()
    desk = Desk(context, clinic, clinic.owner)
    email = unique_email("zofia")
    desk.send("/settings/invitations/new", email=email, role="front_desk", reach="all")
    assert email in desk.read("/settings/staff")
    client = somebody(context)
    open_link(client, tokens_sent(clinic, email)[0])

    offer = client.get("/invitation/accept")
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', offer.text)
    assert csrf is not None
    form = {"csrf_token": csrf.group(1), "name": "Zofia Wiśniewska", "password": PASSWORD}
    short = client.post("/invitation/accept", data=form | {"password": "short"})
    joined = client.post("/invitation/accept", data=form)

    assert "You are invited as front desk." in words(offer)
    assert email in words(offer)
    assert short.status_code == 422
    assert 'href="#password"' in short.text
    assert joined.headers["Location"].startswith(f"/clinics/{clinic.tenant_id}/today")
    assert client.get(joined.headers["Location"]).status_code == 200
    assert "Zofia Wiśniewska" in desk.read("/settings/staff")


def test_somebody_signed_in_as_another_is_told_so(context: Flask) -> None:
    clinic = make_clinic()
    other = make_clinic(name="Juniper Quay")
    api = Api(context, clinic, clinic.owner)
    _, token = invite(api, unique_email())
    busy = Api(context, other, other.owner)
    open_link(busy.client, token)

    page = words(busy.client.get("/invitation/accept"))

    assert "You are signed in as somebody else" in page


def test_an_invitation_says_who_invites_but_is_not_read_in_a_real_outbox(context: Flask) -> None:
    clinic = make_clinic()
    desk = Desk(context, clinic, clinic.owner)
    _, token = invite(desk.api, unique_email())
    with clinic.scope() as scope:
        values = {
            "clinic": "Tern",
            "name": "A",
            "link": "https://x/your-data#OPENS",
            "expires": "x",
        }
        queue_message(
            scope, to=unique_email(), channel="email", template="data_export", values=values
        )
    assert token in desk.answer("/outbox").text
    assert "your-data#OPENS" in desk.answer("/outbox").text
    settings = context.config["SETTINGS"]
    context.config["SETTINGS"] = replace(settings, mode="production")
    try:
        assert token not in desk.answer("/outbox").text
        assert "your-data#OPENS" not in desk.answer("/outbox").text
    finally:
        context.config["SETTINGS"] = settings
