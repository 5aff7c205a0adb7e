"""Text messages by a provider's HTTP API: one form post a message, answered with JSON.

The shape is that of Twilio's Messages resource, which several providers offer as well: a POST to
``/2010-04-01/Accounts/{account}/Messages.json`` with To, From and Body, Basic authentication, and
201 when it was taken. What became of it on the way to the phone is not asked for.
"""

import base64
import http.client
import ssl
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from app.messaging.transport import TIMEOUT_SECONDS, Letter, MessageNotSent

HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class TextMessages:
    """Delivery by a provider, "https://account:token@host"; plain http on this machine only."""

    def __init__(self, url: str, sender: str) -> None:
        self._parts = checked_provider(url)
        self._sender = sender

    def carries(self, channel: str) -> bool:
        """Whether messages of a channel leave by this way."""
        return channel == "sms"

    def deliver(self, letter: Letter) -> None:
        """Send a text message; raises MessageNotSent, whose text holds no number and no code."""
        account = quote(unquote(self._parts.username or ""), safe="")
        path = f"/2010-04-01/Accounts/{account}/Messages.json"
        body = urlencode({"To": letter.to, "From": self._sender, "Body": letter.body.strip()})
        connection = self._connection()
        try:
            connection.request("POST", path, body.encode(), self._headers(letter))
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as problem:
            told = f"the provider of text messages did not answer: {type(problem).__name__}"
            raise MessageNotSent(told) from problem
        finally:
            connection.close()
        if status != http.HTTPStatus.CREATED:
            # Its body may repeat the number, so that only the status is kept.
            raise MessageNotSent(f"the provider of text messages refused: {status}")

    def _headers(self, letter: Letter) -> dict[str, str]:
        account, token = unquote(self._parts.username or ""), unquote(self._parts.password or "")
        credentials = base64.b64encode(f"{account}:{token}".encode()).decode()
        return {
            "Authorization": f"Basic {credentials}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "Idempotency-Key": str(letter.id),
        }

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)


def checked_provider(url: str) -> SplitResult:
    """Return the parts of a provider's address; raises ValueError for one that is not safe."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
    if not is_safe or not parts.hostname or not parts.username or not parts.password:
        raise ValueError("a provider of text messages is https://account:token@host")
    return parts
