"""Shapes of the acts on a form that is still written: its beginning and its sections."""

from marshmallow import fields, validate

from app.consent.forms.section_editing import LONGEST_TITLE
from app.consent.purposes import Purpose
from app.schemas import StrictSchema

_TITLE = validate.Length(1, LONGEST_TITLE)


class NewFormRequest(StrictSchema):
    """A form that begins with nothing in it; ``procedure`` for a treatment, ``add_on`` for one."""

    title = fields.String(required=True, validate=_TITLE)
    locale = fields.String(required=True, validate=validate.Length(2, 20))
    purpose = fields.String(required=True, validate=validate.OneOf([one.value for one in Purpose]))
    procedure = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 60))
    add_on = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 60))


class NewSectionRequest(StrictSchema):
    """A section: a needed one by its id as ``section``, or the clinic's own where there is none.

    Without a ``title`` a needed section gets its usual heading.
    """

    section = fields.String(load_default="", validate=validate.Length(max=40))
    title = fields.String(load_default="", validate=validate.Length(max=LONGEST_TITLE))


class RenameSectionRequest(StrictSchema):
    """A section's heading."""

    title = fields.String(required=True, validate=_TITLE)


class MoveRequest(StrictSchema):
    """Which way."""

    to = fields.String(required=True, validate=validate.OneOf(["up", "down"]))


class RemoveSectionRequest(StrictSchema):
    """Whether the clauses of a section may go with it."""

    with_clauses = fields.Boolean(load_default=False)


class NewClauseRequest(StrictSchema):
    """A clause as data, see docs/forms.md; without an ``id`` it gets one like those beside it."""

    block = fields.Dict(keys=fields.String(), required=True)
