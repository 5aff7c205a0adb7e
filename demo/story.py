"""One clinic's whole story, told step by step and left behind as files to look at."""

import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.billing.local_stripe import subscribe
from app.documents.container import detach_files
from app.documents.setup import own_trust
from app.documents.verify import verify_file
from demo import patient as patients
from demo.clinics import PASSWORD, DemoClinic, enrol, make_clinic, read_data
from demo.installation import ROOT, Installation, serve
from demo.patient import LINK, Person
from demo.teller import Teller
from demo.visitor import StoryFailed, Visitor

OUTPUT = ROOT / "demo-output"
PRACTITIONER, DESK = "s02", "s04"
PATIENT = "p01"
PROCEDURE = "mechanical_microneedling"
AREAS = {"face_cheeks": 1000, "face_forehead": 500}
WAIT_SECONDS = 30


@dataclass
class Story:
    """What the steps hand to each other, and what is left at the end."""

    installation: Installation
    teller: Teller = field(default_factory=Teller)
    clinics: dict[str, DemoClinic] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def clinic(self) -> DemoClinic:
        """The clinic that the story is about."""
        return self.clinics["tern"]

    def keep(self, name: str, data: bytes) -> None:
        """Write a file for a person to open; it must verify first."""
        report = verify_file(data, own_trust(self.installation.settings), name)
        if not report.holds:
            raise StoryFailed(f"{name} does not verify")
        (OUTPUT / name).write_bytes(data)

    def summary(self) -> str:
        """Return what a person needs to go on by hand."""
        lines = [
            "",
            f"  Open             {self.installation.web_url}/sign-in",
            f"  Simulated Stripe {self.installation.stripe_url}/",
            f"  Files            {OUTPUT.name}/",
            "",
            f"  Everybody's password is: {PASSWORD}",
        ]
        for clinic in self.clinics.values():
            lines.append(f"  {clinic.name}")
            lines += [f"    {role:<14} {email}" for role, email in _logins(clinic)]
        lines += [
            "",
            "  The page that asks for a second factor shows the code here, because it is a demo.",
            "  Messages to patients wait under Outbox. Press Ctrl-C to stop.",
        ]
        return "\n".join(lines)


def _logins(clinic: DemoClinic) -> list[tuple[str, str]]:
    wanted = {
        "s01": "owner",
        "s02": "practitioner",
        "s04": "front desk",
        "s08": "owner",
        "s09": "practitioner",
        "s10": "front desk",
    }
    return [(wanted[key], email) for key, email in clinic.emails.items() if key in wanted]


def play(installation: Installation) -> Story:
    """Play the whole story; raises StoryFailed at the first step that is not as it should be."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    story = Story(installation)
    tell = story.teller
    with tell.step("Web server and worker start on 127.0.0.1"):
        serve(installation, subscribe(installation.settings).stripe_connect_secrets[-1])
    _set_up(story)
    _plan(story)
    _sign(story)
    _attest(story)
    _sell_and_pay(story)
    _treat(story)
    _look_after(story)
    _prove(story)
    return story


def _set_up(story: Story) -> None:
    data = read_data()
    for key in ("tern", "juniper"):
        entry = next(one for one in data["clinics"] if one["key"] == key)
        with story.teller.step(f"{entry['name']} signs up with two locations and its people"):
            clinic = make_clinic(story.installation.web_url, data, key)
            story.clinics[key] = clinic
            owner = clinic.visitor(clinic.owner_key)
            owner.api("POST", clinic.path("/forms"))
            _offer_packages(owner, clinic, data)
    with story.teller.step("Owner and practitioner set up their second factors"):
        enrol(story.clinic, story.clinic.owner_key)
        enrol(story.clinic, PRACTITIONER)
        other = story.clinics["juniper"]
        enrol(other, other.owner_key)


def _offer_packages(owner: Visitor, clinic: DemoClinic, data: dict[str, Any]) -> None:
    offered = [one for one in data["products"] if one["procedure"] and one.get("state") is None]
    for place, location_id in clinic.locations.items():
        currency = clinic.currencies[place]
        rule = data["deposits"][currency]
        for product in offered:
            made = owner.api(
                "POST",
                clinic.path("/packages"),
                {
                    "location_id": location_id,
                    "code": product["sku"],
                    "name": product["name"],
                    "procedure_id": product["procedure"],
                    "sessions": product["sessions"],
                    "price_minor": product["price_minor"][currency],
                    "deposit_kind": rule["kind"],
                    "deposit_value": str(rule["value"]),
                    "deposit_round_down_to": rule["round_down_to"],
                    "terms": data["policy"]["deposit_terms"],
                },
            )
            clinic.packages[f"{place}/{product['sku']}"] = made["id"]


def _plan(story: Story) -> None:
    clinic = story.clinic
    nurse = clinic.visitor(PRACTITIONER)
    with story.teller.step("A nurse plans a treatment with the patient: cheeks and forehead"):
        plan = nurse.api(
            "POST",
            clinic.path("/plans"),
            {
                "patient_id": clinic.patients[PATIENT],
                "location_id": clinic.locations["edi"],
                "terms": {
                    "procedure_id": PROCEDURE,
                    "indication_id": "acne_scars_atrophic",
                    "areas": AREAS,
                    "device_id": clinic.devices["edi"],
                    "practitioner_id": clinic.staff[PRACTITIONER],
                    "sessions": 3,
                    "interval_days": 28,
                    "anaesthetic": "otc",
                    "skin_type": 2,
                    "what_matters": "She sings on stage in December and wants no marks by then.",
                    "price_minor": 52650,
                },
            },
        )
        story.ids["plan"] = plan["id"]
        latest = nurse.api("GET", clinic.path(f"/plans/{plan['id']}/latest"), expect=200)
    with story.teller.step("The nurse records what was discussed, when and how"):
        spoken_at = datetime.now(UTC) - timedelta(hours=1)
        nurse.api(
            "POST",
            clinic.path(f"/plan-versions/{latest['id']}/discussions"),
            {
                "held_at": spoken_at.isoformat(),
                "held_by": clinic.staff[PRACTITIONER],
                "mode": "in_person",
                "language": "en-GB",
                "note": "Talked about lasers and about doing nothing. She has time to think.",
            },
        )


def _sign(story: Story) -> None:
    clinic, data = story.clinic, read_data()
    entry = next(one for one in data["patients"] if one["key"] == PATIENT)
    person = Person(entry["name"], str(entry["date_of_birth"]))
    desk = clinic.visitor(DESK)
    with story.teller.step("The front desk sends the consent form to the patient's phone"):
        path = clinic.path(f"/plans/{story.ids['plan']}/consents")
        story.ids["consent"] = desk.api("POST", path)["id"]
    with story.teller.step("The patient opens the link and proves who she is: code, date of birth"):
        link = patients.newest_in_outbox(clinic, LINK, "/sign#")
        patient = patients.open_link(story.installation.web_url, link)
        patients.prove_identity(patient, clinic, person)
        patients.accept_screen(patient)
    with story.teller.step("She answers the questions about her health"):
        patients.answer_questions(patient)
    with story.teller.step("She reads what will be done to her, and shows that it was clear"):
        patients.read_form(patient)
        patients.show_understanding(patient)
    with story.teller.step("She signs with her finger; the PDF is sealed in that request"):
        story.keep("patient-consent.pdf", patients.sign(patient, person))


def _attest(story: Story) -> None:
    clinic = story.clinic
    nurse = clinic.visitor(PRACTITIONER)
    with story.teller.step("The nurse confirms with her second factor: the consent is in force"):
        nurse.step_up(clinic.secrets[PRACTITIONER])
        nurse.api("POST", clinic.path(f"/consents/{story.ids['consent']}/attest"))
        data = nurse.download(clinic.path(f"/consents/{story.ids['consent']}/document"))
        story.keep("executed-consent.pdf", data)
        inner = (OUTPUT / "patient-consent.pdf").read_bytes()
        if inner not in [one.data for one in detach_files(data)]:
            raise StoryFailed("the executed consent does not carry the patient's file")


def _sell_and_pay(story: Story) -> None:
    """Sell a package and pay its deposit on the hosted page."""
    clinic = story.clinic
    owner, desk = clinic.visitor(clinic.owner_key), clinic.visitor(DESK)
    with story.teller.step("The clinic connects its own account at the (simulated) Stripe"):
        body = {"country": "GB", "currency": "GBP", "settles_in": ["EUR"]}
        account = owner.api("POST", clinic.path("/stripe-account"), body)["account_id"]
        Visitor(story.installation.stripe_url).api(
            "POST", "/_sim/accounts", {"account": account}, expect=200
        )
        checked = owner.api("POST", clinic.path("/stripe-account/check"), expect=200)
        if not checked["can_take_cards"]:
            raise StoryFailed("the clinic cannot take cards")
    with story.teller.step("The front desk sells three treatments with a £50 deposit"):
        body = {
            "package_id": clinic.packages["edi/FACE-PEN-3"],
            "patient_id": clinic.patients[PATIENT],
        }
        story.ids["purchase"] = desk.api("POST", clinic.path("/purchases"), body)["id"]
        path = clinic.path(f"/purchases/{story.ids['purchase']}/checkout")
        attempt = desk.api("POST", path, {"purpose": "deposit"})
    with story.teller.step("The patient pays the deposit on the hosted page; a webhook tells us"):
        payer = Visitor(story.installation.web_url)
        payer.post_form(attempt["checkout_url"], {"do": "pay"})
        _wait_until(story, f"/payments/{attempt['id']}", "state", "paid")
    with story.teller.step("A sealed receipt is made by the worker"):
        story.keep("receipt.pdf", _wait_for_document(story, "receipt"))


def _treat(story: Story) -> None:
    clinic = story.clinic
    nurse = clinic.visitor(PRACTITIONER)
    with story.teller.step("The visit is planned, the patient arrives"):
        planned = datetime.now(UTC) + timedelta(minutes=30)
        visit = nurse.api(
            "POST",
            clinic.path(f"/plans/{story.ids['plan']}/visits"),
            {"practitioner_id": clinic.staff[PRACTITIONER], "planned_at": planned.isoformat()},
        )["id"]
        story.ids["visit"] = visit
        nurse.api("POST", clinic.path(f"/visits/{visit}/move"), {"to": "arrived"}, expect=200)
    start = {
        "practitioner_id": clinic.staff[PRACTITIONER],
        "device_id": clinic.devices["edi"],
        "lot": "LOT-EDI-2611",
    }
    with story.teller.step("Start is refused before the short questions were asked, with reasons"):
        refused = nurse.api("POST", clinic.path(f"/visits/{visit}/start"), start, expect=409)
        if not refused.get("reasons"):
            raise StoryFailed("the refusal gives no reason")
    with story.teller.step("The short questions are asked again: nothing has changed"):
        questions = nurse.api("GET", clinic.path(f"/visits/{visit}/acute-questions"), expect=200)
        answers = {one["id"]: "no" for one in questions if one["follows"] is None}
        nurse.api("POST", clinic.path(f"/visits/{visit}/acute-checks"), {"answers": answers})
    with story.teller.step("Start: the consent gate lets exactly this treatment through"):
        treatment = nurse.api("POST", clinic.path(f"/visits/{visit}/start"), start)
        story.ids["treatment"] = treatment["id"]
        if not treatment["is_paid"] and treatment["owed_minor"] is None:
            raise StoryFailed("no session was used")
    with story.teller.step("Complete: what was done, area by area"):
        path = clinic.path(f"/treatments/{treatment['id']}/records")
        nurse.api("POST", path, _done(treatment), match="0")


def _done(treatment: dict[str, Any]) -> dict[str, Any]:
    return {
        "device_model": "Example Pen 4",
        "device_serial": "TEST-PEN-EDI",
        "lot": "LOT-EDI-2611",
        "lot_expires_on": f"{datetime.now(UTC).year + 2}-06-30",
        "areas": [
            {"area": one["area"], "depth_um": one["depth_um"], "passes": 4}
            for one in treatment["areas"]
        ],
        "topicals": [
            {
                "name": "Saline gel",
                "lot": "SG-118",
                "sterile": True,
                "labelled_for_intradermal_use": False,
            }
        ],
        "note": {"note": "Even pinpoint bleeding, settled in minutes."},
    }


def _look_after(story: Story) -> None:
    clinic = story.clinic
    nurse = clinic.visitor(PRACTITIONER)
    with story.teller.step("The aftercare sheet for these areas goes to the patient"):
        given = nurse.api(
            "POST", clinic.path(f"/visits/{story.ids['visit']}/aftercare"), {"occasion": "after"}
        )
        path = clinic.path(f"/documents/{given['document_id']}/file")
        story.keep("aftercare.pdf", nurse.download(path))
        patients.newest_in_outbox(clinic, LINK, "/document#")


def _prove(story: Story) -> None:
    clinic, other = story.clinic, story.clinics["juniper"]
    owner = clinic.visitor(clinic.owner_key)
    with story.teller.step("The ledger agrees with Stripe to the penny"):
        found = owner.api("POST", clinic.path("/ledger/reconcile"), expect=200)
        if not found["is_clean"] or any(one["drift_minor"] for one in found["drifts"]):
            raise StoryFailed("the ledger and Stripe differ")
    with story.teller.step("The other clinic cannot find any of it"):
        stranger = other.visitor(other.owner_key)
        for path in (f"/plans/{story.ids['plan']}", f"/consents/{story.ids['consent']}"):
            stranger.api("GET", clinic.path(path), expect=404)
            stranger.api("GET", other.path(path), expect=404)
    with story.teller.step("One changed byte, and the seal says no"):
        data = bytearray((OUTPUT / "executed-consent.pdf").read_bytes())
        data[len(data) // 2] ^= 1
        if verify_file(bytes(data), own_trust(story.installation.settings)).holds:
            raise StoryFailed("a changed file verifies")


def _wait_until(story: Story, path: str, name: str, wanted: str) -> None:
    owner = story.clinic.visitor(story.clinic.owner_key)
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        found = owner.api("GET", story.clinic.path(path), expect=200)
        if found[name] == wanted:
            return
        time.sleep(0.2)
    raise StoryFailed(f"{path} did not become {wanted}")


def _wait_for_document(story: Story, kind: str) -> bytes:
    owner = story.clinic.visitor(story.clinic.owner_key)
    deadline = time.monotonic() + WAIT_SECONDS
    path = story.clinic.path(f"/patients/{story.clinic.patients[PATIENT]}/documents")
    while time.monotonic() < deadline:
        for one in owner.api("GET", path, expect=200):
            if one["kind"] == kind:
                return owner.download(story.clinic.path(f"/documents/{one['id']}/file"))
        time.sleep(0.2)
    raise StoryFailed(f"no {kind} was made")
