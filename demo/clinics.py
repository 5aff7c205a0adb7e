"""The demo's two clinics with their people, made through the API from ``data/clinics.yaml``."""

import re
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyotp
import yaml

from demo.visitor import StoryFailed, Visitor

DATA = Path(__file__).parent / "data" / "clinics.yaml"
PASSWORD = "thistle harbour needle clay"  # noqa: S105 - the demo prints it for everybody to use
AGREEMENT = "2026-11"
SCAR_LABEL_UM = 1500
LINK = re.compile(r"/sign-up/confirm#(\S+)")
LETTER_SECONDS = 30
# The newest message stands first.
INVITATION = re.compile(r"/invitation#([\w-]+)")


@dataclass
class DemoClinic:
    """A clinic of the demo: ids by the keys of the data file, and people who can sign in."""

    base: str
    id: str
    name: str
    owner_key: str
    locations: dict[str, str] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)
    staff: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, Visitor] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    patients: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)

    def path(self, rest: str) -> str:
        """Return an API path below the clinic."""
        return f"/api/v1/clinics/{self.id}{rest}"

    def page(self, rest: str) -> str:
        """Return a page's path below the clinic."""
        return f"/clinics/{self.id}{rest}"

    def visitor(self, key: str) -> Visitor:
        """Return the browser in which a member of staff has signed in; they stay signed in."""
        if key in self.browsers:
            return self.browsers[key]
        somebody = self.browsers[key] = Visitor(self.base)
        somebody.sign_in(self.emails[key], PASSWORD)
        return somebody


def read_data() -> dict[str, Any]:
    """Return the data file."""
    found: dict[str, Any] = yaml.safe_load(DATA.read_text())
    return found


def make_clinic(base: str, letters: Path, data: dict[str, Any], key: str) -> DemoClinic:
    """Sign a clinic up and fill it: places, people, devices, catalogue, packages, patients."""
    entry = next(one for one in data["clinics"] if one["key"] == key)
    people = [one for one in data["staff"] if one["clinic"] == key]
    owner = next(one for one in people if one["role"] == "owner")
    visitor = Visitor(base)
    visitor.api(
        "POST",
        "/api/v1/clinics",
        {
            "legal_name": entry["legal_name"],
            "address": entry["address"],
            "owner_name": owner["name"],
            "owner_email": owner["email"],
            "password": PASSWORD,
            "processor_agreement": AGREEMENT,
        },
        expect=202,
    )
    signed_up = _confirm(visitor, letters, owner["email"])
    clinic = DemoClinic(base, signed_up["id"], entry["name"], owner["key"])
    clinic.emails[owner["key"]] = owner["email"]
    visitor.sign_in(owner["email"], PASSWORD)
    _add_places(visitor, clinic, entry)
    _add_people(visitor, clinic, people)
    visitor.api("POST", clinic.path("/catalogue"))
    for patient in (one for one in data["patients"] if one["clinic"] == key):
        _add_patient(visitor, clinic, patient)
    return clinic


def _confirm(visitor: Visitor, letters: Path, email: str) -> dict[str, Any]:
    """Open the letter that the worker put into the installation's folder, as its reader would."""
    for _ in range(LETTER_SECONDS * 10):
        found = [one.read_text() for one in letters.glob("*.txt")]
        links = [LINK.search(one) for one in found if one.startswith(f"To: {email}\n")]
        token = next((link[1] for link in links if link), "")
        if token:
            body = {"token": token, "password": PASSWORD}
            made: dict[str, Any] = visitor.api("POST", "/api/v1/clinics/confirm", body)
            return made
        time.sleep(0.1)
    raise StoryFailed(f"No letter to confirm the address came within {LETTER_SECONDS} s")


def _add_places(visitor: Visitor, clinic: DemoClinic, entry: dict[str, Any]) -> None:
    wanted = (
        "name",
        "address",
        "zone",
        "currency",
        "jurisdiction",
        "market",
        "premises_kind",
        "premises_registration",
        "emergency_contact",
    )
    for place in entry["locations"]:
        body = {name: str(place[name]) for name in wanted}
        made = visitor.api("POST", clinic.path("/locations"), body)
        clinic.locations[place["key"]] = made["id"]
        clinic.currencies[place["key"]] = place["currency"]
        _add_device(visitor, clinic, place)


def _add_device(visitor: Visitor, clinic: DemoClinic, place: dict[str, Any]) -> None:
    label = {
        "market": place["market"],
        "cap_um": SCAR_LABEL_UM,
        "areas": ["face_cheeks", "face_forehead", "face_chin_jaw"],
        "indications": ["acne_scars_atrophic"],
        "age_min": 22 if place["market"] == "US" else 18,
        "skin_types": [1, 2, 3, 4, 5, 6],
    }
    device = visitor.api(
        "POST",
        clinic.path("/devices"),
        {
            "location_id": clinic.locations[place["key"]],
            "kind": "pen",
            "model": "Example Pen 4",
            "serial": f"TEST-PEN-{place['key'].upper()}",
            "label": [label],
        },
    )
    clinic.devices[place["key"]] = device["id"]
    expires = date(date.today().year + 2, 6, 30).isoformat()  # noqa: DTZ011 - the demo's own day
    visitor.api(
        "POST",
        clinic.path(f"/devices/{device['id']}/lots"),
        {"lot": f"LOT-{place['key'].upper()}-2611", "expires_on": expires},
    )


def _add_people(visitor: Visitor, clinic: DemoClinic, people: list[dict[str, Any]]) -> None:
    listed = visitor.api("GET", clinic.path("/staff"), expect=200)
    clinic.staff[clinic.owner_key] = listed[0]["id"]
    for person in people:
        if person.get("status") == "invited":
            _invite(visitor, clinic, person)
            continue
        if person["key"] not in clinic.staff:
            _add_member(visitor, clinic, person)
        if "qualification" in person:
            _qualify(visitor, clinic, person)
        if person.get("status") == "disabled":
            path = clinic.path(f"/staff/{clinic.staff[person['key']]}")
            visitor.api("DELETE", path, expect=200)


def _add_member(visitor: Visitor, clinic: DemoClinic, person: dict[str, Any]) -> None:
    """Invite somebody, who opens the link from the mail and chooses a name and a password."""
    token = _invite(visitor, clinic, person)
    newcomer = Visitor(clinic.base)
    opened = newcomer.api("POST", "/api/v1/invitation/exchange", {"token": token}, expect=200)
    newcomer.csrf = opened["csrf_token"]
    chosen = {"name": person["name"], "password": PASSWORD}
    made = newcomer.api("POST", "/api/v1/invitation/accept", chosen)
    clinic.staff[person["key"]] = made["staff_id"]
    clinic.emails[person["key"]] = person["email"]


def _invite(visitor: Visitor, clinic: DemoClinic, person: dict[str, Any]) -> str:
    """Invite somebody and return the token from the message, which the demo keeps in its outbox."""
    everywhere = set(person["at"]) == set(clinic.locations)
    places = [] if everywhere else [clinic.locations[place] for place in person["at"]]
    body = {"email": person["email"], "role": person["role"], "location_ids": places}
    visitor.api("POST", clinic.path("/invitations"), body)
    found = INVITATION.search(visitor.get(clinic.page("/outbox")).text)
    if found is None:
        raise StoryFailed("the invitation is not in the outbox")
    return found.group(1)


def _qualify(visitor: Visitor, clinic: DemoClinic, person: dict[str, Any]) -> None:
    scopes = [
        {
            "location_id": clinic.locations[one["location"]],
            "procedure_id": one["procedure"],
            "max_depth_um": one["max_depth_um"],
            "prescribed_anaesthetic": one["prescribed_anaesthetic"],
            "basis": one["basis"],
        }
        for one in person.get("scopes", [])
    ]
    path = clinic.path(f"/staff/{clinic.staff[person['key']]}/qualifications")
    visitor.api("POST", path, {**person["qualification"], "scopes": scopes})


def _add_patient(visitor: Visitor, clinic: DemoClinic, patient: dict[str, Any]) -> None:
    body = {
        "name": patient["name"],
        "date_of_birth": str(patient["date_of_birth"]),
        "location_id": clinic.locations[patient["location"]],
        "language": patient["language"],
        "email": patient["email"],
        "phone": patient["phone"],
    }
    made = visitor.api("POST", clinic.path("/patients"), body)
    clinic.patients[patient["key"]] = made["id"]


def enrol(clinic: DemoClinic, key: str) -> Visitor:
    """Give a member of staff a second factor; return their browser."""
    somebody = clinic.visitor(key)
    secret = pyotp.random_base32(32)
    somebody.enrol(secret, PASSWORD)
    clinic.secrets[key] = secret
    return somebody
