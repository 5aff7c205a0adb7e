"""Stripe's error answers, each with the status, type and code that its API reference gives."""

from typing import Any

Json = dict[str, Any]


class StripeFailure(Exception):
    """An answer that is not 200. ``replayable`` says whether an idempotency key keeps it.

    Stripe keeps a result once a request has begun to execute; it keeps no refusal of a parameter,
    of a key, or of a request that collides with another.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        replayable: bool = False,
        **extra: Any,
    ) -> None:
        """Take the HTTP status and the parts of Stripe's ``error`` object."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.replayable = replayable
        self._body: Json = {"message": message, "type": kind, **extra}
        if code is not None:
            self._body["code"] = code
            self._body["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param is not None:
            self._body["param"] = param

    def as_json(self, *, second_version: bool) -> Json:
        """Return the body; the v2 API always names a code and never a parameter."""
        if not second_version:
            return {"error": dict(self._body)}
        kept = {"message", "type", "code", "doc_url"}
        body = {key: value for key, value in self._body.items() if key in kept}
        return {"error": {"code": "invalid_request", **body}}


def invalid(message: str, *, code: str | None = None, param: str | None = None) -> StripeFailure:
    """Return a 400 for a parameter that Stripe would refuse before doing anything."""
    return StripeFailure(400, message, code=code, param=param)


def missing_object(noun: str, object_id: str, *, param: str = "id") -> StripeFailure:
    """Return the 404 for an object that does not exist in the account that asks."""
    return StripeFailure(
        404,
        f"No such {noun}: '{object_id}'",
        code="resource_missing",
        param=param,
        replayable=True,
    )


def conflict(message: str) -> StripeFailure:
    """Return the 400 for an object whose state forbids what was asked."""
    return StripeFailure(400, message, replayable=True)


def unauthorized(message: str) -> StripeFailure:
    """Return the 401 for a missing, unknown or live key."""
    return StripeFailure(401, message)


def idempotency_mismatch(key: str) -> StripeFailure:
    """Return the 400 for a key that was used before with other parameters."""
    return StripeFailure(
        400,
        "Keys for idempotent requests can only be used with the same parameters they were first "
        f"used with. Try using a key other than '{key}' if you meant to execute a different "
        "request.",
        kind="idempotency_error",
    )


def still_running(key: str) -> StripeFailure:
    """Return the 409 for a key whose first request has not ended yet."""
    return StripeFailure(
        409,
        "There is currently another in-progress request using this Idempotent Key "
        f"({key}). Please try again later.",
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


def locked() -> StripeFailure:
    """Return the 429 for an object that another request holds."""
    return StripeFailure(
        429,
        "This object cannot be accessed right now because another API request or Stripe process "
        "is currently accessing it. Please retry the request.",
        code="lock_timeout",
    )


def outage(status: int) -> StripeFailure:
    """Return Stripe's own failure, 500 or 503."""
    return StripeFailure(status, "An unknown error occurred", kind="api_error")
