"""The three acts that nothing may lose: signing, confirming and taking back, each as one request.

Every act is prepared through the services, sent by a child of the mother process, judged by what
the database and the store hold, and sent again as the same browser would.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text

from app.auth.cookies import SIGN_COOKIE
from app.auth.guards import STAFF_COOKIE
from app.consent.after import withdrawal_queries
from app.consent.after.services.seal_withdrawal import seal_withdrawal
from app.consent.ways.services.open_link import renew_session
from app.documents.files import read_document
from app.documents.seal_checks import Trust
from app.documents.verify import verify_file
from app.kit.clock import shifted
from tests.crash.mother import send
from tests.factories.consent import (
    MadeConsent,
    drawn_ink,
    make_active_consent,
    make_read_consent,
    make_signed_consent,
)
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.support.api import Api, own_address
from tests.support.step_up import proven

# Whoever was killed while sealing has the lease for half a minute; a repeat then takes it over.
LATER = timedelta(seconds=31)
TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
SHOWN = re.compile(r'name="document_sha256" value="([^"]*)"')
KEPT = text("""
SELECT c.state, c.read_at IS NOT NULL AND c.understood_at IS NOT NULL AS read,
  (SELECT count(*) FROM consent_answers x WHERE x.consent_id = c.id) AS answers,
  (SELECT count(*) FROM consent_draft x WHERE x.consent_id = c.id AND x.ink_cipher IS NOT NULL)
    AS drafts,
  (SELECT count(*) FROM signature x WHERE x.consent_id = c.id) AS signatures,
  (SELECT count(*) FROM attestation x WHERE x.consent_id = c.id) AS attestations,
  (SELECT count(*) FROM withdrawal x WHERE x.consent_id = c.id) AS withdrawals,
  (SELECT count(*) FROM document x WHERE x.patient_id = c.patient_id AND x.kind = 'patient_consent')
    AS signed_files,
  (SELECT count(*) FROM document x WHERE x.patient_id = c.patient_id
    AND x.kind = 'executed_consent') AS executed_files,
  (SELECT count(*) FROM document x WHERE x.patient_id = c.patient_id AND x.kind = 'withdrawal')
    AS receipts,
  (SELECT count(*) FROM consent_grant x WHERE x.consent_id = c.id
    AND upper(x.valid) > clock_timestamp()) AS open_grants,
  (SELECT count(*) FROM message x WHERE x.patient_id = c.patient_id
    AND x.template = 'consent_copy') AS copies,
  (SELECT count(*) FROM message x WHERE x.patient_id = c.patient_id
    AND x.template = 'withdrawal_receipt') AS receipts_sent,
  (SELECT count(*) FROM audit_event x WHERE x.subject_id = c.id
    AND x.action = 'consent:form:sign') AS told_signed,
  (SELECT count(*) FROM audit_event x WHERE x.subject_id = c.id
    AND x.action = 'consent:form:attest') AS told_attested,
  (SELECT count(*) FROM audit_event x WHERE x.subject_id = c.id
    AND x.action = 'consent:form:withdraw') AS told_withdrawn,
  (SELECT count(*) FROM queue.procrastinate_jobs x JOIN withdrawal w ON w.consent_id = c.id
    WHERE x.args::text LIKE '%seal_withdrawal%' AND x.args::text LIKE '%' || w.id || '%') AS jobs
FROM consent c WHERE c.id = :id
""")
FILES = text("SELECT id FROM document WHERE patient_id = :p")


@dataclass
class Trial:
    """One act that is about to be done: the request, and what is true before and after it."""

    asked: MadeConsent
    order: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    ends: dict[str, Any] = field(default_factory=dict)

    def kept(self, superuser: Engine) -> dict[str, Any]:
        """Return what the database holds."""
        with superuser.connect() as connection:
            return dict(connection.execute(KEPT, {"id": self.asked.id}).mappings().one())

    def is_done(self, superuser: Engine) -> bool:
        """Return whether it is done; raises AssertionError for anything in between."""
        found = self.kept(superuser)
        matches = [
            wanted
            for wanted in (self.before, self.after)
            if all(found[name] == value for name, value in wanted.items())
        ]
        assert len(matches) == 1, found
        return matches[0] is self.after

    def check_files(self, superuser: Engine, trust: Trust) -> int:
        """Assert that every file that a row names is there and verifies; return how many."""
        with superuser.connect() as connection:
            ids = connection.scalars(FILES, {"p": self.asked.made.patient_id}).all()
        for one in ids:
            with self.asked.made.clinic.scope() as scope:
                assert verify_file(read_document(scope, one), trust).holds
        return len(ids)

    def repeat(self, app: Flask) -> int:
        """Send the very same request once more, half a minute later."""
        with shifted(LATER):
            return send(app, self.order)

    def check_end(self, superuser: Engine) -> None:
        """Assert that it is done exactly once, and what follows from it as well."""
        if self.ends:
            self._do_later()
        found = self.kept(superuser)
        wanted = {**self.after, **self.ends}
        assert {name: found[name] for name in wanted} == wanted

    def _do_later(self) -> None:
        """Do what the worker does after a withdrawal."""
        with self.asked.made.clinic.scope() as scope:
            found = withdrawal_queries.find_withdrawal(scope, self.asked.id)
        assert found is not None
        with shifted(LATER * 2), self.asked.made.clinic.scope() as scope:
            seal_withdrawal(scope, withdrawal_id=found.id)


def _as_patient(app: Flask, asked: MadeConsent, page: str) -> tuple[dict[str, Any], str]:
    """Return the request of a patient with a fresh session on a page, and that page."""
    with asked.made.clinic.scope() as scope:
        cookie = renew_session(scope, asked.id)
    client = app.test_client()
    client.set_cookie(SIGN_COOKIE, cookie)
    shown = client.get(page, headers={"Accept": "text/html"})
    assert shown.status_code == 200, shown.text[:500]
    token = TOKEN.search(shown.text)
    assert token is not None
    order = {
        "path": page,
        "cookies": {SIGN_COOKIE: cookie},
        "address": own_address(),
        "headers": {"Accept": "text/html"},
        "data": {"csrf_token": token.group(1)},
        "json": None,
    }
    return order, shown.text


def signing(app: Flask) -> Trial:
    """A patient presses "Sign my consent"; what was drawn was saved a moment before."""
    asked = make_read_consent(make_discussed_plan())
    order, page = _as_patient(app, asked, "/sign/signature")
    shown = SHOWN.search(page)
    assert shown is not None
    fields: dict[str, Any] = {
        "idempotency_key": f"key-{asked.id}",
        "document_sha256": shown.group(1),
        "full_name": "Aoife Nguyễn",
        "signature_kind": "ink",
        "ink": drawn_ink(),
        "acknowledged": ["sg-1", "sg-2"],
    }
    order["data"] |= fields
    _autosave(app, order, fields)
    kept = {"read": True, "answers": 1, "drafts": 1, "attestations": 0, "open_grants": 0}
    before = {"state": "cleared", "signatures": 0, "signed_files": 0, "told_signed": 0} | kept
    after = {"state": "signed", "signatures": 1, "signed_files": 1, "told_signed": 1} | kept
    return Trial(asked, order, before, after)


def _autosave(app: Flask, order: dict[str, Any], fields: dict[str, Any]) -> None:
    client = app.test_client()
    for name, value in order["cookies"].items():
        client.set_cookie(name, value)
    answer = client.put(
        "/api/v1/sign/drafts/sign",
        json={"sequence": 1000, "values": fields},
        headers={"X-CSRF-Token": order["data"]["csrf_token"]},
    )
    assert answer.status_code == 200, answer.text


def attesting(app: Flask) -> Trial:
    """A practitioner confirms, with the second factor just shown."""
    made = make_discussed_plan()
    asked = make_signed_consent(made)
    before = {"state": "signed", "attestations": 0, "executed_files": 0, "open_grants": 0}
    after = {"state": "active", "attestations": 1, "executed_files": 1, "open_grants": 1}
    return Trial(
        asked,
        _as_staff(app, made, f"/consents/{asked.id}/attest", {}),
        before | {"copies": 0, "told_attested": 0, "signed_files": 1},
        after | {"copies": 1, "told_attested": 1, "signed_files": 1},
    )


def withdrawing(app: Flask) -> Trial:
    """Somebody tells the desk that they changed their mind, and why."""
    made = make_discussed_plan()
    active = make_active_consent(made)
    asked = MadeConsent(made, active.consent_id, "", "")
    body = {"reason": "I would rather wait until after the summer."}
    before = {"state": "active", "withdrawals": 0, "open_grants": 1, "told_withdrawn": 0}
    after = {"state": "withdrawn", "withdrawals": 1, "open_grants": 0, "told_withdrawn": 1}
    files = {"signed_files": 1, "executed_files": 1}
    return Trial(
        asked,
        _as_staff(app, made, f"/consents/{asked.id}/withdraw", body),
        before | files | {"jobs": 0, "receipts": 0},
        after | files | {"jobs": 1},
        {"receipts": 1, "receipts_sent": 1},
    )


def _as_staff(app: Flask, made: MadePlan, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the request of the practitioner, signed in and stepped up."""
    api = proven(Api(app, made.clinic, made.practitioner))
    cookie = api.client.get_cookie(STAFF_COOKIE)
    assert cookie is not None
    return {
        "path": api.url(path),
        "cookies": {STAFF_COOKIE: cookie.value},
        "address": api.client.environ_base["REMOTE_ADDR"],
        "headers": {"X-CSRF-Token": api.csrf, "Idempotency-Key": uuid.uuid4().hex},
        "data": None,
        "json": body,
    }


ACTS: dict[str, Callable[[Flask], Trial]] = {
    "signing": signing,
    "attesting": attesting,
    "withdrawing": withdrawing,
}
