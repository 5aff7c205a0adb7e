"""The pages a payer sees: readable, reachable by keyboard, and honest that nothing is paid."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
import requests

from tests.stripesim.shop import Shop, choose

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Elements with their attributes, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]


@pytest.fixture(params=["pay", "declined", "challenge", "expired", "unknown", "dashboard"])
def answer(request: Any, shop: Shop) -> requests.Response:
    session = shop.session()
    url: str = session.url
    if request.param == "declined":
        choose(url, "decline")
    if request.param == "challenge":
        url += "/challenge"
    if request.param == "expired":
        shop.client.v1.checkout.sessions.expire(session.id, {}, shop.on)
    if request.param == "unknown":
        url = f"{shop.sim.url}/c/pay/cs_test_none"
    if request.param == "dashboard":
        url = shop.sim.url
    return requests.get(url, timeout=5)


def test_every_page_is_sound_and_says_that_it_is_simulated(answer: requests.Response) -> None:
    page = Page(answer.text)
    assert page.open == []
    assert ("html", {"lang": "en"}) in page.elements
    assert page.tags().count("h1") == 1
    assert page.tags().count("main") == 1
    assert "width=device-width" in answer.text
    assert "<strong>Simulated payment</strong> – no money moves" in answer.text
    assert "script" not in page.tags()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_headings_do_not_skip_a_level(answer: requests.Response) -> None:
    levels = [int(tag[1]) for tag in Page(answer.text).tags() if re.fullmatch(r"h\d", tag)]
    steps = [after - before for before, after in pairwise(levels)]
    assert levels[0] == 1
    assert all(step <= 1 for step in steps)


def test_what_the_shop_wrote_is_never_read_as_markup(shop: Shop) -> None:
    name = "<script>alert(1)</script>"
    price = {"currency": "gbp", "unit_amount": 500, "product_data": {"name": name}}
    session = shop.session(line_items=[{"quantity": 1, "price_data": price}])
    text = requests.get(session.url, timeout=5).text
    assert name not in text
    assert "&lt;script&gt;" in text


def test_a_strange_choice_is_refused_kindly(shop: Shop) -> None:
    answer = choose(shop.session().url, "steal")
    assert answer.status_code == 400
    assert "use one of the buttons" in answer.text


def test_a_paid_session_leads_on_to_the_shop(shop: Shop) -> None:
    session = shop.session()
    choose(session.url, "pay")
    answer = requests.get(session.url, allow_redirects=False, timeout=5)
    assert answer.headers["Location"].endswith(session.id)


class TestStyle:
    @pytest.fixture
    def sheet(self, shop: Shop) -> str:
        return requests.get(f"{shop.sim.url}/_style.css", timeout=5).text

    @pytest.mark.parametrize("scheme", [0, 1])
    @pytest.mark.parametrize(
        ("ink", "paper"),
        [
            ("ink", "paper"),
            ("soft", "paper"),
            ("accent", "paper"),
            ("alarm", "paper"),
            ("on-accent", "accent"),
            ("on-banner", "banner"),
        ],
    )
    def test_text_stands_out_in_both_schemes(
        self, sheet: str, scheme: int, ink: str, paper: str
    ) -> None:
        blocks = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
        colours: dict[str, str] = {}
        for block in blocks[: scheme + 1]:
            colours |= dict(re.findall(r"--([\w-]+): (#\w{6})", block))
        assert contrast(colours[ink], colours[paper]) >= 7

    def test_buttons_are_large_enough_for_a_thumb(self, sheet: str) -> None:
        assert min(int(size) for size in re.findall(r"min-height: (\d+)px", sheet)) >= 44


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of WCAG 2.2 between two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)
