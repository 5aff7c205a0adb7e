"""One clinic's whole story, told step by step and left behind as files to look at."""

import shutil
from typing import Any

from app.billing.local_stripe import subscribe
from app.documents.setup import own_trust
from app.documents.verify import verify_file
from demo.care_chapter import look_after, sell_and_pay, treat
from demo.clinics import DemoClinic, enrol, make_clinic, read_data
from demo.consent_chapter import attest, plan, sign
from demo.installation import Installation, serve
from demo.told import OUTPUT, PRACTITIONER, Story
from demo.visitor import StoryFailed, Visitor


def play(installation: Installation) -> Story:
    """Play the whole story; raises StoryFailed at the first step that is not as it should be."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    story = Story(installation)
    tell = story.teller
    with tell.step("Web server and worker start on 127.0.0.1"):
        serve(installation, subscribe(installation.settings).stripe_connect_secrets[-1])
    _set_up(story)
    plan(story)
    sign(story)
    attest(story)
    sell_and_pay(story)
    treat(story)
    look_after(story)
    _prove(story)
    return story


def _set_up(story: Story) -> None:
    data = read_data()
    for key in ("tern", "juniper"):
        entry = next(one for one in data["clinics"] if one["key"] == key)
        with story.teller.step(f"{entry['name']} signs up with two locations and its people"):
            installation = story.installation
            clinic = make_clinic(
                installation.web_url, installation.settings.home / "letters", data, key
            )
            story.clinics[key] = clinic
            owner = clinic.visitor(clinic.owner_key)
            owner.api("POST", clinic.path("/forms"))
            _offer_packages(owner, clinic, data)
    with story.teller.step("Owner and practitioner set up their second factors"):
        enrol(story.clinic, story.clinic.owner_key)
        enrol(story.clinic, PRACTITIONER)
        other = story.clinics["juniper"]
        enrol(other, other.owner_key)


def _offer_packages(owner: Visitor, clinic: DemoClinic, data: dict[str, Any]) -> None:
    offered = [one for one in data["products"] if one["procedure"] and one.get("state") is None]
    for place, location_id in clinic.locations.items():
        currency = clinic.currencies[place]
        rule = data["deposits"][currency]
        for product in offered:
            made = owner.api(
                "POST",
                clinic.path("/packages"),
                {
                    "location_id": location_id,
                    "code": product["sku"],
                    "name": product["name"],
                    "procedure_id": product["procedure"],
                    "sessions": product["sessions"],
                    "price_minor": product["price_minor"][currency],
                    "deposit_kind": rule["kind"],
                    "deposit_value": str(rule["value"]),
                    "deposit_round_down_to": rule["round_down_to"],
                    "terms": data["policy"]["deposit_terms"],
                },
            )
            clinic.packages[f"{place}/{product['sku']}"] = made["id"]


def _prove(story: Story) -> None:
    clinic, other = story.clinic, story.clinics["juniper"]
    owner = clinic.visitor(clinic.owner_key)
    with story.teller.step("The ledger agrees with Stripe to the penny"):
        found = owner.api("POST", clinic.path("/ledger/reconcile"), expect=200)
        if not found["is_clean"] or any(one["drift_minor"] for one in found["drifts"]):
            raise StoryFailed("the ledger and Stripe differ")
    with story.teller.step("The other clinic cannot find any of it"):
        stranger = other.visitor(other.owner_key)
        for path in (f"/plans/{story.ids['plan']}", f"/consents/{story.ids['consent']}"):
            stranger.api("GET", clinic.path(path), expect=404)
            stranger.api("GET", other.path(path), expect=404)
    with story.teller.step("One changed byte, and the seal says no"):
        data = bytearray((OUTPUT / "executed-consent.pdf").read_bytes())
        data[len(data) // 2] ^= 1
        if verify_file(bytes(data), own_trust(story.installation.settings)).holds:
            raise StoryFailed("a changed file verifies")
