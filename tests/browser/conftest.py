"""One headless Chromium for all page tests, a clean context for each.

Any request beyond 127.0.0.1, any script error and any breach of the content policy fails the test.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.site import Site, serve

CHROMIUM = "/usr/bin/chromium-headless-shell"
# Without these, Chromium's own services look for hosts of their maker at every start.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


# A machine that does other work as well makes a page slow and no page wrong.
expect.set_options(timeout=60_000)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run the system's Chromium without a window, or Playwright's own where there is none."""
    with sync_playwright() as playwright:
        system = CHROMIUM if Path(CHROMIUM).exists() else None
        browser = playwright.chromium.launch(executable_path=system, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # One a module: while it runs, its event loop holds this thread, and sealing needs one of its
    # own.
    with running_browser() as found:
        yield found


@pytest.fixture
def site() -> Iterator[Site]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    site = Site()
    server = serve(site)
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A small phone held upright; a test module may say otherwise."""
    return {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture
def context(browser: Browser, context_options: dict[str, Any]) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London", **context_options)
    context.set_default_timeout(120_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose every request stays on 127.0.0.1 and whose policy and scripts report nothing."""
    page = context.new_page()
    strangers: list[str] = []
    complaints: list[str] = []
    page.on(
        "request",
        lambda request: strangers.append(request.url) if _is_stranger(request.url) else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if "Content Security" in line.text else None,
    )
    yield page
    assert strangers == []
    assert complaints == []


def _is_stranger(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme != "data" and parts.hostname != "127.0.0.1"
