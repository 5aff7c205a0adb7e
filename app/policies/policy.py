"""What one policy is: the values that it may have, and which of two asks more of the clinic."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Value = int | bool | tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """One thing that a place decides. ``sentence`` says a value in words, without a full stop.

    ``stricter`` says which value asks more of the clinic. An empty list of words limits nothing.
    """

    id: str
    title: str
    kind: Literal["number", "truth", "words"]
    default: Value
    why: str
    sentence: Callable[[Value], str]
    stricter: Literal["higher", "lower", "fewer", "true"]
    unit: str = ""
    low: int = 0
    high: int = 0
    options: tuple[str, ...] = ()

    def is_laxer(self, value: Value, than: Value) -> bool:
        """Return whether a value asks less of the clinic than another does."""
        if isinstance(value, tuple) and isinstance(than, tuple):
            return bool(than) and (not value or not set(value) <= set(than))
        if isinstance(value, tuple) or isinstance(than, tuple):
            raise TypeError("two values of one policy are of one kind")
        if self.stricter == "lower":
            return value == 0 < than or value > than > 0
        return value < than

    def fits(self, value: object) -> bool:
        """Return whether a value can be set."""
        if self.kind == "truth":
            return isinstance(value, bool)
        if self.kind == "number":
            is_number = isinstance(value, int) and not isinstance(value, bool)
            return is_number and self.low <= int(str(value)) <= self.high
        return isinstance(value, tuple) and all(one in self.options for one in value)
