"""Whoever pays reads their own language: on the pages, on the receipt, in the message about it."""

import pytest

from app.billing.payments import queries
from app.billing.payments.pay_links import pay_token
from app.billing.quote import terms_sha256
from app.billing.receipt_paper import ReceiptValues, draft_of
from app.documents.compose import render
from app.documents.files import read_document
from app.patients.queries import get_patient
from tests.billing.shop import Shop
from tests.consent.test_nothing_in_english import KNOWN, words_on
from tests.factories.billing import TERMS
from tests.support.left_english import english_in_arabic, english_in_german
from tests.support.papers import text_of_pdf

BASE = "https://localhost"
TYPED_IN = "Face, three treatments"


def reads(shop: Shop, language: str) -> None:
    with shop.clinic.scope() as scope:
        get_patient(scope, shop.purchase.patient_id).language = language


def left_in(text: str) -> list[str]:
    known = f"{KNOWN}{TYPED_IN} Stripe"
    return english_in_arabic(text.replace(TERMS, ""), known)


def test_a_deposit_is_asked_for_and_thanked_for_in_arabic(shop: Shop) -> None:
    reads(shop, "ar")
    with shop.clinic.scope() as scope:
        token = pay_token(scope, shop.purchase.id)
    client = shop.app.test_client()
    paths = ["/pay?lang=ar", "/pay/closed?lang=ar", "/pay/done?lang=ar"]
    pages = [client.get(path, base_url=BASE).text for path in paths]
    client.post("/api/v1/pay/exchange", json={"token": token}, base_url=BASE)
    pages.append(client.get("/pay/deposit", base_url=BASE).text)
    pages.append(client.get("/pay/done", base_url=BASE).text)
    shop.settle(shop.pay().id)
    pages.append(client.get("/pay/done", base_url=BASE).text)

    assert [left_in(words_on(page)) for page in pages] == [[]] * len(pages)
    assert all('lang="ar" dir="rtl"' in page for page in pages)
    assert "شكرًا لك. وصلت دفعتك" in pages[-1]


def test_a_receipt_is_in_arabic(shop: Shop) -> None:
    reads(shop, "ar")
    attempt = shop.settle(shop.pay().id)
    shop.run_jobs()

    with shop.clinic.scope() as scope:
        receipt = queries.find_receipt(scope, attempt.id)
        assert receipt is not None
        assert receipt.document_id is not None
        text = text_of_pdf(read_document(scope, receipt.document_id))
    assert left_in(" ".join(one for one in text.split() if "_" not in one)) == []
    assert "إيصال" in text


def test_a_receipt_in_german_names_amounts_as_germans_write_them() -> None:
    values = ReceiptValues(
        number=7,
        clinic_name="Praxis am Markt",
        clinic_address="Markt 1, Jena",
        location_name="Markt",
        zone="Europe/Berlin",
        page="A4",
        language="de",
        accent="#1f5f5b",
        mark="",
        patient_name="Zoë Groß",
        package_name="Gesicht, drei Behandlungen",
        purpose="deposit",
        amount_minor=5000,
        price_minor=152650,
        paid_minor=5000,
        currency="EUR",
        paid_at="2026-11-22T09:30:00+00:00",
        reference="R-1",
        provider_reference="ch_1",
        terms="",
        terms_sha256=terms_sha256({}).hex(),
    )

    text = text_of_pdf(render(draft_of(values)).data)

    assert english_in_german(text, "") == []
    for told in ("Beleg 7", "50,00", "1.526,50", "Sonntag, 22. November 2026", "Groß"):
        assert told in text, told


@pytest.mark.parametrize("path", ["/pay/deposit", "/pay/receipt"])
def test_without_a_payment_the_page_says_so_in_the_browsers_language(shop: Shop, path: str) -> None:
    answer = shop.app.test_client().get(f"{path}?lang=ar", base_url=BASE)

    assert answer.status_code == 410
    assert left_in(words_on(answer.text)) == []
