"""Envelope encryption: a key per patient and retention class, under a key per clinic.

Deleting a wrapped key shreds everything that it encrypted, also in old backups. The associated data
names clinic, patient, class, place and row, so that a value moved elsewhere does not decrypt.
"""

from app.vault.fields import (
    blind_index,
    decrypt_field,
    decrypt_file,
    encrypt_field,
    encrypt_file,
    open_file_for_clinic,
    open_for_clinic,
    seal_file_for_clinic,
    seal_for_clinic,
)
from app.vault.key_bunch import KeyBunch, Opened, list_shredded_keys
from app.vault.keys import (
    KeyRing,
    KeyShredded,
    NotReadable,
    PatientKey,
    patient_key,
    root_decrypt,
    root_encrypt,
    shred_list_key,
    sign_row,
)
from app.vault.shred_list import ShredList
from app.vault.shredding import (
    is_shredded,
    reapply_shreds,
    renew_key,
    shred_clinic,
    shred_patient,
)

__all__ = [
    "KeyBunch",
    "KeyRing",
    "KeyShredded",
    "NotReadable",
    "Opened",
    "PatientKey",
    "ShredList",
    "blind_index",
    "decrypt_field",
    "decrypt_file",
    "encrypt_field",
    "encrypt_file",
    "is_shredded",
    "list_shredded_keys",
    "open_file_for_clinic",
    "open_for_clinic",
    "patient_key",
    "reapply_shreds",
    "renew_key",
    "root_decrypt",
    "root_encrypt",
    "seal_file_for_clinic",
    "seal_for_clinic",
    "shred_clinic",
    "shred_list_key",
    "shred_patient",
    "sign_row",
]
