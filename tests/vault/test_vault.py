"""A ciphertext opens in its own place only, and not at all once its key was shredded."""

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.database import TenantScope
from app.database.install import DatabaseUrls
from app.vault import (
    NotReadable,
    blind_index,
    decrypt_field,
    decrypt_file,
    encrypt_field,
    encrypt_file,
    open_for_clinic,
    patient_key,
    root_decrypt,
    root_encrypt,
    seal_for_clinic,
    shred_patient,
    sign_row,
)
from tests.factories.tenants import make_clinic

SECRET = "Takes warfarin since March."
PATIENT, ROW = uuid.uuid4(), uuid.uuid4()
PLACE: dict[str, Any] = {"patient_id": PATIENT, "place": "patient.health_note", "row_id": ROW}


@pytest.fixture
def scope(context: Flask) -> Any:
    with make_clinic().scope() as entered:
        yield entered


@pytest.fixture
def other(context: Flask) -> Any:
    with make_clinic(name="Juniper Quay").scope() as entered:
        yield entered


class TestFields:
    def test_a_field_opens_where_it_was_written(self, scope: TenantScope) -> None:
        cipher = encrypt_field(scope, **PLACE, text=SECRET)

        assert decrypt_field(scope, **PLACE, cipher=cipher) == SECRET
        assert SECRET.encode() not in cipher

    def test_the_same_text_looks_different_every_time(self, scope: TenantScope) -> None:
        first = encrypt_field(scope, **PLACE, text=SECRET)

        assert encrypt_field(scope, **PLACE, text=SECRET) != first

    @pytest.mark.parametrize(
        "elsewhere",
        [
            {"patient_id": uuid.uuid4()},
            {"row_id": uuid.uuid4()},
            {"place": "patient.email"},
            {"retention": "contact"},
        ],
        ids=lambda moved: next(iter(moved)),
    )
    def test_a_field_that_was_moved_does_not_open(
        self, scope: TenantScope, elsewhere: dict[str, Any]
    ) -> None:
        cipher = encrypt_field(scope, **PLACE, text=SECRET)

        with pytest.raises(NotReadable):
            decrypt_field(scope, **{**PLACE, **elsewhere}, cipher=cipher)

    def test_a_field_does_not_open_in_another_clinic(
        self, scope: TenantScope, other: TenantScope
    ) -> None:
        cipher = encrypt_field(scope, **PLACE, text=SECRET)

        with pytest.raises(NotReadable):
            decrypt_field(other, **PLACE, cipher=cipher)

    @pytest.mark.parametrize("position", [0, 1, 13, -1])
    def test_a_changed_byte_is_noticed(self, scope: TenantScope, position: int) -> None:
        cipher = bytearray(encrypt_field(scope, **PLACE, text=SECRET))
        cipher[position] ^= 1

        with pytest.raises(NotReadable):
            decrypt_field(scope, **PLACE, cipher=bytes(cipher))

    @pytest.mark.parametrize("cipher", [b"", b"\x01", b"\x01" + b"0" * 12])
    def test_what_is_too_short_is_not_readable_and_no_crash(
        self, scope: TenantScope, cipher: bytes
    ) -> None:
        with pytest.raises(NotReadable):
            decrypt_field(scope, **PLACE, cipher=cipher)

    def test_a_refusal_says_nothing_of_the_text(self, scope: TenantScope) -> None:
        cipher = encrypt_field(scope, **PLACE, text=SECRET)
        with pytest.raises(NotReadable) as caught:
            decrypt_field(scope, **{**PLACE, "row_id": uuid.uuid4()}, cipher=cipher)

        assert "warfarin" not in str(caught.value)


class TestFilesAndClinics:
    def test_a_file_is_bound_to_its_name(self, scope: TenantScope) -> None:
        key = patient_key(scope.tenant_id, PATIENT, "clinical")
        stored = encrypt_file(key, object_name="one", data=b"%PDF")

        assert decrypt_file(key, object_name="one", data=stored) == b"%PDF"
        with pytest.raises(NotReadable):
            decrypt_file(key, object_name="other", data=stored)

    def test_a_clinics_value_opens_in_its_clinic_only(
        self, scope: TenantScope, other: TenantScope
    ) -> None:
        cipher = seal_for_clinic(scope, place="message.to", row_id=ROW, text="a@b.example")

        assert open_for_clinic(scope, place="message.to", row_id=ROW, cipher=cipher)
        for wrong in ((other, "message.to", ROW), (scope, "message.body", ROW)):
            with pytest.raises(NotReadable):
                open_for_clinic(wrong[0], place=wrong[1], row_id=wrong[2], cipher=cipher)

    def test_a_second_factor_is_bound_to_its_person(self, scope: TenantScope) -> None:
        cipher = root_encrypt("person.totp", PATIENT, b"secret")

        assert root_decrypt("person.totp", PATIENT, cipher) == b"secret"
        with pytest.raises(NotReadable):
            root_decrypt("person.totp", uuid.uuid4(), cipher)

    def test_a_row_tag_depends_on_the_clinic_and_on_every_byte(
        self, scope: TenantScope, other: TenantScope
    ) -> None:
        tags = {
            sign_row(scope.tenant_id, b"row"),
            sign_row(scope.tenant_id, b"roW"),
            sign_row(other.tenant_id, b"row"),
        }

        assert len(tags) == 3
        assert {len(tag) for tag in tags} == {32}


class TestBlindIndex:
    def test_equal_values_of_one_clinic_meet(self, scope: TenantScope) -> None:
        one = blind_index(scope, "patient.email", " Aoife@Clinic.Example ")

        assert one == blind_index(scope, "patient.email", "aoife@clinic.example")
        assert len(one) == 16

    def test_equal_values_of_two_clinics_or_places_do_not(
        self, scope: TenantScope, other: TenantScope
    ) -> None:
        value = "aoife@clinic.example"
        found = {
            blind_index(scope, "patient.email", value),
            blind_index(scope, "patient.phone", value),
            blind_index(other, "patient.email", value),
        }

        assert len(found) == 3


class TestShredding:
    def test_what_was_shredded_never_opens_again(self, scope: TenantScope) -> None:
        patient = uuid.uuid4()
        place = {**PLACE, "patient_id": patient}
        cipher = encrypt_field(scope, **place, text=SECRET)

        shred_patient(scope.tenant_id, patient, "clinical")

        with pytest.raises(NotReadable):
            decrypt_field(scope, **place, cipher=cipher)

    def test_nothing_new_is_written_under_a_shredded_key(self, scope: TenantScope) -> None:
        patient = uuid.uuid4()
        shred_patient(scope.tenant_id, patient, "clinical")

        with pytest.raises(NotReadable):
            encrypt_field(scope, **{**PLACE, "patient_id": patient}, text=SECRET)

    def test_other_classes_and_other_patients_stay_readable(self, scope: TenantScope) -> None:
        patient = uuid.uuid4()
        contact = {**PLACE, "patient_id": patient, "retention": "contact"}
        kept = encrypt_field(scope, **contact, text=SECRET)
        others = encrypt_field(scope, **PLACE, text=SECRET)

        shred_patient(scope.tenant_id, patient, "clinical")

        assert decrypt_field(scope, **contact, cipher=kept) == SECRET
        assert decrypt_field(scope, **PLACE, cipher=others) == SECRET

    def test_case_43_the_key_store_holds_wrapped_keys_only(
        self, scope: TenantScope, urls: DatabaseUrls
    ) -> None:
        patient = uuid.uuid4()
        opened = patient_key(scope.tenant_id, patient, "clinical")
        stored = encrypt_file(opened, object_name="x", data=b"y")
        engine = create_engine(urls.keys)
        with engine.connect() as connection:
            asked = text("SELECT wrapped FROM patient_key WHERE patient_id = :p")
            wrapped = connection.execute(asked, {"p": patient}).scalar_one()
        engine.dispose()

        assert len(wrapped) == 1 + 12 + 32 + 16
        assert stored[13:] not in wrapped

    def test_an_unknown_retention_class_is_refused(self, scope: TenantScope) -> None:
        with pytest.raises(ValueError, match="retention"):
            encrypt_field(scope, **{**PLACE, "retention": "whatever"}, text=SECRET)
