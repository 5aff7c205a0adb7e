"""What stands in the way of a signature is told in the patient's language, never as an accident."""

import json
import uuid
from collections.abc import Iterator
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.catalogue.models import CatalogueVersion
from app.catalogue.shipped import canonical_json, shipped_catalogue
from app.consent.errors import FormNotSound
from app.consent.forms.services.publish_form import publish_shipped_form
from app.database.install import DatabaseUrls
from app.kit.clock import now
from app.kit.ids import new_id
from tests.consent.test_languages import ask_in
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.policies import decide
from tests.support.api import Api
from tests.support.engines import superuser_engine
from tests.support.signer import Signer


@pytest.fixture
def superuser(admin_url: str, urls: DatabaseUrls) -> Iterator[Engine]:
    """The server's own user, who may change what nobody else may."""
    engine = superuser_engine(admin_url, urls.app)
    yield engine
    engine.dispose()


def approve_without(made: MadePlan, language: str) -> uuid.UUID:
    """Approve a catalogue that says nothing in one language, as an older release did."""
    raw = json.loads(shipped_catalogue()[0])
    raw["locales"].pop(language)
    content = canonical_json(raw)
    version = CatalogueVersion(
        id=new_id(),
        number=2,
        content=content,
        sha256=sha256(content.encode()).digest(),
        approved_by=made.clinic.owner.id,
        approved_at=now(),
        in_force_from=now(),
    )
    with made.clinic.scope() as scope:
        version.tenant_id = scope.tenant_id
        scope.session.add(version)
    return version.id


def put_on_catalogue(superuser: Engine, made: MadePlan, catalogue: uuid.UUID) -> None:
    """Let a plan stand on another catalogue, as an imported one may."""
    with superuser.begin() as connection:
        connection.execute(
            text("UPDATE plan_version SET catalogue_version_id = :catalogue WHERE id = :version"),
            {"catalogue": catalogue, "version": made.version_id},
        )


def test_a_form_in_a_language_that_the_catalogue_lacks_is_not_published(context: Flask) -> None:
    made = make_discussed_plan(language="ar")
    approve_without(made, "ar")

    with (
        made.clinic.scope() as scope,
        pytest.raises(FormNotSound, match="no texts in"),
    ):
        publish_shipped_form(scope, locale="ar")

    with made.clinic.scope() as scope:
        assert publish_shipped_form(scope, locale="de").state == "published"


def test_a_plan_of_an_older_catalogue_is_not_asked_about_in_words_it_lacks(
    context: Flask, superuser: Engine
) -> None:
    made = make_discussed_plan(language="de")
    with made.clinic.scope() as scope:
        publish_shipped_form(scope, locale="de")
    put_on_catalogue(superuser, made, approve_without(made, "de"))

    refused = Api(context, made.clinic, made.practitioner).post(
        f"/plans/{made.plan_id}/consents", {}, expect=409
    )

    assert refused["code"] == "language_missing"
    assert "make a new version of the plan" in refused["detail"]


def test_a_patient_whose_form_has_no_words_reads_what_to_do(
    context: Flask, superuser: Engine
) -> None:
    asked = ask_in("de")
    signer = Signer(context, asked)
    signer.identify()
    answer = signer.post("/sign/electronic", {"way": "screen"})
    put_on_catalogue(superuser, asked.made, approve_without(asked.made, "de"))

    page = signer.get(answer.headers["Location"], expect=409)

    assert "Wir können Ihnen dieses Formular nicht in Ihrer Sprache zeigen" in page.text
    assert "rufen Sie die Klinik an" in page.text
    with asked.made.clinic.scope() as scope:
        assert asked.read(scope).signed_at is None


@pytest.mark.parametrize(
    ("policy", "value", "told"),
    [
        ("wait_days", 3, "zwischen dem Gespräch und der Einwilligung liegen 3 Tage"),
        ("talk_modes", ("video", "phone"), "die Behandlung wird per Video oder am Telefon"),
    ],
)
def test_a_rule_of_the_place_is_quoted_in_the_patients_language(
    context: Flask, policy: str, value: int | tuple[str, ...], told: str
) -> None:
    asked = ask_in("de")
    signer = Signer(context, asked)
    signer.reach_signature()
    decide(asked.made.clinic, policy, value, basis="guidance", source="Rundschreiben 7")

    page = signer.post("/sign/signature", signer.signing_fields(), expect=409)

    assert "Das kann heute nicht unterschrieben werden" in page.text
    assert told in page.text
    assert "Rundschreiben 7" in page.text
    assert "Clinic policy" not in page.text
    assert 'lang="de"' in page.text


def test_staff_read_the_same_rule_in_english(context: Flask) -> None:
    made = make_discussed_plan()
    decide(made.clinic, "talk_modes", ("phone",))
    with made.clinic.scope() as scope:
        publish_shipped_form(scope)

    refused = Api(context, made.clinic, made.practitioner).post(
        f"/plans/{made.plan_id}/consents", {}, expect=409
    )

    assert "A talk in person is not enough here. Clinic policy" in refused["detail"]
