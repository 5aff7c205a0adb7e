"""A clinic in which everything happened once, and its export, for tests."""

import io
import uuid
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from flask import Flask

from app.care.services.record_incident import NewIncident, record_incident
from app.database import Actor
from app.jobs.worker import work
from app.kit.clock import now
from app.leaving import queries
from app.leaving.archive import stream_zip
from app.leaving.services.ask_export import ask_export
from app.tenants.models import Role
from app.tenants.services.invite_staff import NewInvitation, invite_staff
from tests.factories.billing import make_purchase
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.consent import make_identified_consent
from tests.factories.tenants import MadeClinic, unique_email


@dataclass
class Told:
    """A clinic with a story."""

    ready: ReadyVisit
    treatment_id: uuid.UUID

    @property
    def clinic(self) -> MadeClinic:
        """The clinic."""
        return self.ready.made.clinic


def tell_story() -> Told:
    """Make a clinic with a plan, consents, a treatment, an incident, a sale, messages and
    an invitation to one location."""
    ready = make_ready_visit()
    made = ready.made
    started = ready.start()
    make_purchase(made.clinic, patient_id=made.patient_id)
    with made.clinic.scope(made.practitioner) as scope:
        record_incident(
            scope,
            NewIncident(
                patient_id=made.patient_id,
                named_staff_id=made.practitioner.id,
                procedure_id="rf_microneedling",  # Of no plan, so that it stops none.
                areas={"face_cheeks": 500},
                reason="The tablet had no power.",
                happened_at=now(),
            ),
        )
    make_identified_consent(made)
    with made.clinic.scope() as scope:
        places = (made.clinic.location_id,)
        invite_staff(scope, NewInvitation(unique_email(), Role.FRONT_DESK, places))
    return Told(ready, started.treatment.id)


def export_of(app: Flask, clinic: MadeClinic) -> uuid.UUID:
    """Let the worker make a whole export; return its id."""
    with clinic.scope() as scope:
        export_id = ask_export(scope).id
    work(app, app.config["SETTINGS"].worker_url, until_empty=True)
    with clinic.scope() as scope:
        assert queries.get_export(scope, export_id).state == "done"
    return export_id


def zip_of(clinic: MadeClinic, export_id: uuid.UUID) -> bytes:
    """Return the bytes that an owner downloads."""
    actor = Actor("staff", clinic.owner.id, clinic.owner.person_id)
    return b"".join(stream_zip(clinic.tenant_id, actor, export_id))


def save(data: bytes, folder: Path) -> Path:
    """Keep an export as a file."""
    path = folder / f"{uuid.uuid4().hex}.zip"
    path.write_bytes(data)
    return path


def repacked(data: bytes, **changes: bytes | None) -> bytes:
    """Return an export with some files changed, or left out where None; the rest as it was."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = changes.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name in set(changes) - set(old.namelist()):
            new.writestr(name, changes[name] or b"")
    return out.getvalue()


def signed_again(data: bytes, changes: dict[str, bytes]) -> bytes:
    """Return an export with changed files and a manifest that fits them: a careful forger's."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        lines = old.read("manifest.txt").decode().splitlines()
    made = [
        f"{sha256(changes[name]).hexdigest()}  {name}" if name in changes else line
        for line in lines
        for name in [line.split("  ", 1)[1]]
    ]
    manifest = "".join(f"{line}\n" for line in made).encode()
    return repacked(data, **changes, **{"manifest.txt": manifest})
