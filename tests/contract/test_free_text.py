"""What people type freely: on no page as markup, and nowhere at all where it does not belong."""

import logging
from collections.abc import Iterator
from html import escape

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.audit.test_consent_way import PLAIN
from tests.audit.test_logs import Log, everything_of, log
from tests.contract.test_routes import CELLS
from tests.support.free_text import Written, write_everywhere
from tests.support.free_text_beside import write_beside
from tests.support.route_table import CONVERTER, is_for_programs

__all__ = ["log"]
PAGES = [rule for method, rule in CELLS if method == "GET" and not is_for_programs(rule)]
# What a browser would run or fetch, what a template would work out, and what turns a line round.
HOSTILE = "<script>{0}</script>\"><img src=x onerror='{0}'>{{{{7*7}}}}\u202e"
RUNS = ("<script>", "<img src=x", "onerror='")
# A file's name is not kept, a reason to take back is told in the patient's own copy of their data,
# what comes next is told to a patient who is refused, and a wrong code, day, contact or choice is
# not given back.
ON_NO_PAGE = frozenset({"file", "csv-file", "standing-basis", "withdrawal", "next-step", "then"})
ON_NO_PAGE |= {"guest-code", "own-code", "own-guess", "own-day", "own-contact", "own-answer"}


def hostile(place: str) -> str:
    """Return markup that names its place; a file's name and short fields take it as well."""
    return HOSTILE.format(place)


def pages_of(written: Written) -> Iterator[tuple[str, str]]:
    """Yield every page of the clinic that the story reaches, as its owner and its practitioner."""
    clinic = {"clinic_id": str(written.clinic.tenant_id)}
    seen = set()
    for ids in written.ids:
        known = {**clinic, **ids}
        for rule in PAGES:
            if not set(CONVERTER.findall(rule)) <= set(known):
                continue
            path = CONVERTER.sub(lambda one, known=known: known[one.group(1)], rule)
            for who in (written.owner, written.api):
                if (path, who.who.id) in seen:
                    continue
                seen.add((path, who.who.id))
                answer = who.client.get(path, headers={"Accept": "text/html"})
                assert answer.status_code < 500, path
                if answer.mimetype == "text/html":
                    yield rule, answer.get_data(as_text=True)


def test_case_33_no_page_of_the_clinic_runs_what_somebody_typed(context: Flask) -> None:
    places: list[str] = []

    def word(place: str) -> str:
        places.append(place)
        return hostile(place)

    written = write_everywhere(context, word)
    beside = write_beside(context, written)

    shown = [*pages_of(written), *(("beside", page) for page in beside)]
    found = [(rule, mark) for rule, page in shown for mark in RUNS if mark in own_words(page)]
    assert found == []
    assert len(shown) > 60
    text = "".join(page for _, page in shown)
    unseen = {one for one in places if str(escape(f"<script>{one}</script>")) not in text}
    assert unseen <= ON_NO_PAGE
    assert "{{7*7}}" in text
    assert "&gt;49" not in text


def own_words(page: str) -> str:
    """Return a page without the scripts that it really has, which lie in files of their own."""
    return (
        page.replace('<script src="', "").replace("<script type=", "").replace("<script defer", "")
    )


def test_what_is_typed_around_a_consent_is_nowhere_else(
    context: Flask, log: Log, superuser: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    log.clear()

    written = write_everywhere(context, lambda place: f"Zauber{place} isst Äpfel")
    write_beside(context, written)

    said = [log.text(), caplog.text, everything_of(superuser, written.clinic.tenant_id)]
    with superuser.connect() as connection:
        said += connection.scalars(PLAIN, {"t": written.clinic.tenant_id}).all()
    assert len(log.lines()) > 40
    open_to_all = ("Zauberstanding", "Zauberform")
    for one in said:
        for form in ("zauber", b"Zauber".hex()):
            assert form not in cleaned(one, open_to_all).lower()


def cleaned(text: str, words: tuple[str, ...]) -> str:
    """Return a text without what the clinic writes for everybody, which is kept in the open."""
    for one in words:
        text = text.replace(one, "").replace(one.encode().hex(), "")
    return text
