"""Shapes of lists of patients on their way in and out."""

from marshmallow import fields, validate

from app.patients.import_rows import FIELDS, ORDERS
from app.schemas import StrictSchema


class PatientImportRequest(StrictSchema):
    """A file, at most 1.5 MB before it is written as base64."""

    file = fields.String(required=True, validate=validate.Length(4, 2_000_100))


class PatientImportMapping(StrictSchema):
    """Which column, counted from 0, is what; the order of dates; where the patients belong."""

    columns = fields.Dict(
        keys=fields.String(validate=validate.OneOf(tuple(FIELDS))),
        values=fields.Integer(strict=True, validate=validate.Range(0, 59)),
        required=True,
    )
    order = fields.String(required=True, validate=validate.OneOf(tuple(ORDERS)))
    location_id = fields.UUID(required=True)


class PatientImportResponse(StrictSchema):
    """An import: ``done`` of ``rows`` while it is tried out or imported."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    encoding = fields.String(required=True)
    delimiter = fields.String(required=True)
    rows = fields.Integer(required=True)
    done = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ImportRowsQuery(StrictSchema):
    """After which row of the file a page begins; the headings are row 1."""

    after = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))


class ImportProblemResponse(StrictSchema):
    """What is wrong with a cell, or with the whole row where no column is named."""

    column = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class ImportRowResponse(StrictSchema):
    """What was found in one row of the file; nothing that was typed is repeated.

    ``twin_since`` among the codes: somebody like this came onto the books after the trial.
    """

    row = fields.Integer(required=True)
    outcome = fields.String(required=True)
    problems = fields.List(fields.Nested(ImportProblemResponse), required=True)


class PatientListResponse(StrictSchema):
    """A list of patients being written: ``done`` of ``total``."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
