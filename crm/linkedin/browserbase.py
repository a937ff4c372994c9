"""Browserbase: remote browsers by the session. ``X-BB-API-Key``; each session is billed a minute at least."""

from collections.abc import Mapping

from msgspec import UNSET, Struct, UnsetType, field

from crm import http
from crm.dialect import Dialect
from crm.http import Request, Response
from crm.limits import retry_after_s, seconds

GROUP = "sessions"
BASE_URL = "https://api.browserbase.com"


class BrowserbaseDialect(Dialect):
    """429 when more sessions run, or are opened in a minute, than the plan allows."""

    platform = "browserbase"

    def refusal_wait_s(self, response: Response, now: float) -> float:
        told = retry_after_s(response.headers, now)
        reset_s = seconds(response.headers.get("x-ratelimit-reset"))
        if told is not None:
            return told
        return 10.0 if reset_s is None else reset_s


class Session(Struct, frozen=True):
    """``connect_url`` is a WebSocket for the Chrome DevTools Protocol, good for five minutes; it holds a secret."""

    id: str
    connect_url: str = field(name="connectUrl")

    def __repr__(self) -> str:
        return f"Session({self.id})"


class _Settings(Struct, frozen=True, rename="camel"):
    block_ads: bool = True
    record_session: bool = False
    log_session: bool = False


class _NewSession(Struct, frozen=True, rename="camel"):
    timeout: int
    project_id: str | UnsetType = UNSET
    browser_settings: _Settings = _Settings()
    keep_alive: bool = False
    user_metadata: Mapping[str, str] = {}


def create(project_id: str | None, *, lifetime_s: int) -> Request:
    """A session that ends by itself after ``lifetime_s`` (at least 60). Nothing of it is recorded or logged there."""
    body = _NewSession(timeout=max(60, lifetime_s), project_id=project_id or UNSET)
    return http.send_json("POST", "/v1/sessions", GROUP, body, idempotent=False)


def release(session_id: str, project_id: str | None) -> Request:
    """End it early, so that it stops counting against the plan."""
    body = {"status": "REQUEST_RELEASE"} | ({"projectId": project_id} if project_id else {})
    return http.send_json("POST", f"/v1/sessions/{session_id}", "sessions:release", body, idempotent=True)


def key_headers(api_key: str) -> tuple[tuple[str, str], ...]:
    return (("x-bb-api-key", api_key),)
