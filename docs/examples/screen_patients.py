"""Make patients and plans through the API, try answers on each plan, and print the outcomes.

Needs nothing but Python. Usage, with the password in the environment:

    NEEDLEPOINT_PASSWORD=… python docs/examples/screen_patients.py ADDRESS EMAIL CASES.json

``CASES.json`` is a list of cases as in ``cases.json`` beside this file. Each outcome is one line of
JSON. The person who signs in has to be a clinician. Where they have an authenticator, give its
secret (base32) in NEEDLEPOINT_TOTP_SECRET, or a code of this moment in NEEDLEPOINT_CODE.
"""

import base64
import hmac
import http.client
import json
import os
import struct
import sys
import time
import uuid
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

PLAN = {
    "procedure_id": "mechanical_microneedling",
    "indication_id": "acne_scars_atrophic",
    "areas": {"face_cheeks": 1000},
    "sessions": 3,
    "interval_days": 28,
    "anaesthetic": "otc",
    "skin_type": 2,
    "what_matters": "A case from a script.",
    "price_minor": 10000,
}


class Refused(Exception):
    """The API said no; the text is its answer."""

    def __init__(self, status, answer):
        super().__init__(f"{status}: {json.dumps(answer, ensure_ascii=False)}")
        self.status, self.answer = status, answer


def code_of(secret, at):
    """Return the six digits that an authenticator with this secret shows at a time (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    digest = hmac.digest(key, struct.pack(">Q", int(at) // 30), "sha1")
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


class Clinic:
    """A signed-in session of one person in one clinic."""

    def __init__(self, address, email, password):
        self.address, self.cookies, self.csrf = urlsplit(address), {}, ""
        signed_in = self.call("POST", "/sign-in", {"email": email, "password": password})
        self.csrf = signed_in["csrf_token"]
        if signed_in["has_second_factor"]:
            self.csrf = self.show_second_factor()["csrf_token"]
        works_in = self.call("GET", "/me/clinics")[0]
        self.below = f"/clinics/{works_in['clinic_id']}"
        self.staff_id = works_in["staff_id"]
        self.location = next(one for one in self.get("/locations") if one["in_reach"])
        self.device = self.get(f"/locations/{self.location['id']}/devices")[0]

    def show_second_factor(self):
        """Show the code; one that was used already is waited out, since each counts once."""
        secret = os.environ.get("NEEDLEPOINT_TOTP_SECRET", "")
        if not secret:
            code = os.environ.get("NEEDLEPOINT_CODE", "")
            return self.call("POST", "/step-up", {"code": code})
        try:
            return self.call("POST", "/step-up", {"code": code_of(secret, time.time())})
        except Refused:
            time.sleep(30 - time.time() % 30)
            return self.call("POST", "/step-up", {"code": code_of(secret, time.time())})

    def get(self, path):
        """Read something of the clinic."""
        return self.call("GET", self.below + path)

    def post(self, path, body):
        """Make something in the clinic; the key lets the same request be sent twice."""
        return self.call("POST", self.below + path, body)

    def call(self, method, path, body=None):
        """Send one request and return its JSON; raises Refused."""
        secure = self.address.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self.address.hostname, self.address.port, timeout=30)
        headers = {
            "Content-Type": "application/json",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRF-Token": self.csrf,
            "Idempotency-Key": uuid.uuid4().hex,
        }
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, "/api/v1" + path, data, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
        read = answer.read()
        connection.close()
        found = json.loads(read) if read else {}
        if answer.status >= 400:
            raise Refused(answer.status, found)
        return found


def add_patient(clinic, case):
    """Make the patient of a case; whoever looks like them is somebody else."""
    body = {
        "name": case.get("name", "Script Patient"),
        "date_of_birth": case["born"],
        "location_id": clinic.location["id"],
    }
    try:
        return clinic.post("/patients", body)
    except Refused as refused:
        if refused.answer.get("code") != "possible_duplicate":
            raise
        others = [one["id"] for one in refused.answer["patients"]]
        return clinic.post("/patients", {**body, "looked_at": others})


def make_plan(clinic, case, patient):
    """Make the plan of a case: the usual one, changed by what the case says."""
    own = {"device_id": clinic.device["id"], "practitioner_id": clinic.staff_id}
    body = {
        "patient_id": patient["id"],
        "location_id": clinic.location["id"],
        "terms": {**PLAN, **own, **case.get("plan", {})},
    }
    return clinic.post("/plans", body)


def answers_of(case, asked):
    """Return the answers of a case; ``others`` answers every first question that it leaves out."""
    given = dict(case.get("answers", {}))
    if "others" in case:
        for one in asked["questions"]:
            if one["asked_of"] == "patient" and one["follows"] is None and one["id"] not in given:
                offered = case["others"] in one["values"]
                given[one["id"]] = case["others"] if offered else one["values"][0]
    return given


def screen(clinic, case):
    """Return the outcome of one case."""
    plan = make_plan(clinic, case, add_patient(clinic, case))
    path = f"/plans/{plan['id']}/screening"
    body = {"answers": answers_of(case, clinic.get(path))}
    if "visit_on" in case:
        body["visit_on"] = case["visit_on"]
    return clinic.post(path, body)


def main():
    """Screen every case of a file."""
    address, email, cases = sys.argv[1:4]
    password = os.environ["NEEDLEPOINT_PASSWORD"]
    clinic = Clinic(address, email, password)
    for case in json.loads(Path(cases).read_text(encoding="utf-8")):
        try:
            outcome = {"id": case["id"], **screen(clinic, case)}
        except Refused as refused:
            outcome = {"id": case["id"], "refused": refused.status, **refused.answer}
        sys.stdout.write(json.dumps(outcome, ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
