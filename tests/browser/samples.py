"""One honest example of each page's context, in the shapes that the templates state."""

from typing import Any

CLINIC = {
    "name": "Tern & Thistle Skin Clinics",
    "address": "12 Candlemaker Close, Edinburgh EH1 2QE",
    "phone": "0131 496 0123",
    "accent": None,
    "logo_url": None,
}
AUTOSAVE = {"url": "/draft", "sequence": 4, "key": "request-1", "shared_device": False}
NURSE = "Nurse Tadhg Ó Dálaigh"


def _frame(step: int | None = None, **more: Any) -> dict[str, Any]:
    progress = {"step": step, "total": 7} if step else None
    return {
        "clinic": CLINIC,
        "csrf_token": "csrf-1",
        "progress": progress,
        "back_url": "/page/link" if step else None,
        "privacy_url": "/page/neutral",
        "errors": [],
    } | more


LINK: dict[str, Any] = {
    "clinic": None,
    "csrf_token": "csrf-1",
    "exchange_url": "/exchange",
    "neutral_url": "/page/neutral",
    "code_url": "/post/code",
    "short_code": "",
    "errors": [],
}

IDENTITY = _frame(
    1,
    purpose=f"a treatment that you have talked about with {NURSE}",
    minutes=10,
    channel="email",
    sent_to="m…@patients.example",
    code_sent=True,
    send_url="/post/send",
    action_url="/post/identity",
    birth={},
    expires_text="The code works until 14:13.",
    in_person_text=None,
)

ELECTRONIC = _frame(
    2,
    action_url="/post/electronic",
    way=None,
    privacy={
        "version": "2026-09",
        "summary": "We use your answers to treat you safely and keep them as the law asks.",
        "lines": ["Your answers are stored encrypted.", "Nobody follows you on these pages."],
        "own": ["We are Tern & Thistle, 1 Quay Street. Ask Rhona about your data."],
    },
    sample_url=None,
    paper_text="We print it for you. Ask at the desk, or we bring it to your visit.",
)

HOLD = _frame(
    back_url=None,
    reasons=["You told us that you take isotretinoin tablets."],
    reviewer={"name": "Dr Morven Achterberg", "role": "medical lead"},
    hear_by="by Tuesday 24 November 2026",
    hear_how="by email to m…@patients.example",
    in_clinic=False,
    check_url="/page/hold",
    advice=["Keep taking your medicine as it was prescribed.", "Do not book anything else yet."],
    money_text="Your deposit of £50.00 is safe. The time on your package stands still.",
    edit_url="/page/questions",
)

UNDERSTOOD = _frame(
    5,
    action_url="/post/understood",
    done=False,
    autosave=AUTOSAVE,
    saved_at=None,
    questions=[
        {
            "id": "teach_redness",
            "text": "How long is your face usually red afterwards?",
            "options": [
                {"value": "hours", "label": "About an hour"},
                {"value": "days", "label": "One to three days"},
                {"value": "weeks", "label": "Three weeks"},
            ],
            "value": "days",
            "result": "right",
            "explanation": "Most people are red for one to three days, some up to a week.",
        },
        {
            "id": "teach_result",
            "text": "Will the treatment remove your scars?",
            "options": [
                {"value": "all", "label": "Yes, completely"},
                {"value": "soften", "label": "It often softens them and rarely removes them"},
            ],
            "value": "all",
            "result": "review",
            "explanation": "It often softens scars over several months. It rarely removes them.",
        },
        {
            "id": "teach_stop",
            "text": "When can you change your mind?",
            "options": [
                {"value": "before", "label": "Only before I sign"},
                {"value": "any", "label": "At any time, also on the day"},
            ],
            "value": None,
            "result": None,
            "explanation": "",
        },
    ],
)

SIGN = _frame(
    6,
    statement="I have read and understood this form, I have had my questions answered, and I "
    f"agree to microneedling of my forehead and cheeks by {NURSE}.",
    summary=[
        {"label": "Treatment", "value": "Microneedling with a pen, 3 visits"},
        {"label": "Where", "value": "Forehead to 0.5 mm, cheeks to 1.5 mm"},
        {"label": "By", "value": f"{NURSE}, registered nurse, TEST-NMC-00A0002"},
    ],
    document_url="/page/read",
    document_sha256="5f" * 32,
    idempotency_key="key-1",
    signer_name="Mairi Ní Bhriain",
    today_text="Saturday 21 November 2026, Edinburgh time",
    action_url="/post/sign",
    values={},
    decline_url="/page/neutral",
    autosave=AUTOSAVE,
    saved_at=None,
)

RECEIPT = _frame(
    7,
    back_url=None,
    receipt={
        "code": "TT7K-PM4Q-X92D",
        "signed_at": "Saturday 21 November 2026, 14:03, Edinburgh time",
        "seal_text": "Sealed and time-stamped",
    },
    document={"url": "/page/read", "pages": 6, "size": "184 KB"},
    copy_text="We have sent a link to your copy to m…@patients.example.",
    next_steps=[
        {"title": "You signed", "text": None, "when": "Today, 14:03", "done": True},
        {"title": f"{NURSE} signs too", "text": "Then your copy is complete.", "done": False},
        {"title": "Your visit", "when": "Tuesday 24 November 2026, 14:30", "done": False},
    ],
    withdraw_url="/page/neutral",
)

NEUTRAL: dict[str, Any] = {
    "clinic": None,
    "csrf_token": "csrf-1",
    "action_url": "/post/new-link",
    "sent": False,
}
NEUTRAL |= {"contact": "", "errors": []}

CHANGED = _frame(
    back_url=None,
    changes=["The greatest depth on your cheeks is now 1.5 mm (it was 1.0 mm)."],
    by_text=f"{NURSE} changed your plan today at 14:12, Edinburgh time.",
    continue_url="/page/read",
)

NOTSIGNED = _frame(
    back_url=None,
    what="We could not seal your document just now.",
    kept=["All your answers", "Your name and your drawn signature"],
    action_url="/post/sign",
    idempotency_key="key-1",
    later_text="You can also close this page: your link opens it again until 28 November 2026.",
)

STYLEGUIDE = {
    "clinic": CLINIC,
    "csrf_token": "csrf-1",
    "me": {"name": "Zofia Wiśniewska", "role": "front desk", "sign_out_url": "/post/out"},
    "place": "Edinburgh",
    "places": [
        {"label": "Today", "url": "#", "current": True, "count": 3},
        {"label": "Patients", "url": "#", "current": False, "count": None},
        {"label": "Consents", "url": "#", "current": False, "count": 2},
        {"label": "Money", "url": "#", "current": False, "count": None},
        {"label": "Clinic", "url": "#", "current": False, "count": None},
    ],
    "search_url": "/page/styleguide",
}
