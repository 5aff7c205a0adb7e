"""The texts of messages. A subject is fixed; only the body may carry the clinic's name and a
link."""

import re
from collections.abc import Mapping

from flask import render_template

from app.kit.speech import mark, say

SUBJECTS = {
    "sign_request": mark("%(clinic)s has sent you a form to read"),
    "hold_decided": mark("%(clinic)s has looked at your form"),
    "question_answered": mark("%(clinic)s has answered your question"),
    "sign_reminder": mark("A form from %(clinic)s is waiting for you"),
    "form_called_back": mark("%(clinic)s has called a form back"),
    "sign_code": mark("Your code for %(clinic)s"),
    "consent_copy": mark("Your copy from %(clinic)s"),
    "withdrawal_receipt": mark("Your receipt of a change of mind from %(clinic)s"),
    "aftercare": mark("A note for you from %(clinic)s"),
    "pay_link": mark("Your payment to %(clinic)s"),
    "receipt": mark("Your receipt from %(clinic)s"),
    "incident_alert": "An incident was recorded at %(clinic)s",
    "rights_answer": mark("%(clinic)s has answered what you asked"),
    "data_export": mark("%(clinic)s has put your data together"),
    "crossing_alert": "Somebody at %(clinic)s asked for what is not theirs",
    "link_locked": "A patient's link at %(clinic)s is locked",
    "audit_alarm": "Please look at the record of acts at %(clinic)s",
    "twin_elsewhere": "Two records at %(clinic)s may be one patient",
    "restore_accepted": "An older state of %(clinic)s was restored",
    "clinic_leaving": "%(clinic)s is about to be deleted",
    "clinic_stays": "%(clinic)s is not deleted",
    "expiry_reminder": "Something ends soon at %(clinic)s",
    "invitation": "%(clinic)s has invited you to its team",
    "review_request": "%(clinic)s asks for your view as a second clinician",
    "review_code": "Your code for %(clinic)s",
}

# What has a short wording of its own where it goes to a phone.
SHORT_TEXTS = frozenset({"sign_request", "sign_code"})

# What the clinic's people may read in the outbox in production. All else holds a link or code for
# one person: whoever read an invitation could take an owner's place, and whoever read the link to a
# copy of data needs no more than a date of birth. A new template is hidden until it stands here.
READABLE_BY_STAFF = frozenset(
    {
        "form_called_back",
        "pay_link",
        "incident_alert",
        "crossing_alert",
        "link_locked",
        "audit_alarm",
        "restore_accepted",
        "twin_elsewhere",
        "clinic_leaving",
        "clinic_stays",
        "expiry_reminder",
    }
)

# What never waits for the end of quiet hours: somebody is at the door, or something is wrong.
URGENT = frozenset(
    {
        "sign_code",
        "review_code",
        "invitation",
        "incident_alert",
        "crossing_alert",
        "link_locked",
        "audit_alarm",
    }
)


# The values that we make ourselves; whatever else stands in a message was typed by somebody.
OUR_LINKS = frozenset({"link", "page"})
_ADDRESS = re.compile(r"(?:\b[a-z][a-z0-9+.-]*:)?//\S*|\bwww\.\S*", re.IGNORECASE)
_LEFT_OUT = "(…)"


def subject_of(template: str, values: Mapping[str, object]) -> str:
    """Return the fixed subject of a template with the clinic's name in it."""
    clinic = without_addresses(str(values["clinic"])).replace("\r", " ").replace("\n", " ")
    return say(SUBJECTS[template], clinic=clinic)


def text_of(template: str, values: Mapping[str, object], channel: str = "email") -> str:
    """Return the plain-text body of a template, in which no link is anybody's but ours.

    Some have a short one for text messages.
    """
    short = "_sms" if channel == "sms" and template in SHORT_TEXTS else ""
    ours = {
        name: value if name in OUR_LINKS else without_addresses(str(value))
        for name, value in values.items()
    }
    return render_template(f"messages/{template}{short}.txt", **ours)


def without_addresses(text: str) -> str:
    """Return a text without addresses of web pages: a clinic's name could lead people astray."""
    return _ADDRESS.sub(_LEFT_OUT, text)
