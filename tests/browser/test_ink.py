"""Ink is vectors: rotation, resize, scroll and reload redraw it; only its owner removes it."""

import json
from typing import Any

import pytest
from playwright.sync_api import CDPSession, FloatRect, Page

from tests.browser.site import Site

Stroke = list[tuple[float, float]]


def _box(page: Page) -> FloatRect:
    canvas = page.locator("[data-ink-canvas]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    return box


def _draw(page: Page, points: Stroke) -> None:
    """Draw one stroke with the mouse; points are shares of the pad's width and height."""
    box = _box(page)
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()


def _ink(page: Page) -> Any:
    value = page.locator("input[name=ink]").input_value()
    return json.loads(value) if value else None


def _dark_pixels(page: Page) -> int:
    """Return how many pixels of the canvas carry ink."""
    return int(
        page.evaluate(
            """() => {
              const canvas = document.querySelector("[data-ink-canvas]");
              const context = canvas.getContext("2d");
              const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
              let count = 0;
              for (let i = 3; i < data.length; i += 4) if (data[i] > 128) count += 1;
              return count;
            }"""
        )
    )


def _pointer(page: Page, kind: str, pointer: int, name: str, x: float, y: float) -> None:
    """Send one pointer event of any kind, as a pen and a palm on the same screen would."""
    page.evaluate(
        """([kind, pointerId, name, x, y]) => {
          const canvas = document.querySelector("[data-ink-canvas]");
          canvas.setPointerCapture = () => {};
          const box = canvas.getBoundingClientRect();
          canvas.dispatchEvent(new PointerEvent(name, {
            bubbles: true, cancelable: true, pointerId, pointerType: kind, button: 0, pressure: 0.5,
            clientX: box.left + x * box.width, clientY: box.top + y * box.height,
          }));
        }""",
        [kind, pointer, name, x, y],
    )


@pytest.fixture
def signing(page: Page, site: Site) -> Page:
    page.goto(site.page("sign"))
    page.wait_for_selector("html[data-ready]")
    return page


def test_a_drawn_stroke_is_stored_as_points_with_time_and_pressure(signing: Page) -> None:
    _draw(signing, [(0.1, 0.5), (0.5, 0.2), (0.9, 0.6)])

    ink = _ink(signing)
    assert set(ink) == {"strokes", "width", "height"}
    [stroke] = ink["strokes"]
    assert stroke[0][:2] == pytest.approx([0.1, 0.5], abs=0.01)
    assert stroke[-1][:2] == pytest.approx([0.9, 0.6], abs=0.01)
    assert all(0 <= x <= 1 and 0 <= y <= 1 and 0 <= pressure <= 1 for x, y, _, pressure in stroke)
    times = [t for _, _, t, _ in stroke]
    assert times == sorted(times)
    assert all(isinstance(t, int) and t >= 0 for t in times)


def test_ink_survives_rotation_resize_and_scrolling(signing: Page) -> None:
    _draw(signing, [(0.1, 0.5), (0.5, 0.2), (0.9, 0.6)])
    before = _ink(signing)

    signing.set_viewport_size({"width": 844, "height": 390})
    signing.mouse.wheel(0, 600)
    signing.set_viewport_size({"width": 844, "height": 330})
    signing.wait_for_timeout(100)

    assert _ink(signing) == before
    assert _dark_pixels(signing) > 100
    _draw(signing, [(0.2, 0.8), (0.8, 0.8)])
    assert [len(stroke) > 1 for stroke in _ink(signing)["strokes"]] == [True, True]
    assert _ink(signing)["strokes"][1][0][:2] == pytest.approx([0.2, 0.8], abs=0.01)


def test_rotation_in_the_middle_of_a_stroke_keeps_it(signing: Page) -> None:
    box = _box(signing)
    signing.mouse.move(box["x"] + 20, box["y"] + 40)
    signing.mouse.down()
    signing.mouse.move(box["x"] + 120, box["y"] + 60, steps=4)
    signing.set_viewport_size({"width": 844, "height": 390})
    signing.mouse.up()

    assert len(_ink(signing)["strokes"][0]) >= 4


def test_undo_takes_the_last_stroke_and_clear_takes_all(signing: Page) -> None:
    _draw(signing, [(0.1, 0.5), (0.4, 0.5)])
    _draw(signing, [(0.6, 0.5), (0.9, 0.5)])

    signing.get_by_role("button", name="Undo last stroke").click()
    assert len(_ink(signing)["strokes"]) == 1
    _draw(signing, [(0.6, 0.5), (0.9, 0.5)])
    signing.get_by_role("button", name="Clear").click()

    assert _ink(signing) is None
    assert _dark_pixels(signing) == 0
    signing.get_by_text("Nothing drawn yet.").wait_for()


def test_a_dot_is_a_stroke(signing: Page) -> None:
    box = _box(signing)
    signing.mouse.click(box["x"] + 50, box["y"] + 50)

    assert len(_ink(signing)["strokes"][0]) == 1
    assert _dark_pixels(signing) > 0


def test_a_palm_beside_the_pen_leaves_no_ink(signing: Page) -> None:
    _pointer(signing, "touch", 1, "pointerdown", 0.9, 0.9)
    _pointer(signing, "touch", 1, "pointermove", 0.8, 0.9)
    _pointer(signing, "pen", 2, "pointerdown", 0.1, 0.5)
    _pointer(signing, "touch", 3, "pointerdown", 0.7, 0.9)
    _pointer(signing, "pen", 2, "pointermove", 0.3, 0.4)
    _pointer(signing, "touch", 1, "pointerup", 0.8, 0.9)
    _pointer(signing, "pen", 2, "pointerup", 0.3, 0.4)
    _pointer(signing, "touch", 4, "pointerdown", 0.5, 0.5)
    _pointer(signing, "touch", 4, "pointerup", 0.5, 0.5)

    [stroke] = _ink(signing)["strokes"]
    assert [point[:2] for point in stroke] == [[0.1, 0.5], [0.3, 0.4]]


def test_a_finger_draws_and_the_page_does_not_scroll(signing: Page) -> None:
    box = _box(signing)
    wire: CDPSession = signing.context.new_cdp_session(signing)
    scrolled = signing.evaluate("scrollY")
    for step in range(12):
        spot = {"x": box["x"] + 30 + step * 10, "y": box["y"] + 20 + step * 8}
        wire.send(
            "Input.dispatchTouchEvent",
            {"type": "touchStart" if step == 0 else "touchMove", "touchPoints": [spot]},
        )
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    assert len(_ink(signing)["strokes"][0]) > 5
    assert signing.evaluate("scrollY") == scrolled


def test_a_cancelled_pointer_keeps_what_was_drawn(signing: Page) -> None:
    _pointer(signing, "touch", 1, "pointerdown", 0.1, 0.5)
    _pointer(signing, "touch", 1, "pointermove", 0.5, 0.5)
    _pointer(signing, "touch", 1, "pointercancel", 0.5, 0.5)

    assert len(_ink(signing)["strokes"][0]) == 2


def test_ink_stops_at_twenty_thousand_points_and_says_so(signing: Page) -> None:
    signing.evaluate(
        """() => {
          const canvas = document.querySelector("[data-ink-canvas]");
          canvas.setPointerCapture = () => {};
          const box = canvas.getBoundingClientRect();
          const send = (name, i) => new PointerEvent(name, {
            pointerId: 1, pointerType: "mouse", button: 0, pressure: 0.5,
            clientX: box.left + 1 + (i % 300), clientY: box.top + 1 + (i % 97),
          });
          canvas.dispatchEvent(send("pointerdown", 0));
          const fine = Array.from({ length: 25_000 }, (_, i) => send("pointermove", i));
          const one = send("pointermove", 1);
          one.getCoalescedEvents = () => fine;
          canvas.dispatchEvent(one);
          canvas.dispatchEvent(send("pointerup", 2));
        }"""
    )

    assert sum(len(stroke) for stroke in _ink(signing)["strokes"]) == 20_000
    signing.get_by_text("That is all the ink that fits.").wait_for()


def test_ink_and_name_come_back_after_a_reload_before_they_were_saved(
    signing: Page, site: Site
) -> None:
    site.draft_status = 503
    signing.get_by_label("Your full name").fill("Mairi Ní Bhriain")
    _draw(signing, [(0.1, 0.5), (0.9, 0.6)])
    before = _ink(signing)
    site.draft_status = 200

    signing.reload()
    signing.wait_for_selector("html[data-ready]")

    assert _ink(signing) == before
    assert _dark_pixels(signing) > 100
    assert signing.get_by_label("Your full name").input_value() == "Mairi Ní Bhriain"


def test_ink_is_posted_with_the_plain_form(signing: Page, site: Site) -> None:
    signing.get_by_label("Your full name").fill("Mairi Ní Bhriain")
    _draw(signing, [(0.1, 0.5), (0.9, 0.6)])
    drawn = _ink(signing)

    signing.get_by_role("button", name="Sign my consent").click()
    signing.get_by_role("heading", name="Your consent is signed").wait_for()

    [(name, form)] = site.posts
    assert (name, form["signature_kind"], form["idempotency_key"]) == ("sign", ["ink"], ["key-1"])
    assert json.loads(form["ink"][0]) == drawn
