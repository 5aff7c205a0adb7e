"""From the plan to a consent in force."""

from datetime import UTC, datetime, timedelta

from app.documents.container import detach_files
from demo import patient as patients
from demo.clinics import read_data
from demo.patient import LINK, Person
from demo.told import DESK, OUTPUT, PATIENT, PRACTITIONER, Story
from demo.visitor import StoryFailed

PROCEDURE = "mechanical_microneedling"
AREAS = {"face_cheeks": 1000, "face_forehead": 500}


def plan(story: Story) -> None:
    """Plan a treatment and record that it was talked over."""
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


def sign(story: Story) -> None:
    """Send the form, and let the patient read, answer and sign it on a phone."""
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


def attest(story: Story) -> None:
    """Confirm the consent; the executed document carries the patient's own file inside."""
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
