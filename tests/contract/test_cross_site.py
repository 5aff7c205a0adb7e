"""Another site makes a browser do nothing: every act of a clinic and of a patient is tried."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.auth.guards import STAFF_COOKIE
from tests.contract.test_routes import CELLS, Houses, fingerprint, houses
from tests.factories.consent import make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.support.route_table import rules
from tests.support.signer import Signer

__all__ = ["houses"]
ACTS = [cell for cell in CELLS if cell[0] != "GET"]
# What a patient's browser sends while they sign, say no, or take back.
SIGNING = [
    str(rule)
    for rule in rules()
    if "POST" in (rule.methods or ())
    and str(rule).startswith("/sign/")
    # The copy has a session of its own, which this patient does not have yet.
    and not str(rule).startswith("/sign/copy/")
    and not rule.arguments
]
FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


def test_case_21_no_act_of_the_clinic_is_done_for_another_site(
    houses: Houses, superuser: Engine
) -> None:
    owner, clinic_id = houses.owner, houses.made.clinic.tenant_id
    assert owner.client.get_cookie(STAFF_COOKIE) is not None
    before = fingerprint(superuser, clinic_id)

    done = []
    for method, rule in ACTS:
        path = houses.path(rule, clinic_id)
        for headers in ({}, FROM_ELSEWHERE, {**FROM_ELSEWHERE, "X-CSRF-Token": "x" * 43}):
            sent = {**headers, "Idempotency-Key": uuid.uuid4().hex}
            answer = owner.client.open(path, method=method, headers=sent)
            if answer.status_code != 403:
                done.append((method, rule, headers, answer.status_code))

    assert done == []
    assert len(ACTS) > 100
    after = fingerprint(superuser, clinic_id)
    assert {name for name in before if before[name] != after[name]} <= {"audit_event"}


@pytest.mark.parametrize("headers", [{}, FROM_ELSEWHERE], ids=["no token", "another site"])
def test_case_21_nobody_signs_or_takes_back_for_another_site(
    context: Flask, headers: dict[str, str]
) -> None:
    signer = Signer(context, make_asked_consent(make_discussed_plan()))
    signer.reach_signature()
    fields = signer.signing_fields()

    answers = {path: signer.client.post(path, data=fields, headers=headers) for path in SIGNING}

    done = {path: one.status_code for path, one in answers.items() if one.status_code != 403}
    # Where nobody is known yet there is no token; a browser says itself that it is another site.
    assert set(done) <= (set() if headers else {"/sign/code", "/sign/new-link"})
    assert {"/sign/signature", "/sign/withdraw", "/sign/identity"} <= set(SIGNING)
    assert signer.go("/sign/signature", fields) == "/sign/receipt"
