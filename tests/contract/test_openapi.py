"""The API keeps what its own OpenAPI document promises, whatever is sent to it."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Engine, text

from tests.contract.test_routes import fingerprint, whole_story
from tests.factories.plans import MadePlan
from tests.support.api import Api
from tests.support.route_table import CONVERTER, api_document, is_for_programs, rules

STEP_UP = text(
    "UPDATE control.login_session SET stepped_up_at = now() WHERE person_id = :person_id"
)
PROMISES = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
OPERATIONS = [
    (method, path)
    for path, methods in sorted(api_document()["paths"].items())
    for method in methods
    if method in {"get", "post", "put", "patch", "delete"}
]
# What takes something away comes last.
OPERATIONS.sort(key=lambda one: one[0] == "delete")
# The pay page's own form goes here and gets a page back.
NOT_FOR_PROGRAMS = {"/api/v1/pay/exchange"}
OUTSIDE_A_SIGN_IN = {"/api/v1/sign-in", "/api/v1/step-up"}
NOTHING_THERE_YET = {
    "/api/v1/clinics/{clinic_id}/stripe-account",
    # The story's consent is in force, and a file of a photograph is asked for by its fresh link.
    "/api/v1/clinics/{clinic_id}/consents/{consent_id}/withdrawal",
    "/api/v1/clinics/{clinic_id}/consents/{consent_id}/withdrawal/receipt",
    "/api/v1/clinics/{clinic_id}/consents/{consent_id}/decline",
    "/api/v1/clinics/{clinic_id}/photos/{photo_id}/files/{size}",
    "/api/v1/clinics/{clinic_id}/marketing-photos/{photo_id}/files/{size}",
}
# What a row has of its own, which nobody who makes one may bring along.
ROWS_OWN = {"id", "tenant_id", "version"}
# An account lets nobody in here: the cookie of an invitation or a tablet comes before the body.
BY_ANOTHER_COOKIE = {"/api/v1/invitation/accept", "/api/v1/shared-desk/passkey"}
# The test client keeps its cookies for this name.
BASE = "http://localhost"
# Each example is a request to a real application; more of them find little that ten do not.
EXAMPLES = 10


@dataclass(frozen=True)
class Story:
    """A clinic in which everything happened, and its ids by the names that paths use."""

    ids: dict[str, str]
    made: MadePlan


@pytest.fixture(scope="module")
def story(app: Flask) -> Story:
    with app.app_context():
        ids, made = whole_story()
    named = {"clinic_id": made.clinic.tenant_id, **ids}
    return Story({name: str(value) for name, value in named.items()}, made)


@pytest.fixture(scope="module")
def document(app: Flask) -> Any:
    """The document as the generator of requests reads it, which takes it a while."""
    found = schemathesis.openapi.from_dict(api_document())
    found.app = app
    return found


@pytest.fixture
def owner(app: Flask, story: Story, superuser: Engine) -> Api:
    """The owner, who has just shown the second factor; a code would only serve one of the tests."""
    who = story.made.clinic.owner
    signed_in = Api(app, story.made.clinic, who)
    with superuser.begin() as connection:
        connection.execute(STEP_UP, {"person_id": who.person_id})
    return signed_in


def test_every_route_for_programs_is_in_the_document() -> None:
    served = {CONVERTER.sub(r"{\1}", str(rule)) for rule in rules() if is_for_programs(str(rule))}

    assert served - set(api_document()["paths"]) == NOT_FOR_PROGRAMS


def test_case_04_a_row_that_exists_cannot_be_posted_over(
    story: Story, owner: Api, superuser: Engine
) -> None:
    mine = {"id": story.ids["patient_id"], "tenant_id": story.ids["clinic_id"], "version": 1}
    before = fingerprint(superuser, story.made.clinic.tenant_id)
    kinds = {path: kind_of_body(path) for path in api_document()["paths"]}
    posted = {path: kind for path, kind in kinds.items() if kind is not None}

    wrong = {}
    for path in posted:
        headers = {"X-CSRF-Token": owner.csrf, "If-Match": "1", "Idempotency-Key": uuid.uuid4().hex}
        sent = {"json": mine} if posted[path] == "application/json" else {"data": mine}
        answer = owner.client.post(
            path.format(**story.ids), **sent, content_type=posted[path], headers=headers
        )
        named = answer.status_code == 422 and set(mine) <= set(answer.get_json()["fields"])
        refused = answer.status_code == 410 if path in BY_ANOTHER_COOKIE else named
        if not refused:
            wrong[path] = answer.text

    assert wrong == {}
    assert len(posted) > 40
    assert fingerprint(superuser, story.made.clinic.tenant_id) == before


def test_case_04_what_takes_no_body_refuses_every_field_that_comes_along(
    story: Story, owner: Api, superuser: Engine
) -> None:
    mine = {"id": story.ids["patient_id"], "tenant_id": story.ids["clinic_id"], "version": 1}
    before = fingerprint(superuser, story.made.clinic.tenant_id)
    bare = [
        (method, path)
        for method, path in OPERATIONS
        if method != "get" and "requestBody" not in api_document()["paths"][path][method]
    ]

    wrong = {}
    for method, path in bare:
        headers = {"X-CSRF-Token": owner.csrf, "If-Match": "1", "Idempotency-Key": uuid.uuid4().hex}
        address = re.sub(r"{(\w+)}", lambda one: story.ids.get(one[1], str(uuid.uuid4())), path)
        for body in ({"json": mine}, {"data": mine}):
            answer = owner.client.open(address, method=method.upper(), headers=headers, **body)
            if answer.status_code != 422 or set(answer.get_json()["fields"]) != set(mine):
                wrong[f"{method} {path} {[*body]}"] = answer.text
        for nonsense in (b"[1]", b"nonsense", b'"a text"'):
            answer = owner.client.open(
                address, method=method.upper(), headers=headers, data=nonsense
            )
            if answer.status_code != 422:
                wrong[f"{method} {path} {nonsense!r}"] = answer.text

    assert wrong == {}
    assert len(bare) > 20
    assert fingerprint(superuser, story.made.clinic.tenant_id) == before


def kind_of_body(path: str) -> str | None:
    """Return what is posted here, if anything; its schema must know none of a row's own fields."""
    body = api_document()["paths"][path].get("post", {}).get("requestBody")
    if body is None:
        return None
    [(kind, content)] = body["content"].items()
    name = content["schema"]["$ref"].rpartition("/")[2]
    schema = api_document()["components"]["schemas"][name]
    assert not ROWS_OWN & set(schema["properties"]), path
    assert schema["additionalProperties"] is False, path
    return str(kind)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda value: str(value))
def test_an_operation_keeps_its_promises(
    document: Any, story: Story, owner: Api, method: str, path: str
) -> None:
    statuses: set[int] = set()
    operation = document[path][method.upper()]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)))
    def keeps(case: Any) -> None:
        point_at_real_things(case, story)
        # What it makes up for cookies would take the place of the sign-in.
        case.cookies = {}
        headers = {"X-CSRF-Token": owner.csrf, "Idempotency-Key": uuid.uuid4().hex}
        answer = case.call(session=owner.client, headers=headers, base_url=BASE)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=PROMISES)
        assert not (has_bad_body(case) and answer.status_code < 400), case.body

    keeps()
    assert path in OUTSIDE_A_SIGN_IN or statuses - {401, 403}, "nobody got in"
    assert method != "get" or path in NOTHING_THERE_YET or 200 in statuses, statuses


def point_at_real_things(case: Any, story: Story) -> None:
    """Send most requests to things that exist; made-up ids would only ever be not found."""
    for name in case.path_parameters or {}:
        if name in story.ids:
            case.path_parameters[name] = story.ids[name]


def has_bad_body(case: Any) -> bool:
    """Whether the body breaks what the document says of it."""
    part = case.meta.components.get(ParameterLocation.BODY)
    return part is not None and part.mode.is_negative
