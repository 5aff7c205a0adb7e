"""The deposit, the treatment through the gate, and what the patient takes home."""

from datetime import UTC, datetime, timedelta
from typing import Any

from demo import patient as patients
from demo.patient import LINK
from demo.told import DESK, PATIENT, PRACTITIONER, Story, wait_for_document, wait_until
from demo.visitor import StoryFailed, Visitor


def sell_and_pay(story: Story) -> None:
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
        wait_until(story, f"/payments/{attempt['id']}", "state", "paid")
    with story.teller.step("A sealed receipt is made by the worker"):
        story.keep("receipt.pdf", wait_for_document(story, "receipt"))


def treat(story: Story) -> None:
    """Start only through the gate, and record what was done."""
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


def look_after(story: Story) -> None:
    """Give the aftercare sheet for just these areas."""
    clinic = story.clinic
    nurse = clinic.visitor(PRACTITIONER)
    with story.teller.step("The aftercare sheet for these areas goes to the patient"):
        given = nurse.api(
            "POST", clinic.path(f"/visits/{story.ids['visit']}/aftercare"), {"occasion": "after"}
        )
        path = clinic.path(f"/documents/{given['document_id']}/file")
        story.keep("aftercare.pdf", nurse.download(path))
        patients.newest_in_outbox(clinic, LINK, "/document#")
