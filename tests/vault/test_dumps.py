"""What leaks with a copy of the databases: without the root key, nothing of a patient."""

import os

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.config import Settings
from app.messaging.services import queue_message
from app.vault import NotReadable
from app.vault.keys import KeyRing, ring
from tests.factories.plans import make_patient
from tests.factories.tenants import make_clinic
from tests.rights.dump import tables_that_hold

PHONE, NOTE, LETTER = "7700900123", "sits up slowly", "quillaja letter"
RETENTIONS = text("SELECT retention FROM patient_key WHERE patient_id = :p")
KEYS = text("SELECT k::text FROM patient_key k UNION ALL SELECT c::text FROM clinic_key c")


def test_case_43_a_dump_reads_nothing_without_the_keys_and_the_keys_nothing_without_the_root_key(
    context: Flask, settings: Settings, admin_url: str
) -> None:
    clinic = make_clinic()
    patient_id, email = make_patient(clinic, name="Quillaja Saponaria")
    values = {"clinic": "Tern", "link": "/pay#x", "name": LETTER, "amount": "£50"}
    with clinic.scope() as scope:
        queue_message(
            scope,
            to=email,
            channel="email",
            template="pay_link",
            values=values,
            patient_id=patient_id,
        )
    engine = create_engine(settings.keys_url, poolclass=NullPool)
    with engine.connect() as connection:
        retentions = connection.scalars(RETENTIONS, {"p": patient_id}).all()
        stored = " ".join(connection.scalars(KEYS)).lower()
    opened = [ring().patient_key(clinic.tenant_id, patient_id, one) for one in retentions]
    opened.append(ring().clinic_key(clinic.tenant_id))

    # The dump of the database holds the name, which people are found by, and no contact or health.
    hidden = [email, PHONE, NOTE, LETTER, "1990-05-17", settings.root_key_hex]
    assert tables_that_hold(admin_url, settings, hidden) == []
    assert tables_that_hold(admin_url, settings, ["saponaria"]) == [
        *("public.patient: saponaria", "public.patient_token: saponaria")
    ]
    # No key lies beside what it opens, and the store of keys has them wrapped only.
    assert {"clinical", "contact"} <= set(retentions)
    keys = [one.hex() for one in opened]
    assert tables_that_hold(admin_url, settings, keys) == []
    assert not [one for one in (*keys, *hidden, "saponaria") if one in stored]
    thief = KeyRing(engine, os.urandom(32))
    with pytest.raises(NotReadable):
        thief.patient_key(clinic.tenant_id, patient_id, "clinical")
    with pytest.raises(NotReadable):
        thief.clinic_key(clinic.tenant_id)
