"""Who may connect to Deepgram, and how a refusal looks.

Bodies and codes: https://developers.deepgram.com/reference/errors; the ``dg-error`` header is what the vendor's own
samples print for a refused handshake.
"""

from uuid import uuid4

from aiohttp import web

from simulators.faults import Fault
from simulators.simulation import Simulation

_CODES = {
    400: ("INVALID_QUERY_PARAMETER", "Failed to deserialize query parameters"),
    401: ("INVALID_AUTH", "Invalid credentials."),
    402: ("ASR_PAYMENT_REQUIRED", "Project does not have enough credits for an ASR request."),
    403: ("INSUFFICIENT_PERMISSIONS", "User does not have sufficient permissions."),
    429: ("TOO_MANY_REQUESTS", "Too many requests. Please try again later."),
    503: ("SERVICE_UNAVAILABLE", "Service is temporarily unavailable."),
}


def refusal(status: int, message: str | None = None, retry_after_s: float | None = None) -> web.Response:
    """The answer to a handshake or request that is turned down."""
    code, usual = _CODES.get(status, ("INTERNAL_SERVER_ERROR", "Internal server error."))
    text = usual if message is None else message
    request_id = str(uuid4())
    headers = {"dg-request-id": request_id, "dg-error": text}
    if retry_after_s is not None:
        headers["Retry-After"] = f"{retry_after_s:g}"
    body = {"err_code": code, "err_msg": text, "request_id": request_id}
    return web.json_response(body, status=status, headers=headers)


def refusal_of(fault: Fault) -> web.Response:
    """A connect-time fault in Deepgram's words."""
    usual = {"rate_limit": 429, "server_error": 500}.get(fault.kind, 503)
    return refusal(fault.status or usual, None, fault.retry_after_s)


class Credentials:
    """The API key and the short-lived tokens it granted."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._tokens: dict[str, float] = {}

    def grant(self, ttl_s: float) -> str:
        token = f"simulated.{uuid4().hex}"
        self._tokens[token] = self._simulation.clock.now() + ttl_s
        return token

    def allow(self, request: web.Request) -> bool:
        """Checks ``Authorization: Token <key>``, ``Bearer <token>``, or the sub-protocol form that browsers use."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
            scheme, secret = (offered[0], offered[1]) if len(offered) == 2 else ("", "")
        secret = secret.strip()
        match scheme.strip().lower():
            case "token":
                return secret == self._simulation.key("deepgram")
            case "bearer":
                return self._tokens.get(secret, 0.0) > self._simulation.clock.now()
            case _:
                return False
