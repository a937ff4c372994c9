"""OAuth 2.0 with an authorisation code (RFC 6749 section 4.1), as pure requests and readings.

No PKCE: it protects clients that cannot keep a secret; ours can, and LinkedIn accepts PKCE only from native apps it has
enabled for it. Against codes slipped in by others there is the signed state (``crm.oauth_state``).
"""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

import msgspec
from msgspec import Struct

from crm import http
from crm.credentials import Credential
from crm.dialect import Dialect
from crm.errors import BadAnswer, CrmError, GiveUp, Unauthorized
from crm.http import Request, Response, json_object, with_query

GROUP = "oauth:token"


class OAuthApp(Struct, frozen=True):
    """Our registration with a vendor. ``token_path`` lies below the base address of the client that sends it."""

    client_id: str
    client_secret: str
    redirect_uri: str
    authorize_url: str
    token_path: str
    scopes: tuple[str, ...]

    def __repr__(self) -> str:
        """Without the secret."""
        return f"OAuthApp({self.authorize_url}, scopes={self.scopes})"


class Tokens(Struct, frozen=True):
    """The token endpoint's answer; lifetimes in seconds."""

    access_token: str
    expires_in: int | None = None
    refresh_token: str | None = None
    scope: str | None = None


class TokenDialect(Dialect):
    """How token endpoints answer. A refused code or refresh token means that somebody has to sign in again."""

    platform: ClassVar[str] = "oauth"

    def _refusal(self, response: Response) -> CrmError:
        reason = _reason(response)
        if reason in ("invalid_grant", "access_denied") or (response.status == 401 and reason != "invalid_client"):
            message = "the sign-in is no longer good"
            return Unauthorized("reauthorization_required", message, platform=self.platform, status=response.status)
        if reason in ("invalid_client", "unauthorized_client"):
            message = "the vendor does not know this client id and secret"
            return Unauthorized("client_refused", message, platform=self.platform, status=response.status)
        message = "the token request was refused"
        return GiveUp("token_request_refused", message, platform=self.platform, status=response.status)


def authorization_url(app: OAuthApp, state: str) -> str:
    """Where to send the person who signs in. ``state`` comes back with the code and is to be checked then."""
    return with_query(
        app.authorize_url,
        {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "state": state,
            "scope": " ".join(app.scopes),
        },
    )


def exchange_code(app: OAuthApp, code: str) -> Request:
    """A code works once; a repeated exchange is refused."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
    return http.send_form(app.token_path, GROUP, form | _client(app), idempotent=False)


def refresh(app: OAuthApp, refresh_token: str) -> Request:
    """Vendors that replace the refresh token revoke the old one with it, so this is not repeated blindly."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return http.send_form(app.token_path, GROUP, form | _client(app), idempotent=False)


def granted(response: Response, before: Credential, now: datetime) -> Credential:
    """``before`` with the tokens of an answer; a refresh token that is not replaced stays. Raises BadAnswer."""
    try:
        tokens = msgspec.json.decode(response.body, type=Tokens)
    except msgspec.DecodeError as error:
        raise BadAnswer("unexpected_answer", "the answer holds no tokens", platform=before.platform) from error
    ends_at = None if tokens.expires_in is None else now.astimezone(UTC) + timedelta(seconds=tokens.expires_in)
    return msgspec.structs.replace(
        before,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or before.refresh_token,
        expires_at=ends_at,
        # RFC 6749 separates scopes by spaces, LinkedIn by commas
        scopes=tuple(tokens.scope.replace(",", " ").split()) if tokens.scope else before.scopes,
        is_active=True,
    )


def _client(app: OAuthApp) -> dict[str, str]:
    return {"client_id": app.client_id, "client_secret": app.client_secret}


def _reason(response: Response) -> str:
    try:
        return str(json_object(response).get("error", ""))
    except msgspec.DecodeError:
        return ""
