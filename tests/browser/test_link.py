"""A link is spent by a person's press alone, and its secret stays out of the history."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site

TOKEN = "q7Yd0-VhJx3_planted-secret"


@pytest.fixture
def link(page: Page, site: Site) -> Page:
    page.goto(f"{site.page('link')}#{TOKEN}")
    page.wait_for_selector("html[data-ready]")
    return page


def test_case_13_opening_the_page_spends_nothing(link: Page, site: Site) -> None:
    link.wait_for_timeout(400)

    assert site.exchanges == []
    expect(link.get_by_role("button", name="Open my consent form")).to_be_visible()


def test_case_13_a_press_made_by_a_script_spends_nothing(link: Page, site: Site) -> None:
    link.evaluate("document.querySelector('[data-link-open]').click()")
    link.wait_for_timeout(300)

    assert site.exchanges == []


def test_case_14_a_persons_press_opens_the_form_and_leaves_no_trace_of_the_secret(
    link: Page, site: Site
) -> None:
    addresses: list[str] = []
    link.on(
        "request",
        lambda request: addresses.append(request.url + str(request.headers.get("referer"))),
    )
    link.get_by_role("button", name="Open my consent form").click()
    link.get_by_role("heading", name="First, is it you?").wait_for()

    assert site.exchanges == [{"token": TOKEN}]
    assert not [address for address in addresses if TOKEN in address]
    link.go_back()
    assert TOKEN not in link.url


def test_the_keyboard_opens_it_too(link: Page, site: Site) -> None:
    link.get_by_role("button", name="Open my consent form").focus()
    link.keyboard.press("Enter")
    link.get_by_role("heading", name="First, is it you?").wait_for()

    assert len(site.exchanges) == 1


def test_two_quick_presses_spend_it_once(link: Page, site: Site) -> None:
    link.get_by_role("button", name="Open my consent form").dblclick()
    link.get_by_role("heading", name="First, is it you?").wait_for()

    assert len(site.exchanges) == 1


def test_case_14_a_broken_network_leaves_the_link_usable(link: Page, site: Site) -> None:
    link.route("**/exchange", lambda route: route.abort())
    button = link.get_by_role("button", name="Open my consent form")
    button.click()
    expect(link.get_by_text("Your link still works")).to_be_visible()
    assert TOKEN not in link.url
    link.unroute("**/exchange")
    button.click()
    link.get_by_role("heading", name="First, is it you?").wait_for()

    assert site.exchanges == [{"token": TOKEN}]


@pytest.mark.parametrize("status", [404, 409, 410, 422])
def test_case_12_a_link_that_does_not_open_leads_to_the_neutral_page(
    link: Page, site: Site, status: int
) -> None:
    site.exchange_status = status
    link.get_by_role("button", name="Open my consent form").click()

    link.get_by_role("heading", name="This link does not open any more").wait_for()


def test_an_answer_that_leads_elsewhere_is_not_followed(link: Page) -> None:
    link.route(
        "**/exchange", lambda route: route.fulfill(json={"location": "https://elsewhere.example/"})
    )
    link.get_by_role("button", name="Open my consent form").click()

    expect(link.get_by_text("We could not reach the clinic")).to_be_visible()
    assert "127.0.0.1" in link.url


def test_a_newer_link_tapped_on_the_open_page_is_the_one_that_is_used(
    link: Page, site: Site
) -> None:
    link.evaluate("location.hash = 'newer-token'")
    link.get_by_role("button", name="Open my consent form").click()
    link.get_by_role("heading", name="First, is it you?").wait_for()

    assert site.exchanges == [{"token": "newer-token"}]


def test_without_a_link_the_short_code_is_the_way(page: Page, site: Site) -> None:
    page.goto(site.page("link"))
    page.wait_for_selector("html[data-ready]")

    expect(page.get_by_role("button", name="Open my consent form")).to_be_hidden()
    expect(page.get_by_label("Short code")).to_be_visible()
