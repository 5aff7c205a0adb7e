"""What every schema shares: unknown fields are refused, types are strict."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from app.kit.names import BadName, clean_name


class StrictSchema(Schema):
    """A schema that names every field it does not know instead of dropping it."""

    class Meta:
        """Marshmallow's options."""

        unknown = RAISE


class NameField(fields.String):
    """A person's or a thing's name, checked and returned in NFC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return clean_name(str(text))
        except BadName as bad:
            raise ValidationError(bad.reason) from bad


class MinorUnits(fields.Integer):
    """An amount of money in integer minor units; a fraction, a text or a boolean is refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValidationError("Send a whole number of minor units.")
        if abs(value) > 10**12:
            raise ValidationError("This amount is not plausible.")
        return value


class Micrometres(fields.Integer):
    """A depth in whole micrometres."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)


class PageQuery(StrictSchema):
    """After which line a page begins: the ``place`` of the last line of the page before."""

    after = fields.String(load_default="")


class AfterQuery(StrictSchema):
    """After which row a page begins: the id of the last row of the page before."""

    after = fields.UUID(load_default=None)
