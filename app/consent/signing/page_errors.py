"""What a patient sees when something does not go: never a code, always what to do next."""

from flask import Blueprint, Response, g, make_response, render_template, request
from sqlalchemy.exc import OperationalError

from app.auth.guards import LinkNotUsable
from app.catalogue.errors import LanguageMissing
from app.consent.errors import (
    AskedBeforeNews,
    ConsentMoved,
    FormCovered,
    FormReplaced,
    NotDiscussed,
    NotReady,
    PlanChanged,
    ShownChanged,
)
from app.consent.signing.page_frame import to_path
from app.errors import Unavailable
from app.kit.speech import ENGLISH, say, spoken
from app.messaging.errors import ProcessingRestricted
from app.page_speech import speak_as_visitor
from app.patients.errors import PatientDeceased
from app.policies.errors import PatientTooYoung, TalkNotEnough, WaitNotOver


def show_kindly(bp: Blueprint) -> None:
    """Answer the outcomes of signing with pages of their own."""
    bp.register_error_handler(LinkNotUsable, _answer_dead_link)
    bp.register_error_handler(ShownChanged, _answer_changed)
    bp.register_error_handler(PlanChanged, _answer_plan_changed)
    bp.register_error_handler(FormReplaced, _answer_replaced)
    bp.register_error_handler(AskedBeforeNews, _answer_news)
    bp.register_error_handler(NotReady, _answer_not_yet)
    bp.register_error_handler(ConsentMoved, _answer_not_yet)
    bp.register_error_handler(FormCovered, _answer_covered)
    bp.register_error_handler(ProcessingRestricted, _answer_resting)
    bp.register_error_handler(PatientDeceased, _answer_resting)
    bp.register_error_handler(LanguageMissing, _answer_no_words)
    for refusal in (NotDiscussed, PatientTooYoung, TalkNotEnough, WaitNotOver):
        bp.register_error_handler(refusal, _answer_not_here)
    bp.register_error_handler(Unavailable, _answer_not_signed)
    bp.register_error_handler(OperationalError, _answer_not_signed)


def neutral_page(**more: object) -> str:
    """Return the one page for every link that does not open; it never says why."""
    if spoken() == ENGLISH:
        speak_as_visitor()
    return render_template(
        "signing/neutral.html", **{"clinic": None, "action_url": "/sign/new-link", **more}
    )


def _answer_dead_link(_error: LinkNotUsable) -> Response:
    return make_response(neutral_page(), 410)


def _answer_changed(_error: ShownChanged) -> Response:
    page = render_template(
        "signing/changed.html",
        clinic=g.get("clinic_frame"),
        changes=[],
        by_text=say("Something that you told us changes what the form says."),
        continue_url="/sign/read",
    )
    return make_response(page, 409)


def _ended(title: str, text: str, *, status: int = 409) -> Response:
    page = render_template(
        "signing/ended.html", clinic=g.get("clinic_frame"), title=title, text=text
    )
    return make_response(page, status)


def _answer_plan_changed(_error: PlanChanged) -> Response:
    return _ended(
        say("Your plan was changed"),
        say(
            "The clinic has changed your plan after this form was made, so we have not taken your"
            " signature. You get a new form with the new plan. Your answers are kept."
        ),
    )


def _answer_replaced(_error: FormReplaced) -> Response:
    return _ended(
        say("This form was changed"),
        say(
            "The clinic has changed this form since it was made for you, so we have not taken your"
            " signature. You get the new form. Your answers are kept."
        ),
    )


def _answer_news(error: AskedBeforeNews) -> Response:
    if error.extra.get("triggers") == ["language_changed"]:
        return _answer_other_language()
    # What became known is told in a talk, and not by a page that somebody reads alone.
    return _ended(
        say("There is news about your treatment"),
        say(
            "Something has become known since this form was made for you. Your clinic talks about"
            " it with you first and then sends you a new form, so this one cannot be signed."
            " Nothing is signed, and what you have filled in is kept. If you have a question,"
            " please call the clinic."
        ),
    )


def _answer_other_language() -> Response:
    return _ended(
        say("You should get this form in your language"),
        say(
            "The clinic has noted that you read best in another language than that of this form,"
            " and you should not sign what you cannot read. They send you a new one, or go through"
            " it with an interpreter. Nothing is signed, and what you have filled in is kept. If"
            " that is a mistake, please call the clinic."
        ),
    )


def _answer_resting(_error: ProcessingRestricted | PatientDeceased) -> Response:
    # Nobody may be known yet, so that it is not said why.
    return _ended(
        say("This form rests for now"),
        say(
            "The clinic cannot go on with this form at present, and you need not do anything."
            " What you have filled in is kept. If you have a question, please call the clinic."
        ),
    )


def _answer_no_words(_error: LanguageMissing) -> Response:
    return _ended(
        say("We cannot show you this form in your language"),
        say(
            "Some of what you have to read is missing in your language, and you should not sign"
            " what you cannot read. Nothing is signed, and what you have filled in is kept. Please"
            " call the clinic: they send you a new form, or go through it with an interpreter."
        ),
    )


def _answer_not_here(
    error: NotDiscussed | PatientTooYoung | TalkNotEnough | WaitNotOver,
) -> Response:
    return _ended(
        say("This cannot be signed today"),
        say("%(why)s Nothing is signed, and what you have filled in is kept.", why=error.message),
    )


def _answer_not_yet(_error: NotReady | ConsentMoved) -> Response:
    # The page that may be shown now is found by asking for the first one.
    return to_path("/sign/identity")


def _answer_covered(_error: FormCovered) -> Response:
    return to_path("/sign/covered")


def _answer_not_signed(_error: Unavailable | OperationalError) -> Response:
    if not request.path.startswith("/sign/signature"):
        return _ended(
            say("This does not work just now"),
            say("Something on our side is down. Nothing is lost. Please try again in a minute."),
            status=503,
        )
    page = render_template(
        "signing/notsigned.html",
        clinic=g.get("clinic_frame"),
        what=say("We could not seal your document just now."),
        kept=[
            say("Your answers about your health"),
            say("Your name and your signature, as you made them"),
        ],
        action_url="/sign/signature/again",
        idempotency_key=request.form.get("idempotency_key", ""),
        later_text=say("You can also close this page. Your link opens your form again."),
    )
    return make_response(page, 503)
