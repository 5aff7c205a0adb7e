"""Forms for everyone: by keyboard alone, without scripts, pressed twice, sent without a network."""

import threading
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the Tab key never reaches {selector}")


def test_the_keyboard_alone_signs(page: Page, site: Site) -> None:
    page.goto(site.page("sign"))
    page.wait_for_selector("html[data-ready]")
    _tab_to(page, "[name=full_name]")
    page.keyboard.type("Mairi Ní Bhriain")
    _tab_to(page, "[name=signature_kind]")
    page.keyboard.press("ArrowRight")
    _tab_to(page, "form .button:not([type=button])")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your consent is signed").wait_for()

    [(_, form)] = site.posts
    assert form["signature_kind"] == ["typed"]
    assert form["full_name"] == ["Mairi Ní Bhriain"]


def test_the_keyboard_alone_answers_the_health_questions(page: Page, site: Site) -> None:
    page.goto(site.page("questions"))
    _tab_to(page, "[name=pregnancy]")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "[name=isotretinoin_now]")
    page.keyboard.press("Space")

    assert page.locator("[name=pregnancy]:checked").input_value() == "no"
    expect(page.get_by_role("group", name="when was your last tablet")).to_be_visible()


def test_a_follow_up_waits_for_its_answer(page: Page, site: Site) -> None:
    page.goto(site.page("questions"))
    follow_up = page.get_by_role("group", name="when was your last tablet")
    asked = page.get_by_role("group", name="isotretinoin")

    expect(follow_up).to_be_hidden()
    asked.get_by_text("Not sure", exact=True).click()
    expect(follow_up).to_be_visible()
    asked.get_by_text("No", exact=True).click()
    expect(follow_up).to_be_hidden()


def test_a_double_press_sends_once_with_the_same_key(page: Page, site: Site) -> None:
    site.slow = threading.Event()
    page.goto(site.page("notsigned"))
    page.wait_for_selector("html[data-ready]")
    told = page.evaluate(
        """() => {
          const button = document.querySelector("main button");
          const stopped = [];
          addEventListener("submit", (event) => stopped.push(event.defaultPrevented));
          button.click();
          button.click();
          return [stopped, button.textContent, button.ariaDisabled];
        }"""
    )
    assert told == [[False, True], "Signing… this takes a few seconds", "true"]
    site.slow.set()
    page.get_by_role("heading", name="Your consent is signed").wait_for()

    assert [form["idempotency_key"] for _, form in site.posts] == [["key-1"]]


def test_a_press_without_a_network_keeps_the_page_and_says_so(page: Page, site: Site) -> None:
    page.goto(site.page("sign"))
    page.wait_for_selector("html[data-ready]")
    page.get_by_label("Your full name").fill("Mairi Ní Bhriain")
    page.context.set_offline(True)
    page.get_by_role("button", name="Sign my consent").click()
    expect(page.get_by_text("Nothing was sent and nothing is lost")).to_be_visible()

    page.context.set_offline(False)
    page.get_by_text("Use my typed name").click()
    page.get_by_role("button", name="Sign my consent").click()
    page.get_by_role("heading", name="Your consent is signed").wait_for()
    assert len(site.posts) == 1


def test_the_error_summary_takes_the_focus_and_leads_to_each_field(page: Page, site: Site) -> None:
    page.goto(site.page("identity-wrong"))
    expect(page.locator(".summary-of-errors")).to_be_focused()

    page.get_by_role("link", name="Enter your date of birth").click()
    expect(page.get_by_label("Day")).to_be_focused()
    assert page.title().startswith("Error: ")


def test_the_error_summary_leads_to_the_ink(page: Page, site: Site) -> None:
    page.goto(site.page("sign-wrong"))
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("link", name="Draw your signature").click()

    expect(page.locator("canvas")).to_be_focused()


class TestWithoutScripts:
    @pytest.fixture
    def context_options(self) -> dict[str, Any]:
        return {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}

    def test_the_short_code_opens_the_form(self, page: Page, site: Site) -> None:
        page.goto(f"{site.page('link')}#token")
        expect(page.get_by_role("button", name="Open my consent form")).to_be_hidden()
        page.get_by_label("Short code").fill("K7PM-4TQX-92")
        page.get_by_role("button", name="Open with this code").click()

        assert site.posts[0][1] == {"csrf_token": ["csrf-1"], "short_code": ["K7PM-4TQX-92"]}

    def test_the_code_and_birth_date_are_posted(self, page: Page, site: Site) -> None:
        page.goto(site.page("identity"))
        page.get_by_label("Code").fill("12345678")
        for label, value in [("Day", "27"), ("Month", "3"), ("Year", "1988")]:
            page.get_by_label(label).fill(value)
        page.get_by_role("button", name="Continue").click()

        _, form = site.posts[0]
        birth = [form[f"birth_{part}"] for part in ("day", "month", "year")]
        assert (form["code"], birth) == (["12345678"], [["27"], ["3"], ["1988"]])

    def test_the_health_questions_are_answered(self, page: Page, site: Site) -> None:
        page.goto(site.page("questions"))
        page.get_by_role("group", name="pregnant").get_by_text("Not sure").click()
        page.get_by_text("Why we ask").first.click()
        expect(page.get_by_text("numbing cream and the skin behave differently")).to_be_visible()
        page.get_by_role("button", name="Continue").click()

        assert site.posts[0][1]["pregnancy"] == ["unsure"]

    def test_the_typed_name_signs(self, page: Page, site: Site) -> None:
        page.goto(site.page("sign"))
        expect(page.locator("canvas")).to_be_hidden()
        expect(page.get_by_text("Draw it")).to_be_hidden()
        page.get_by_label("Your full name").fill("Mairi Ní Bhriain")
        page.get_by_role("button", name="Sign my consent").click()

        _, form = site.posts[0]
        assert (form["signature_kind"], form["ink"]) == (["typed"], [""])


def test_a_page_forgets_nothing_when_the_back_button_returns_to_it(page: Page, site: Site) -> None:
    page.goto(site.page("sign"))
    page.wait_for_selector("html[data-ready]")
    page.get_by_label("Your full name").fill("Mairi Ní Bhriain")
    page.goto(site.page("read"))
    page.go_back()
    page.wait_for_selector("html[data-ready]")

    expect(page.get_by_label("Your full name")).to_have_value("Mairi Ní Bhriain")
