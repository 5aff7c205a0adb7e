"""Outcomes of the consent room."""

from app.errors import Conflict, Forbidden, Invalid, NotFound


class ConsentUnknown(NotFound):
    """The clinic has no such consent."""

    code = "consent_unknown"


class CannotDecide(Conflict):
    """The practitioner found that the patient cannot decide this at present."""

    code = "cannot_decide"
    title = "Nobody signs what they cannot decide"


class FormUnknown(NotFound):
    """There is no such form."""

    code = "form_unknown"


class NotDiscussed(Conflict):
    """Nobody has recorded that they talked this version of the plan over with the patient."""

    code = "not_discussed"
    title = "Record the discussion with the patient first"


class FormNotPublished(Conflict):
    """The clinic has published no form for what is planned."""

    code = "form_not_published"
    title = "Publish a form for this first"


class FormLanguage(Conflict):
    """No form is published in the language that the patient reads best.

    ``reads_best`` is that language, ``offered`` are those that staff may choose instead.
    """

    code = "form_language"
    title = "There is no form in the patient's language"


class InterpreterNeeded(Conflict):
    """A form in another language than the patient's goes out only after an interpreted talk."""

    code = "interpreter_needed"
    title = "Record an interpreter first"


class AddOnNotPlanned(Conflict):
    """The plan names no such add-on, so that there is nothing to ask consent to."""

    code = "add_on_not_planned"
    title = "The plan does not name this add-on"


class FormMoved(Conflict):
    """The form version is in a state in which this cannot be done; ``state`` says which."""

    code = "form_moved"


class DraftOpen(Conflict):
    """Somebody writes on this form in this language already."""

    code = "form_draft_open"
    title = "There is a draft of this form already"


class OtherPersonNeeded(Conflict):
    """Another person has to take this step; ``who`` names those who may."""

    code = "other_person_needed"


class FormNotSound(Invalid):
    """The form breaks a rule of honest consent; ``findings`` name the clauses."""

    code = "form_not_sound"
    title = "This form may not be published"


class NoContact(Conflict):
    """The patient has no address to which a link or a code could go."""

    code = "no_contact"
    title = "Enter an email address for this patient first"


class ConsentMoved(Conflict):
    """The consent is in a state in which this cannot be done; ``state`` says which."""

    code = "consent_moved"


class NotTakenBack(Conflict):
    """The consent was not taken back, so that there is nothing to tell about that."""

    code = "not_taken_back"


class NotDeclined(Conflict):
    """Nobody said no to this form, so that there is no reason to read."""

    code = "not_declined"


class ReceiptNotReady(Conflict):
    """The withdrawal counts already; its sealed receipt is still being made."""

    code = "receipt_not_ready"
    title = "The receipt is being made"


class ReceiptNotPossible(Conflict):
    """Nothing was signed, so that a receipt of taking it back would name nothing."""

    code = "receipt_not_possible"


class NotReady(Conflict):
    """A step before signing is still open; ``missing`` names it."""

    code = "not_ready"
    title = "There is a step before this one"


class QuestionUnknown(NotFound):
    """Nobody asked such a question about this form."""

    code = "question_unknown"


class QuestionAnswered(Conflict):
    """Somebody was quicker to answer; an answer that a patient may have read is not changed."""

    code = "question_answered"
    title = "This question is answered already"


class QuestionsOpen(Conflict):
    """The patient asked something that nobody has answered yet."""

    code = "questions_open"
    title = "Your questions are answered before you sign"


class SampleNotOpened(Invalid):
    """The place asks for the code in the sample file, and what was typed is not it."""

    code = "sample_not_opened"
    title = "Open the sample file and type its code"


class PrivacyChanged(Conflict):
    """The privacy notice was changed while the patient had the page with it open."""

    code = "privacy_changed"
    title = "What we tell you about your information has changed"


class ShownChanged(Conflict):
    """What was read is not what would be signed, so it has to be read again."""

    code = "shown_changed"
    title = "The form was changed after you read it"


class FormReplaced(Conflict):
    """The form was replaced by one of another meaning before this one was signed."""

    code = "form_replaced"
    title = "The clinic has changed this form"


class PlanChanged(Conflict):
    """The plan was changed after the form was made from it; the clinic sends a new form."""

    code = "plan_changed"
    title = "The plan was changed after this form was made"


class AskedBeforeNews(Conflict):
    """Something became known since the patient was asked; ``triggers`` name what.

    Signed now, it would be out of date at once: the clinic tells the patient and asks anew.
    """

    code = "asked_before_news"
    title = "Something has become known since this was asked for"


class SignatureRefused(Invalid):
    """Name, drawing or acknowledgements cannot be used; ``fields`` says which and why."""

    code = "signature_refused"


class NotEligible(Forbidden):
    """The member of staff may not do this very treatment here, so they cannot attest it."""

    code = "not_eligible"


class PartyUnknown(NotFound):
    """Nobody of that id takes part in the form."""

    code = "party_unknown"


class PartyRefused(Invalid):
    """An interpreter or witness cannot be taken as entered; ``fields`` says which and why."""

    code = "party_refused"


class PaperUnknown(NotFound):
    """The clinic has no such printed form."""

    code = "paper_unknown"


class PaperRefused(Invalid):
    """A scan, a moment or a place of the original cannot be used; ``fields`` says which and why."""

    code = "paper_refused"


class SomebodyElseConfirms(Forbidden):
    """Whoever brought the scan in does not confirm the original while there is somebody else."""

    code = "somebody_else_confirms"
    title = "Somebody else has to compare the scan with the original"


class FormCovered(Conflict):
    """The clinic's tablet hides this form until the patient or the staff say who they are."""

    code = "form_covered"
    title = "This form is covered"


class DraftNotNewer(Conflict):
    """A later draft is stored already; ``sequence`` is its number."""

    code = "draft_not_newer"


class HoldUnknown(NotFound):
    """The clinic has no such hold."""

    code = "hold_unknown"


class SafetyNoticeUnknown(NotFound):
    """The clinic has entered no such safety communication."""

    code = "safety_notice_unknown"


class RuleUnknown(NotFound):
    """No standing decision may be made about such a rule."""

    code = "rule_unknown"


class HoldMoved(Conflict):
    """The hold was decided, or the answers changed, since it was read."""

    code = "hold_moved"
    title = "This changed while you read it"


class CannotLift(Conflict):
    """A rule stands in the way that no decision lifts; ``rules`` names them."""

    code = "cannot_lift"
    title = "This cannot be lifted"


class DecisionRefused(Invalid):
    """The decision is not complete or not possible; ``fields`` says what and why."""

    code = "decision_refused"


class SecondPersonRefused(Forbidden):
    """The second person has to be somebody else, and eligible."""

    code = "second_person_refused"
    title = "It has to be another person"
