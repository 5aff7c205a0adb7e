"""Webhook endpoints: for the platform's own events, or for those of its connected accounts."""

from urllib.parse import urlsplit

from stripesim.core import DEFAULT_VERSION, KNOWN_VERSIONS, Call
from stripesim.failures import Json, invalid
from stripesim.ids import new_id
from stripesim.listing import page_of
from stripesim.shapes import (
    EXPAND,
    flag,
    list_of,
    listing,
    mapping,
    metadata,
    one_of,
    text,
    web_address,
)

_LOCAL = ("127.0.0.1", "::1", "localhost")


def _local_address(value: object, path: str) -> str:
    """Take an address on this machine: the simulator never calls out of it."""
    address = web_address(value, path)
    if urlsplit(address).hostname not in _LOCAL:
        raise invalid(
            "The simulator delivers to this machine only: use 127.0.0.1 or localhost.",
            code="url_invalid",
            param=path,
        )
    return address


ENDPOINT_CREATE = mapping(
    {
        "url": _local_address,
        "enabled_events": list_of(text()),
        "api_version": one_of(*KNOWN_VERSIONS),
        "connect": flag,
        "description": text(),
        "metadata": metadata,
        "expand": EXPAND,
    },
    required=("enabled_events", "url"),
)
ENDPOINT_LIST = listing()
NOTHING = mapping({})


def create_endpoint(call: Call) -> Json:
    """POST /v1/webhook_endpoints: the answer alone carries the signing secret."""
    secret = new_id("whsec_")
    endpoint: Json = {
        "id": new_id("we_1"),
        "object": "webhook_endpoint",
        "api_version": call.get("api_version"),
        "application": None,
        "created": call.now,
        "description": call.get("description"),
        "enabled_events": call.params["enabled_events"],
        "livemode": False,
        "metadata": call.get("metadata", {}),
        "status": "enabled",
        "url": call.params["url"],
    }
    call.core.store.put(call.account, endpoint)
    call.core.store.keep_note(
        f"endpoint:{endpoint['id']}",
        {
            "account": call.account,
            "connect": bool(call.get("connect", False)),
            "secret": secret,
            "version": call.get("api_version") or DEFAULT_VERSION,
        },
    )
    return {**endpoint, "secret": secret}


def list_endpoints(call: Call) -> Json:
    """GET /v1/webhook_endpoints."""
    return page_of(call, "webhook_endpoint", url="/v1/webhook_endpoints")


def delete_endpoint(call: Call) -> Json:
    """DELETE /v1/webhook_endpoints/{id}: what waits for it is given up."""
    endpoint = call.require("webhook_endpoint", call.path["id"], noun="webhook endpoint")
    call.core.store.rows(
        "UPDATE deliveries SET state = 'dropped' WHERE endpoint = ? AND state = 'pending'",
        endpoint["id"],
    )
    call.core.store.delete(endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
