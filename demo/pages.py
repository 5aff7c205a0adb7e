"""Read the forms of a page as a person sees them: which fields there are and what they offer."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

Fields = dict[str, str | list[str]]


@dataclass
class PageForm:
    """A form: where it goes, what is filled in already, and what can be chosen."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    ticks: dict[str, list[str]] = field(default_factory=dict)

    def answered(self, *wishes: str) -> Fields:
        """Return every field: in each choice the first of the wishes that is offered, else the
        first."""
        chosen = {
            name: next((wish for wish in wishes if wish in offered), offered[0])
            for name, offered in self.choices.items()
        }
        return {**self.values, **self.ticks, **chosen}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(PageForm(given.get("action", "")))
        if not self.forms:
            return
        name = given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._offer(self._select, given.get("value", ""))
        elif tag in {"input", "textarea"} and name:
            self._input(given.get("type", "text"), name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def _input(self, kind: str, name: str, value: str) -> None:
        form = self.forms[-1]
        if kind == "radio":
            self._offer(name, value)
        elif kind == "checkbox":
            form.ticks.setdefault(name, []).append(value or "on")
        else:
            form.values.setdefault(name, value)

    def _offer(self, name: str, value: str) -> None:
        self.forms[-1].choices.setdefault(name, []).append(value)


def read_forms(html: str) -> list[PageForm]:
    """Return the forms of a page in their order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def form_to(html: str, ending: str) -> PageForm:
    """Return the form whose action ends so; raises LookupError."""
    for form in read_forms(html):
        if form.action.split("?")[0].endswith(ending):
            return form
    raise LookupError(f"no form goes to {ending}")
