"""Roles, ends and returns: who may change whom, at once, and never without an owner."""

import threading
from datetime import date

import pytest
from flask import Flask

from app.auth.permissions import GRANTED, ROLE_WORDS, WORDS, Permission, includes
from app.tenants import staff_queries
from app.tenants.models import Role
from app.tenants.services.manage_qualification import end_qualification
from tests.factories.tenants import PASSWORD, add_staff, make_clinic, qualify, unique_email
from tests.support.api import Api
from tests.support.pages import Desk, words
from tests.support.step_up import proven


@pytest.fixture
def api(context: Flask) -> Api:
    clinic = make_clinic()
    return Api(context, clinic, clinic.owner)


def test_changing_a_role_needs_a_second_factor_and_the_version_that_was_read(api: Api) -> None:
    who = add_staff(api.clinic, Role.FRONT_DESK)
    path, wanted = f"/staff/{who.id}", {"role": "manager"}

    assert api.put(path, wanted, match=1, expect=401)["code"] == "step_up_required"
    proven(api)
    assert api.put(path, wanted, expect=400)["code"] == "version_missing"
    assert api.put(path, wanted, match=1)["role"] == "manager"
    assert api.put(path, wanted, match=1, expect=412)["code"] == "stale"


def test_a_changed_role_holds_on_the_very_next_request(api: Api, app: Flask) -> None:
    who = add_staff(api.clinic, Role.MANAGER)
    theirs = Api(app, api.clinic, who)
    theirs.get("/ledger")

    proven(api).put(f"/staff/{who.id}", {"role": "front_desk"}, match=1)

    assert theirs.get("/ledger", expect=403)["needs"] == "ledger:read"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_case_06_nobody_but_an_owner_manages_staff(api: Api, app: Flask, role: Role) -> None:
    who = add_staff(api.clinic, role)
    theirs = proven(Api(app, api.clinic, who))

    assert theirs.put(f"/staff/{who.id}", {"role": "owner"}, match=1, expect=403)
    assert theirs.post("/invitations", {"email": "a@b.example", "role": role.value}, expect=403)
    assert theirs.delete(f"/staff/{api.clinic.owner.id}", expect=403)
    line = next(one for one in api.get("/staff") if one["id"] == str(who.id))
    assert line["role"] == role.value


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("other", list(Role))
def test_case_06_a_role_includes_another_where_it_may_all_of_it(role: Role, other: Role) -> None:
    missing = [one for one, may in GRANTED.items() if other in may and role not in may]

    assert includes(role, other) == (not missing)


def test_case_06_the_last_owner_neither_leaves_nor_steps_down(api: Api) -> None:
    owner = api.clinic.owner
    proven(api)

    assert api.delete(f"/staff/{owner.id}", expect=409)["code"] == "last_owner"
    stepping = api.put(f"/staff/{owner.id}", {"role": "manager"}, match=1, expect=409)
    assert stepping["code"] == "last_owner"
    add_staff(api.clinic, Role.OWNER)
    assert api.put(f"/staff/{owner.id}", {"role": "manager"}, match=1)["role"] == "manager"


@pytest.mark.parametrize("how", ["disable", "demote"])
def test_case_06_two_owners_who_remove_each_other_at_once_leave_one(
    api: Api, app: Flask, how: str
) -> None:
    first, second = api.clinic.owner, add_staff(api.clinic, Role.OWNER)
    pairs = [
        (proven(Api(app, api.clinic, first)), second),
        (proven(Api(app, api.clinic, second)), first),
    ]
    start = threading.Barrier(2)
    statuses: list[int] = []

    def remove(who: Api, whom_id: object) -> None:
        headers = {
            "X-CSRF-Token": who.csrf,
            "Idempotency-Key": "remove each other",
            "If-Match": "1",
        }
        start.wait()
        if how == "disable":
            answer = who.client.delete(who.url(f"/staff/{whom_id}"), headers=headers)
        else:
            body = {"role": "manager"}
            answer = who.client.put(who.url(f"/staff/{whom_id}"), json=body, headers=headers)
        statuses.append(answer.status_code)

    racers = [threading.Thread(target=remove, args=(who, whom.id)) for who, whom in pairs]
    for one in racers:
        one.start()
    for one in racers:
        one.join()

    with api.clinic.scope() as scope:
        owners = [one.id for one in staff_queries.list_owners_for_update(scope)]
    assert len(owners) == 1
    assert sorted(statuses)[0] == 200
    assert statuses.count(200) == 1


def test_case_09_a_disabled_person_is_signed_out_at_once(api: Api, app: Flask) -> None:
    who = add_staff(api.clinic, Role.PRACTITIONER)
    sessions = [Api(app, api.clinic, who) for _ in range(2)]

    api.delete(f"/staff/{who.id}")

    for one in sessions:
        assert one.get("/patients", expect=401)["code"] == "unauthenticated"
        assert one.client.get("/api/v1/me/clinics").status_code == 401
    again = app.test_client()
    again.environ_base["REMOTE_ADDR"] = "2001:db8::9"
    again.post("/api/v1/sign-in", json={"email": who.email, "password": PASSWORD})
    assert again.get(api.url("/patients")).status_code == 404


def test_case_09_somebody_with_a_second_clinic_loses_the_first_only(api: Api, app: Flask) -> None:
    who = add_staff(api.clinic, Role.PRACTITIONER)
    other = make_clinic(name="Juniper Quay")
    add_staff(other, Role.FRONT_DESK, email=who.email)
    theirs = Api(app, api.clinic, who)

    api.delete(f"/staff/{who.id}")

    theirs.get("/patients", expect=404)
    assert theirs.client.get(f"/api/v1/clinics/{other.tenant_id}/patients").status_code == 200


def test_somebody_who_was_let_in_again_signs_in_with_their_own_password(
    api: Api, app: Flask
) -> None:
    who = add_staff(api.clinic, Role.PRACTITIONER)
    api.delete(f"/staff/{who.id}")

    assert api.post(f"/staff/{who.id}/enable", expect=401)["code"] == "step_up_required"
    proven(api).post(f"/staff/{who.id}/enable", expect=200)

    Api(app, api.clinic, who).get("/patients")


def test_the_staff_list_says_what_an_owner_needs(context: Flask) -> None:
    clinic = make_clinic()
    desk = Desk(context, clinic, clinic.owner)
    who = add_staff(
        clinic, Role.PRACTITIONER, name="Kirsty MacLeod-Singh", at=(clinic.location_id,)
    )
    unseen = desk.read("/settings/staff")
    Api(context, clinic, who).get("/patients")

    page = desk.answer("/settings/staff")

    assert "Not been here yet" in unseen
    for told in (
        "Practitioner, Harbour",
        "No qualification entered",
        "Owner, whole clinic",
        "Last here",
    ):
        assert told in words(page)
    assert "Not been here yet" not in words(page)
    for act in ("change", "disable"):
        assert f'href="{desk.base}/settings/staff/{who.id}/{act}"' in page.text


def test_an_owner_changes_role_and_locations_on_one_page(context: Flask) -> None:
    clinic = make_clinic()
    desk = Desk(context, clinic, clinic.owner)
    who = add_staff(clinic, Role.PRACTITIONER)
    asked = desk.answer(f"/settings/staff/{who.id}/change", expect=303)
    assert asked.headers["Location"].startswith("/step-up?next=")
    proven(desk.api)
    form = {
        "role": "manager",
        "reach": "some",
        "location_ids": [str(clinic.location_id)],
        "version": "1",
    }

    desk.send(f"/settings/staff/{who.id}/change", **form)
    late = desk.send(f"/settings/staff/{who.id}/change", expect=422, **form)

    assert "Manager, Harbour" in desk.read("/settings/staff")
    assert "Somebody else changed this in the meantime" in words(late)


def test_the_table_on_the_page_is_the_table_of_the_guards(context: Flask) -> None:
    clinic = make_clinic()
    desk = Desk(context, clinic, add_staff(clinic, Role.AUDITOR))

    page = desk.read("/settings/roles")

    assert set(WORDS) == set(GRANTED) == set(Permission)
    assert all(words_of in page for words_of in WORDS.values())
    listed = {one["permission"]: set(one["roles"]) for one in desk.api.get("/permissions")}
    assert listed == {one.value: set(allowed) for one, allowed in GRANTED.items()}
    assert set(ROLE_WORDS) == {role.value for role in Role}


def test_one_person_switches_between_clinics_without_signing_in_again(context: Flask) -> None:
    first, second = make_clinic(name="Tern & Thistle"), make_clinic(name="Juniper Quay")
    who = add_staff(first, Role.PRACTITIONER, email=unique_email("both"))
    add_staff(second, Role.BILLING, email=who.email)
    theirs = Api(context, first, who)

    page = words(theirs.client.get("/"))
    here = theirs.client.get(f"/clinics/{first.tenant_id}/settings/staff")
    there = theirs.client.get(f"/clinics/{second.tenant_id}/settings/staff")

    assert "Tern & Thistle" in page
    assert "Juniper Quay" in page
    assert (here.status_code, there.status_code) == (200, 200)
    # Each clinic knows its own role, and nothing of the other clinic.
    assert "Juniper Quay" not in words(here)
    assert "Tern & Thistle" not in words(there)
    assert theirs.client.get(f"/api/v1/clinics/{first.tenant_id}/ledger").status_code == 403
    assert theirs.client.get(f"/api/v1/clinics/{second.tenant_id}/ledger").status_code == 200
    stranger = Api(context, second, second.owner)
    seen = next(one for one in stranger.get("/staff") if one["email"] == who.email)
    assert set(seen) >= {"last_seen_at", "role"}
    assert str(first.tenant_id) not in str(stranger.get("/staff"))


def test_the_staff_list_counts_only_qualifications_in_use(api: Api) -> None:
    who = add_staff(api.clinic, Role.PRACTITIONER)
    qualify(api.clinic, who, expires_on=date(2090, 1, 31))
    longest = qualify(api.clinic, who, expires_on=date(2099, 1, 31))

    def until() -> str | None:
        (line,) = [one for one in api.get("/staff") if one["id"] == str(who.id)]
        return line["qualified_until"]

    assert until() == "2099-01-31"
    with api.clinic.scope() as scope:
        end_qualification(scope, qualification_id=longest)
    assert until() == "2090-01-31"


def test_the_staff_list_counts_what_is_checked(context: Flask) -> None:
    clinic = make_clinic()
    desk = Desk(context, clinic, clinic.owner)
    nurse = add_staff(clinic, Role.PRACTITIONER)
    qualify(clinic, clinic.owner)
    qualify(clinic, nurse)

    page = desk.read("/settings/staff")

    assert "Qualification not checked yet" in page  # The owner's own, entered by herself.
    assert page.count("Qualified until 31 December 2099") == 1
