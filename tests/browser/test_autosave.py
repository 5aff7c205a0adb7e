"""Saving as you go: the line says only what the server said, a lost network loses nothing."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.site import Site


@pytest.fixture
def health(page: Page, site: Site) -> Page:
    page.goto(site.page("questions"))
    page.wait_for_selector("html[data-ready]")
    return page


def _answer_no_to_pregnancy(page: Page) -> None:
    page.get_by_role("group", name="pregnant").get_by_text("No", exact=True).click()


def _note_each_line(page: Page) -> None:
    page.evaluate(
        """() => {
          window.lines = [];
          const line = document.querySelector("[data-autosave-status]");
          new MutationObserver(() => window.lines.push(line.textContent))
            .observe(line, { childList: true, characterData: true, subtree: true });
        }"""
    )


def test_saved_is_shown_with_the_servers_time_after_its_answer(health: Page, site: Site) -> None:
    _answer_no_to_pregnancy(health)
    expect(health.locator("[data-autosave-status][data-state=saved]")).to_have_text(
        "Saved at 14:03"
    )

    [draft] = site.drafts
    assert draft["sequence"] == 5
    assert draft["values"]["pregnancy"] == "no"
    assert draft["headers"]["X-Csrf-Token"] == "csrf-1"
    assert draft["headers"]["Idempotency-Key"] == "request-1:5"
    assert "csrf_token" not in draft["values"]


def test_a_failing_network_is_told_truthfully_and_retried_until_it_works(
    health: Page, site: Site
) -> None:
    attempts: list[str] = []

    def cut(route: Route) -> None:
        attempts.append(route.request.url)
        route.abort()

    health.route("**/draft", cut)
    _answer_no_to_pregnancy(health)
    expect(health.locator("[data-autosave-status]")).to_have_text("Not saved yet – we keep trying")
    health.wait_for_timeout(1_500)
    assert len(attempts) >= 2
    assert site.drafts == []

    health.unroute("**/draft")
    expect(health.locator("[data-autosave-status]")).to_have_text("Saved at 14:03")
    assert site.drafts[-1]["values"]["pregnancy"] == "no"


def test_a_refusing_server_is_not_called_saved(health: Page, site: Site) -> None:
    site.draft_status = 503
    _note_each_line(health)
    _answer_no_to_pregnancy(health)
    expect(health.locator("[data-autosave-status]")).to_have_text("Not saved yet – we keep trying")
    assert set(health.evaluate("lines")) == {"Saving…", "Not saved yet – we keep trying"}

    site.draft_status = 200
    expect(health.locator("[data-autosave-status]")).to_have_text("Saved at 14:03")


def test_an_answer_that_names_no_save_is_not_called_saved(health: Page) -> None:
    health.route("**/draft", lambda route: route.fulfill(status=200, json={"ok": True}))
    _answer_no_to_pregnancy(health)

    expect(health.locator("[data-autosave-status]")).to_have_text("Not saved yet – we keep trying")


def test_offline_is_named_and_saving_starts_again_with_the_network(
    health: Page, site: Site
) -> None:
    health.context.set_offline(True)
    _answer_no_to_pregnancy(health)
    expect(health.locator("[data-autosave-status][data-state=offline]")).to_contain_text(
        "You are offline"
    )
    assert site.drafts == []

    health.context.set_offline(False)
    expect(health.locator("[data-autosave-status]")).to_have_text("Saved at 14:03")


def test_a_login_that_ended_stops_saving_and_says_so(health: Page, site: Site) -> None:
    site.draft_status = 401
    _answer_no_to_pregnancy(health)
    expect(health.locator("[data-autosave-status][data-state=stopped]")).to_contain_text(
        "Not saved."
    )
    health.wait_for_timeout(1_500)

    assert len(site.drafts) == 1


def test_a_newer_draft_on_the_server_is_passed_by_not_fought(health: Page, site: Site) -> None:
    site.stored = 41
    _answer_no_to_pregnancy(health)
    expect(health.locator("[data-autosave-status]")).to_have_text("Saved at 14:03")

    assert [draft["sequence"] for draft in site.drafts] == [5, 42]


def test_typing_is_gathered_into_few_saves_with_rising_numbers(health: Page, site: Site) -> None:
    health.get_by_label("What do you hope").press_sequentially(
        "Softer scars on my cheeks", delay=30
    )
    expect(health.locator("[data-autosave-status]")).to_have_text("Saved at 14:03")
    health.wait_for_timeout(2_000)

    sequences = [draft["sequence"] for draft in site.drafts]
    assert len(sequences) <= 3
    assert sequences == sorted(set(sequences))
    assert site.drafts[-1]["values"]["hope"] == "Softer scars on my cheeks"


def test_answers_come_back_after_a_reload_and_are_then_saved(health: Page, site: Site) -> None:
    site.draft_status = 503
    _answer_no_to_pregnancy(health)
    health.get_by_label("What do you hope").fill("Softer scars")
    expect(health.locator("[data-autosave-status][data-state=waiting]")).to_be_visible()
    site.draft_status = 200
    health.reload()

    expect(health.locator("[data-autosave-status]")).to_have_text("Saved at 14:03")
    assert health.get_by_label("What do you hope").input_value() == "Softer scars"
    assert site.drafts[-1]["values"]["pregnancy"] == "no"


def test_the_tabs_copy_goes_when_the_server_has_it_and_is_never_kept_for_long(health: Page) -> None:
    kept = "() => [Object.keys(localStorage), Object.keys(sessionStorage)]"
    _answer_no_to_pregnancy(health)
    assert health.evaluate(kept) == [[], ["needlepoint:draft:request-1"]]
    expect(health.locator("[data-autosave-status]")).to_have_text("Saved at 14:03")

    for _ in range(60):
        if health.evaluate(kept) == [[], []]:
            break
        health.wait_for_timeout(250)
    assert health.evaluate(kept) == [[], []]


def test_a_save_that_arrives_while_the_page_is_loaded_anew_is_not_undone(
    health: Page, site: Site
) -> None:
    health.get_by_label("What do you hope").fill("Softer scars")
    expect(health.locator("[data-autosave-status]")).to_have_text("Saved at 14:03")
    # The page that comes was written before the save: it knows neither the words nor the number.
    health.reload()

    health.wait_for_selector("html[data-ready]")
    assert health.get_by_label("What do you hope").input_value() == "Softer scars"
    expect(health.locator("[data-autosave-status]")).to_have_text("Saved at 14:03")
    assert [draft["sequence"] for draft in site.drafts] == [5, 6]


def test_a_clinics_tablet_keeps_no_copy_in_the_tab(page: Page, site: Site) -> None:
    page.goto(site.page("sign-shared"))
    page.get_by_label("Your full name").fill("Mairi Ní Bhriain")

    assert page.evaluate("Object.keys(sessionStorage)") == []


def test_a_copy_older_than_the_server_is_dropped(page: Page, site: Site) -> None:
    site.draft_status = 503
    page.goto(site.page("sign"))
    page.get_by_label("Your full name").fill("Older")
    page.goto(site.page("sign-known"))

    page.wait_for_selector("html[data-ready]")
    assert page.get_by_label("Your full name").input_value() == ""
    assert page.evaluate("Object.keys(sessionStorage)") == []


def test_the_receipt_forgets_every_copy(page: Page, site: Site) -> None:
    page.goto(site.page("sign"))
    page.get_by_label("Your full name").fill("Mairi Ní Bhriain")
    page.get_by_text("Use my typed name").click()
    page.get_by_role("button", name="Sign my consent").click()
    page.get_by_role("heading", name="Your consent is signed").wait_for()
    page.wait_for_selector("html[data-ready]")

    assert page.evaluate("Object.keys(sessionStorage)") == []
