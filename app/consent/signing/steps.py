"""Where a patient stands on the way to signing, and which step may be taken now."""

from enum import StrEnum

from app.consent.errors import ConsentMoved, NotReady
from app.consent.models import Consent, ConsentState
from app.consent.purposes import rules_of
from app.database import TenantScope
from app.patients.services.limit_use import require_unrestricted

_BEFORE_SIGNING = frozenset(
    {ConsentState.OPENED, ConsentState.HELD, ConsentState.CLEARED, ConsentState.SENT}
)


class Step(StrEnum):
    """One page of the way, in its order."""

    IDENTITY = "identity"
    ELECTRONIC = "electronic"
    QUESTIONS = "questions"
    HOLD = "hold"
    READ = "read"
    UNDERSTOOD = "understood"
    SIGN = "sign"
    RECEIPT = "receipt"


ORDER = tuple(Step)


def step_of(consent: Consent) -> Step:
    """Return the furthest page that may be shown."""
    if consent.identified_at is None:
        return Step.IDENTITY
    if consent.state not in _BEFORE_SIGNING:
        return Step.RECEIPT
    if consent.electronic_accepted_at is None:
        return Step.ELECTRONIC
    if consent.state == ConsentState.HELD:
        return Step.HOLD
    if consent.state != ConsentState.CLEARED:
        return Step.QUESTIONS
    if consent.read_at is None:
        return Step.READ
    return Step.UNDERSTOOD if consent.understood_at is None else Step.SIGN


def may_show(consent: Consent, step: Step) -> bool:
    """Return whether a page may be shown: not before its time, and only the receipt after it."""
    now_at = step_of(consent)
    if now_at in (Step.IDENTITY, Step.RECEIPT):
        return step is now_at
    if step is Step.HOLD:
        return now_at is Step.HOLD
    if step is Step.QUESTIONS and not rules_of(consent.purpose).screens:
        return False
    return step is not Step.IDENTITY and ORDER.index(step) <= ORDER.index(now_at)


def require_usable(scope: TenantScope, consent: Consent) -> None:
    """Raise ProcessingRestricted or PatientDeceased while nothing more may be asked for a form.

    Under a restriction data are only kept (GDPR article 18(2)): a link that is out already shows
    nothing of the form and takes nothing. What was signed may still be read, and taken back.
    """
    if consent.state in _BEFORE_SIGNING:
        require_unrestricted(scope, consent.patient_id)


def require_step(scope: TenantScope, consent: Consent, step: Step) -> None:
    """Raise NotReady before a step's time, ConsentMoved after signing, or as ``require_usable``."""
    if may_show(consent, step):
        require_usable(scope, consent)
        return
    if consent.state not in _BEFORE_SIGNING:
        raise ConsentMoved("This form is finished already.", state=consent.state)
    raise NotReady("There is a step before this one.", missing=step_of(consent).value)
