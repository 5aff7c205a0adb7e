"""Somebody moves their account to another address, and the old one stops it."""

from flask import Flask
from playwright.sync_api import Page

from tests.factories.tenants import make_clinic, unique_email
from tests.journeys.test_staff_day import PASSWORD, Visitor
from tests.support.letters import letters_to, link_in


def test_an_address_is_changed_and_stopped_on_pages_for_everybody(
    app: Flask, page: Page, address: str
) -> None:
    with app.app_context():
        old, new = make_clinic().owner.email, unique_email("moved")
    visitor = Visitor(page, address)
    visitor.go("~/sign-in?next=/account")
    visitor.fill(email=old, password=PASSWORD)
    visitor.press("Sign in", exact=True)
    visitor.follow("Change my email address")
    visitor.fill(email=new, password=PASSWORD)
    visitor.press("Change my email address")
    visitor.reads(f"You asked for {new}")

    for box, button, said in (
        (new, "Confirm my address", "Your new address is confirmed"),
        (old, "Stop it", "Your address stays as it is"),
    ):
        path, secret = link_in(letters_to(app, box)[-1])
        page.goto(f"{address}{path}#{secret}")
        visitor.look()
        visitor.press(button)
        visitor.reads(said)
