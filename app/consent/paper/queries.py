"""Questions about printed forms, their scans, and the blank ones."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select

from app.consent.errors import PaperUnknown
from app.consent.paper.models import BlankForm, PaperForm, PaperPage
from app.database import TenantScope


def find_live_paper(scope: TenantScope, consent_id: uuid.UUID) -> PaperForm | None:
    """Return the print of a consent that may be signed, or None."""
    statement = (
        select(PaperForm)
        .where(
            PaperForm.tenant_id == scope.tenant_id,
            PaperForm.consent_id == consent_id,
            PaperForm.ended_at.is_(None),
        )
        .order_by(PaperForm.printed_at.desc(), PaperForm.id.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def get_paper(scope: TenantScope, consent_id: uuid.UUID, paper_id: uuid.UUID) -> PaperForm:
    """Return a print of a consent; raises PaperUnknown."""
    found = scope.session.get(PaperForm, (scope.tenant_id, paper_id))
    if found is None or found.consent_id != consent_id:
        raise PaperUnknown("There is no such print.")
    return found


def list_pages(scope: TenantScope, paper_id: uuid.UUID) -> Sequence[PaperPage]:
    """Return the pages of a scan in their order."""
    statement = (
        select(PaperPage)
        .where(PaperPage.tenant_id == scope.tenant_id, PaperPage.paper_id == paper_id)
        .order_by(PaperPage.number)
    )
    return scope.session.scalars(statement).all()


def get_blank(scope: TenantScope, blank_id: uuid.UUID) -> BlankForm:
    """Return a blank form; raises PaperUnknown."""
    found = scope.session.get(BlankForm, (scope.tenant_id, blank_id))
    if found is None:
        raise PaperUnknown("There is no such blank form.")
    return found


def find_blank_by_number(scope: TenantScope, number: int) -> BlankForm | None:
    """Return the blank form that bears a number, or None."""
    statement = select(BlankForm).where(
        BlankForm.tenant_id == scope.tenant_id, BlankForm.number == number
    )
    return scope.session.scalar(statement)


def exists_use_of_blank(scope: TenantScope, blank_id: uuid.UUID) -> bool:
    """Return whether a blank form was entered for some consent."""
    statement = select(PaperForm.id).where(
        PaperForm.tenant_id == scope.tenant_id,
        PaperForm.blank_id == blank_id,
        PaperForm.ended_at.is_(None),
    )
    return scope.session.scalar(statement.limit(1)) is not None


def list_blanks(scope: TenantScope, *, most: int) -> Sequence[BlankForm]:
    """Return the blank forms printed last, the highest number first."""
    statement = (
        select(BlankForm)
        .where(BlankForm.tenant_id == scope.tenant_id)
        .order_by(BlankForm.number.desc())
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def list_used_blank_ids(scope: TenantScope) -> frozenset[uuid.UUID]:
    """Return which blank forms were entered."""
    statement = select(PaperForm.blank_id).where(
        PaperForm.tenant_id == scope.tenant_id,
        PaperForm.blank_id.is_not(None),
        PaperForm.ended_at.is_(None),
    )
    return frozenset(one for one in scope.session.scalars(statement) if one is not None)


def get_last_blank_number(scope: TenantScope) -> int:
    """Return the highest number that was printed, 0 before the first."""
    statement = select(func.coalesce(func.max(BlankForm.number), 0)).where(
        BlankForm.tenant_id == scope.tenant_id
    )
    return int(scope.session.scalar(statement) or 0)
