"""The same unsafe request sent twice gets the first answer again.

A key belongs to an actor, a clinic and a route, and comes with a hash of the body: the same key
with another body is refused. A repeat that finds the key started resumes the same work, so the
service behind it must be one that can be resumed. An answer may hold what is known of a patient, so
it is kept for a day, encrypted, and goes at once when that patient is erased.
"""

import hmac
import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar

from flask import Response, current_app, request
from sqlalchemy import delete, false, or_, select
from sqlalchemy.dialects.postgresql import insert

from app import jobs
from app.database import TenantScope
from app.database.idempotency_models import IdempotencyKey
from app.errors import BadRequest, Conflict
from app.kit.clock import now
from app.kit.ids import new_id
from app.vault import open_file_for_clinic, seal_file_for_clinic

View = TypeVar("View", bound=Callable[..., Any])
LONGEST_KEY = 200
REFUSED = 400
KEPT = timedelta(days=1)


class KeyMissing(BadRequest):
    """An unsafe call came without an idempotency key."""

    code = "idempotency_key_missing"
    title = "Send an Idempotency-Key with this request"


class KeyUsedOtherwise(Conflict):
    """The key was used with another body."""

    code = "idempotency_key_reused"
    title = "This key was used for another request"


def idempotent(view: View) -> View:
    """Answer a repeated request with the first answer. Goes below the guard: needs its scope."""

    @wraps(view)
    def once(scope: TenantScope, *args: Any, **kwargs: Any) -> Any:
        row = _claim(scope, _sent_key(), _body_hash())
        if row.state == "done":
            return _replay(scope, row)
        response = current_app.make_response(view(scope, *args, **kwargs))
        row = _locked(scope, row)
        if response.status_code >= REFUSED:
            # Nothing was done: the same form, put right, may be sent with its key again.
            scope.session.delete(row)
            return response
        row.state, row.status = "done", response.status_code
        row.body = seal_file_for_clinic(scope, object_name=_name(row.id), data=response.get_data())
        row.location = response.headers.get("Location")
        return response

    once.__idempotent__ = True  # type: ignore[attr-defined]  # read by the OpenAPI document
    return once  # type: ignore[return-value]  # the same view, once


def _sent_key() -> str:
    key = request.headers.get("Idempotency-Key") or request.form.get("idempotency_key", "")
    if not 8 <= len(key) <= LONGEST_KEY:
        raise KeyMissing
    return key


def _body_hash() -> bytes:
    # Keyed, since a body may hold a password, which a plain hash would let others guess quickly.
    if request.mimetype == "multipart/form-data":
        body = repr(_parts()).encode()
    else:
        body = request.get_data(cache=True) or repr(sorted(request.form.items(True))).encode()
    return hmac.digest(current_app.config["SECRET_KEY"].encode(), b"body|" + body, "sha256")


def _parts() -> list[tuple[str, str]]:
    """Return what a multipart form holds; the line between its parts is another each time."""
    parts = list(request.form.items(multi=True))
    for name, file in request.files.items(multi=True):
        parts.append((name, sha256(file.stream.read()).hexdigest()))
        file.stream.seek(0)
    return sorted(parts)


def _claim(scope: TenantScope, key: str, body_hash: bytes) -> IdempotencyKey:
    """Insert the key, or wait for whoever holds it and return what they left."""
    statement = insert(IdempotencyKey).values(
        tenant_id=scope.tenant_id,
        id=new_id(),
        actor_id=scope.actor.id or scope.tenant_id,
        route=_route(),
        key=key,
        request_sha256=body_hash,
        state="started",
        created_at=now(),
    )
    scope.session.execute(statement.on_conflict_do_nothing())
    row: IdempotencyKey = scope.session.scalars(_find(scope, key)).one()
    if row.request_sha256 != body_hash:
        raise KeyUsedOtherwise
    return row


def _find(scope: TenantScope, key: str) -> Any:
    return (
        select(IdempotencyKey)
        .where(
            IdempotencyKey.tenant_id == scope.tenant_id,
            IdempotencyKey.actor_id == (scope.actor.id or scope.tenant_id),
            IdempotencyKey.route == _route(),
            IdempotencyKey.key == key,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _locked(scope: TenantScope, row: IdempotencyKey) -> IdempotencyKey:
    found: IdempotencyKey = scope.session.scalars(_find(scope, row.key)).one()
    return found


def _route() -> str:
    return f"{request.method} {request.endpoint} {request.path}"


def _name(row_id: uuid.UUID) -> str:
    return f"idempotency/{row_id}"


def _body(scope: TenantScope, row_id: uuid.UUID, body: bytes | None) -> bytes:
    if body is None:
        return b""
    return open_file_for_clinic(scope, object_name=_name(row_id), data=body)


def _replay(scope: TenantScope, row: IdempotencyKey) -> Response:
    response = Response(_body(scope, row.id, row.body), row.status or 200)
    response.headers["Idempotent-Replayed"] = "true"
    if row.location:
        response.headers["Location"] = row.location
    else:
        is_page = not request.path.startswith("/api/")
        response.content_type = "text/html; charset=utf-8" if is_page else "application/json"
    return response


def forget_answers(
    scope: TenantScope, *, before: datetime, naming: Collection[uuid.UUID] = ()
) -> None:
    """Forget the answers from before an instant, and younger ones that name one of these ids."""
    named = [
        clause
        for one in map(str, naming)
        for clause in (
            IdempotencyKey.route.contains(one),
            IdempotencyKey.location.contains(one),
        )
    ]
    if naming:
        named.append(IdempotencyKey.id.in_(_told_of(scope, naming)))
    # A request that is still being answered looks for its key, which holds no answer yet.
    is_done = IdempotencyKey.state == "done"
    scope.session.execute(
        delete(IdempotencyKey)
        .where(IdempotencyKey.tenant_id == scope.tenant_id)
        .where(or_(IdempotencyKey.created_at < before, is_done & or_(false(), *named)))
        .execution_options(synchronize_session=False)
    )


def _told_of(scope: TenantScope, naming: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return the keys whose answers name one of these ids; nobody but the clinic can read them."""
    kept = select(IdempotencyKey.id, IdempotencyKey.body).where(
        IdempotencyKey.tenant_id == scope.tenant_id, IdempotencyKey.body.is_not(None)
    )
    ids = [str(one).encode() for one in naming]
    return [
        row_id
        for row_id, body in scope.session.execute(kept)
        if any(one in _body(scope, row_id, body) for one in ids)
    ]


@jobs.handler("idempotency.forget_answers", nightly=True)
def forget_old_answers(scope: TenantScope) -> None:
    """Forget what nobody asks for again."""
    forget_answers(scope, before=now() - KEPT)
