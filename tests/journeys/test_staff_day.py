"""An owner's first evening and a front desk's day, played by hand in a browser."""

from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page

from app.kit.clock import today_in
from tests.factories.tenants import PASSWORD, unique_email
from tests.support.letters import letters_to, link_in

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Visitor:
    """A person at a browser, who looks at each new page for what would shut somebody out."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.clinic = ""

    def go(self, path: str) -> None:
        """Open a page by its path below the clinic, or by its own where it begins with "~".

        How every page looks when it is opened is for ``test_every_staff_page``; here it counts what
        a press makes of it.
        """
        inside = path.removeprefix("~") if path.startswith("~") else self.clinic + path
        answer = self.page.goto(self.address + inside)
        assert answer is not None
        assert answer.status == 200, f"{inside}: {answer.status}"
        self.page.wait_for_selector("html[data-ready]")

    def look(self) -> None:
        """Nothing for axe to find, nothing wider than a small phone with text twice as large."""
        self.page.wait_for_selector("html[data-ready]")
        results = Axe().run(self.page, options={"preload": False})
        found = [(one["id"], one["nodes"][0]["target"]) for one in results.response["violations"]]
        assert found == [], f"{self.page.url}: {found}"
        wide = self.page.viewport_size
        assert wide is not None
        self.page.set_viewport_size({"width": 320, "height": 640})
        assert self.page.evaluate(OVERFLOW) <= 0, f"{self.page.url} overflows"
        self.page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert self.page.evaluate(OVERFLOW) <= 0, f"{self.page.url} overflows when enlarged"
        self.page.evaluate("document.documentElement.style.fontSize = ''")
        self.page.set_viewport_size(wide)

    def follow(self, name: str) -> None:
        """Follow a link and look at what it shows."""
        self.page.get_by_role("link", name=name).first.click()
        self.look()

    def press(self, name: str, *, exact: bool = False) -> None:
        """Press a button and look at what it shows."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=exact).click()
        self.look()

    def fill(self, **values: str) -> None:
        """Type into boxes, choose in lists and tick, by the names of the fields."""
        for name, value in values.items():
            self._fill(name, value)

    def _fill(self, name: str, value: str) -> None:
        boxes = self.page.locator(f'[name="{name}"]')
        kind = boxes.first.evaluate("box => box.tagName == 'SELECT' ? 'select' : box.type")
        if kind == "select":
            boxes.first.select_option(label=value)
        elif kind in {"radio", "checkbox"}:
            self.page.locator(f'[name="{name}"][value="{value}"]').check()
        else:
            boxes.first.fill(value)

    def day(self, name: str, day: int, month: int, year: int) -> None:
        """Type a date into its three boxes."""
        values = {"day": day, "month": month, "year": year}
        self.fill(**{f"{name}_{part}": str(number) for part, number in values.items()})

    def reads(self, text: str) -> None:
        """The page says this."""
        assert text in self.page.inner_text("body"), self.page.inner_text("main")


def sign_up(visitor: Visitor) -> str:
    """Sign a clinic up; return the owner's email address."""
    email = unique_email("owner")
    visitor.go("~/sign-up")
    visitor.fill(
        legal_name="Tern & Thistle Skin Clinics Ltd",
        address="14 Example Row, Edinburgh",
        owner_name="Dr Morven Achterberg",
        owner_email=email,
        password=PASSWORD,
        processor_agreement="2026-11",
    )
    visitor.press("Sign my clinic up")
    visitor.reads("Look at your email")
    return email


def confirm_address(visitor: Visitor, app: Flask, email: str) -> None:
    """Open the link of the letter that signing up sends; before it there is no clinic."""
    path, secret = link_in(letters_to(app, email)[-1])
    visitor.page.goto(f"{visitor.address}{path}#{secret}")
    visitor.look()
    visitor.fill(password=PASSWORD)
    visitor.press("Confirm my clinic")
    visitor.clinic = visitor.page.url.removeprefix(visitor.address).partition("/settings")[0]


def set_up_clinic(visitor: Visitor) -> str:
    """Walk down the list of what is missing; return a front desk's email address."""
    visitor.follow("Add a location")
    visitor.fill(
        name="Edinburgh",
        address="14 Example Row",
        jurisdiction="Scotland",
        zone="London",
        currency="GBP",
        premises_kind="independent clinic",
        premises_registration="TEST-HIS-0001",
        emergency_contact="0131 496 0101",
    )
    visitor.day("registered", 31, 12, 2099)
    visitor.press("Add the location")
    desk = invite_staff(visitor, "Zofia Wiśniewska", "front_desk")
    invite_staff(visitor, "Nurse Tadhg Ó Dálaigh", "practitioner")
    visitor.go("/settings/staff")
    visitor.follow("What each role may do")
    visitor.follow("Back to staff")
    visitor.follow("Nurse Tadhg Ó Dálaigh")
    visitor.follow("Add a qualification")
    visitor.fill(
        kind="nurse prescriber",
        body="Nursing and Midwifery Council",
        registration_number="TEST-NMC-00A0002",
        is_prescriber="yes",
        max_depth="2.5",
        prescribed_anaesthetic="yes",
        basis="Nurse prescriber, independent clinic",
    )
    visitor.day("expires", 31, 1, 2099)
    visitor.press("Add the qualification")
    visitor.reads("down to 2.5 mm")
    return desk


def invite_staff(visitor: Visitor, name: str, role: str) -> str:
    """Invite a member of staff, who joins in a browser of their own; return their address."""
    email = unique_email(role)
    visitor.go("/settings/staff")
    visitor.follow("Invite somebody")
    visitor.fill(email=email, role=role)
    visitor.press("Send the invitation")
    visitor.reads("The invitation is on its way.")
    visitor.reads(email)
    visitor.go("/outbox")
    link = visitor.page.get_by_role("link", name="/invitation#").first.get_attribute("href")
    browser = visitor.page.context.browser
    assert browser is not None
    with browser.new_context() as fresh:
        newcomer = Visitor(fresh.new_page(), visitor.address)
        newcomer.page.goto(f"{visitor.address}/invitation#{(link or '').partition('#')[2]}")
        newcomer.look()
        # A script exchanges the link first and then leaves for the page.
        newcomer.page.get_by_role("button", name="Open my invitation").click()
        newcomer.page.wait_for_url("**/invitation/accept")
        newcomer.look()
        newcomer.reads(email)
        newcomer.fill(name=name, password=PASSWORD)
        newcomer.press("Join Tern & Thistle Skin Clinics Ltd")
        newcomer.reads("Welcome.")
    return email


def add_things(visitor: Visitor) -> None:
    """Add a device with cartridges, approve the catalogue and publish the form."""
    visitor.go("/settings/devices")
    visitor.follow("Add a device")
    visitor.fill(model="Fictive Pen One", serial="TEST-PEN-0001", has_label="yes", cap="2.0")
    visitor.fill(areas="face_cheeks", indications="acne_scars_atrophic", kind="Needling pen")
    visitor.press("Add the device")
    visitor.follow("Add cartridges")
    visitor.fill(lot="TEST-LOT-A1")
    visitor.day("expires", 31, 5, 2099)
    visitor.press("Add the cartridges")
    visitor.go("/settings/catalogue")
    visitor.press("Approve this catalogue")
    visitor.go("/settings/forms/shipped")
    visitor.press("Publish this form")
    visitor.go("/settings")
    visitor.reads("Everything is in place")


def add_patient(visitor: Visitor) -> None:
    """Add a patient and end on their page."""
    visitor.go("/patients")
    visitor.reads("No patients yet")
    visitor.follow("Add your first patient")
    visitor.fill(name="Siobhán O'Connor-Nguyễn", email="siobhan@patients.example")
    visitor.day("born", 14, 3, 1991)
    visitor.press("Add the patient")
    visitor.reads("There is no plan, so there is nothing to consent to.")


def make_plan(visitor: Visitor) -> None:
    """Make a plan, and end on its page."""
    visitor.follow("Make a plan")
    visitor.fill(
        indication_id="Sunken acne scars",
        practitioner_id="Nurse Tadhg Ó Dálaigh",
        depth_face_cheeks="1,25",
        depth_face_forehead="0.5",
        anaesthetic="otc",
        skin_type="2",
        capacity="presumed",
        what_matters="Calm skin at her sister's wedding in spring.",
        price="526.50",
    )
    leave_out_a_mole(visitor)
    visitor.press("Save the plan")
    visitor.reads("Left out")
    visitor.reads("Cheeks: Mole, left")
    visitor.reads("Cheeks to 1.25 mm, Forehead to 0.5 mm")
    visitor.reads("£526.50 GBP")


def leave_out_a_mole(visitor: Visitor) -> None:
    """Tap the drawing of the face; the first free line then waits for what is there."""
    drawing = visitor.page.locator('[data-view="face"]')
    cheek = drawing.locator('[data-area="face_cheeks"]').first
    assert cheek.evaluate("region => region.classList.contains('is-chosen')")
    cheek.click()
    focused = visitor.page.evaluate("document.activeElement.name")
    assert focused == "spot_what_1"
    visitor.page.keyboard.type("Mole, left")
    assert visitor.page.locator('[name="spot_area_1"]').input_value() == "face_cheeks"
    assert drawing.locator(".bodymap__mark").count() == 1
    visitor.look()


def sign_in(visitor: Visitor, email: str) -> None:
    """Sign out, and in again as somebody else; end on today's page."""
    visitor.press("Sign out")
    visitor.fill(email=email, password=PASSWORD)
    visitor.press("Sign in", exact=True)
    visitor.go("/today")


def test_an_owner_sets_a_clinic_up_and_the_front_desk_plays_its_day(
    app: Flask, page: Page, address: str
) -> None:
    visitor = Visitor(page, address)
    email = sign_up(visitor)
    confirm_address(visitor, app, email)
    visitor.reads("0 of 6 done")
    desk = set_up_clinic(visitor)
    add_things(visitor)
    add_patient(visitor)
    make_plan(visitor)
    visitor.follow("Record the discussion")
    held = today_in("Europe/London") - timedelta(days=1)
    visitor.day("held_at", held.day, held.month, held.year)
    visitor.fill(held_by="Nurse Tadhg Ó Dálaigh", held_at_time="11:20")
    visitor.press("Record the discussion")
    visitor.reads(f"{held:%A} {held.day} {held:%B} {held.year}, 11:20, London time")
    visitor.press("Send consent form to phone")
    visitor.follow("Outbox")
    visitor.reads("has sent you a form to read")

    sign_in(visitor, desk)
    visitor.reads("Nobody is expected today")
    visitor.fill(q="siobhán o'c")
    page.keyboard.press("Enter")
    visitor.follow("Siobhán O'Connor-Nguyễn")
    visitor.reads("siobhan@patients.example")
    visitor.reads("The patient has not opened the consent form yet.")
    visitor.follow("Cheeks to 1.25 mm, Forehead to 0.5 mm")
    visitor.follow("Plan a visit")
    visitor.day("planned_at", 24, 7, 2090)
    visitor.fill(planned_at_time="14:30")
    visitor.press("Plan the visit")
    visitor.reads("Monday 24 July 2090, 14:30, London time")
    visitor.go("/today?day=2090-07-24")
    visitor.reads("14:30")
    visitor.reads("Consent form sent")
    visitor.press("Is here")
    visitor.reads("Here")
