"""A settled payment gets one sealed receipt with the clinic's next number."""

import uuid

import pypdfium2
from flask import Flask

from app.billing.models import Receipt
from app.billing.payments import queries
from app.billing.payments.issue_receipt import issue_receipt
from app.documents.files import read_document
from app.documents.queries import get_document
from app.messaging.models import Message
from tests.billing.shop import Shop, choose
from tests.factories.billing import make_purchase


def receipt_of(shop: Shop, attempt_id: uuid.UUID) -> Receipt:
    with shop.clinic.scope() as scope:
        found = queries.find_receipt(scope, attempt_id)
    assert found is not None
    return found


def messages(shop: Shop, template: str) -> int:
    with shop.clinic.scope() as scope:
        return scope.session.query(Message).where(Message.template == template).count()


def test_a_receipt_says_what_was_paid_and_is_sent_once(shop: Shop) -> None:
    attempt = shop.settle(shop.pay().id)
    shop.run_jobs()
    with shop.clinic.scope() as scope:
        issue_receipt(scope, attempt_id=attempt.id)

    receipt = receipt_of(shop, attempt.id)
    assert (receipt.number, messages(shop, "receipt")) == (1, 1)
    assert receipt.document_id is not None
    with shop.clinic.scope() as scope:
        document = get_document(scope, receipt.document_id)
        text = text_of(read_document(scope, document.id))
    assert (document.kind, document.retention) == ("receipt", "financial")
    for value in ("£50.00 GBP", "Aoife Nguyễn", "Receipt 1", "£476.50 GBP"):
        assert value in text


def test_numbers_count_up_without_gaps_also_after_a_failure(shop: Shop, context: Flask) -> None:
    first = shop.settle(shop.pay().id)
    store = context.extensions.pop("needlepoint_store")
    try:
        with shop.clinic.scope() as scope:
            issue_receipt(scope, attempt_id=first.id)
    except KeyError:
        pass
    finally:
        context.extensions["needlepoint_store"] = store
    second = Shop(
        shop.app, shop.sim, shop.run_jobs, shop.clinic, shop.account, make_purchase(shop.clinic)
    )
    other = second.settle(second.pay().id)

    shop.run_jobs()

    numbers = [receipt_of(shop, one.id) for one in (first, other)]
    assert [one.number for one in numbers] == [1, 2]
    assert all(one.document_id for one in numbers)


def test_an_unpaid_attempt_gets_no_receipt(shop: Shop) -> None:
    attempt = shop.start()
    choose(attempt, "decline")

    with shop.clinic.scope() as scope:
        issue_receipt(scope, attempt_id=attempt.id)
        assert queries.find_receipt(scope, attempt.id) is None


def text_of(pdf: bytes) -> str:
    """Return the text of every page."""
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)
