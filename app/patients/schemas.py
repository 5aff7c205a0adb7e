"""Shapes of patients."""

from marshmallow import fields, validate

from app.patients.models import AgeEvidence, ContactKind, Interpreter
from app.patients.search import LONGEST_SEARCH
from app.schemas import NameField, StrictSchema

# A BCP 47 tag as far as people's languages need it: "en", "pt-BR", "zh-Hans".
LANGUAGE = validate.Regexp(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}\Z", error="not a language tag")


class PatientFields(StrictSchema):
    """What can be said of a patient when added and later."""

    name = NameField(required=True)
    date_of_birth = fields.Date(required=True)
    location_id = fields.UUID(required=True)
    interpreter = fields.String(
        load_default=Interpreter.NONE.value,
        validate=validate.OneOf([one.value for one in Interpreter]),
    )
    health_note = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=4000)
    )


class PatientRequest(PatientFields):
    """A new patient. ``looked_at`` names those of a 409 who are somebody else.

    Without a ``language`` it is the first of the clinic's own.
    """

    language = fields.String(load_default=None, allow_none=True, validate=LANGUAGE)
    email = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=254))
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))
    looked_at = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=50))


class PatientChangeRequest(PatientFields):
    """A record as it is to be; without ``health_note``, the note stays as it is."""

    language = fields.String(required=True, validate=LANGUAGE)


class PatientLineResponse(StrictSchema):
    """One line of a list of patients."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    language = fields.String(required=True)
    location_id = fields.UUID(required=True)


class PatientResponse(PatientLineResponse):
    """A patient without contact or health fields. ``warning`` is for staff: a name's look-alikes.

    ``merged_into`` names the record that this one belongs to after a merge.
    """

    interpreter = fields.String(required=True)
    age_evidence_kind = fields.String(required=True, allow_none=True)
    age_checked_by = fields.UUID(required=True, allow_none=True)
    age_checked_at = fields.AwareDateTime(required=True, allow_none=True)
    deceased_on = fields.Date(required=True, allow_none=True)
    merged_into = fields.UUID(required=True, allow_none=True)
    warning = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class PatientPageRequest(StrictSchema):
    """Which page: the ``next`` of the page before."""

    after = fields.UUID(load_default=None)


class PatientPageResponse(StrictSchema):
    """A page of patients; ``next`` is null on the last one."""

    patients = fields.List(fields.Nested(PatientLineResponse), required=True)
    next = fields.UUID(required=True, allow_none=True)


class PatientSearchRequest(StrictSchema):
    """What to search for. In a body, so that no name gets into an address or a log."""

    q = fields.String(required=True, validate=validate.Length(max=LONGEST_SEARCH))


class PatientSearchResponse(StrictSchema):
    """The patients found, at most twenty."""

    patients = fields.List(fields.Nested(PatientLineResponse), required=True)


class AgeEvidenceRequest(StrictSchema):
    """What document showed the age. Its number is not asked for."""

    kind = fields.String(required=True, validate=validate.OneOf([one.value for one in AgeEvidence]))


class DeathRequest(StrictSchema):
    """The day on which the patient died, or null where that was a mistake."""

    deceased_on = fields.Date(required=True, allow_none=True)


class ContactRequest(StrictSchema):
    """A way to reach a patient, as people write it down."""

    kind = fields.String(required=True, validate=validate.OneOf([one.value for one in ContactKind]))
    value = fields.String(required=True, validate=validate.Length(1, 254))


class ContactResponse(StrictSchema):
    """A contact: normal form, and as it was typed."""

    id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    value = fields.String(required=True)
    typed = fields.String(required=True)
    is_preferred = fields.Boolean(required=True)
    verified_at = fields.AwareDateTime(required=True, allow_none=True)


class ContactListResponse(StrictSchema):
    """A patient's contacts, and the version of the record that a change must name."""

    contacts = fields.List(fields.Nested(ContactResponse), required=True)
    version = fields.Integer(required=True)


class MergeRequest(StrictSchema):
    """The record that is to become an alias of the one in the path."""

    alias_id = fields.UUID(required=True)


class MergeResponse(StrictSchema):
    """Two records that are one person since a moment."""

    id = fields.UUID(required=True)
    alias_id = fields.UUID(required=True)
    kept_id = fields.UUID(required=True)
    merged_at = fields.AwareDateTime(required=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)


class MergeListResponse(StrictSchema):
    """The merges in force around a patient."""

    merges = fields.List(fields.Nested(MergeResponse), required=True)
