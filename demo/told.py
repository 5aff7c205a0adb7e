"""What the chapters of the story hand to each other, and what a person is told at the end."""

import time
from dataclasses import dataclass, field

from app.documents.setup import own_trust
from app.documents.verify import verify_file
from demo.clinics import PASSWORD, DemoClinic
from demo.installation import ROOT, Installation
from demo.teller import Teller
from demo.visitor import StoryFailed

OUTPUT = ROOT / "demo-output"
PRACTITIONER, DESK = "s02", "s04"
PATIENT = "p01"
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
            "",
            "  Try the screening on patients of your own (docs/screening-by-script.md):",
            f'    NEEDLEPOINT_PASSWORD="{PASSWORD}" \\',
            f"    NEEDLEPOINT_TOTP_SECRET={self.clinic.secrets[PRACTITIONER]} \\",
            f"    python3 docs/examples/screen_patients.py {self.installation.web_url} \\",
            f"      {self.clinic.emails[PRACTITIONER]} docs/examples/cases.json",
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


def wait_until(story: Story, path: str, name: str, wanted: str) -> None:
    """Wait until a field of an answer has a value; raises StoryFailed."""
    owner = story.clinic.visitor(story.clinic.owner_key)
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        found = owner.api("GET", story.clinic.path(path), expect=200)
        if found[name] == wanted:
            return
        time.sleep(0.2)
    raise StoryFailed(f"{path} did not become {wanted}")


def wait_for_document(story: Story, kind: str) -> bytes:
    """Wait for a sealed document of the story's patient; raises StoryFailed."""
    owner = story.clinic.visitor(story.clinic.owner_key)
    deadline = time.monotonic() + WAIT_SECONDS
    path = story.clinic.path(f"/patients/{story.clinic.patients[PATIENT]}/documents")
    while time.monotonic() < deadline:
        for one in owner.api("GET", path, expect=200):
            if one["kind"] == kind:
                return owner.download(story.clinic.path(f"/documents/{one['id']}/file"))
        time.sleep(0.2)
    raise StoryFailed(f"no {kind} was made")
