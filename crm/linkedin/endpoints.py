"""Where LinkedIn lives: signing in happens on one host, the API on another."""

from msgspec import Struct

from crm.oauth import OAuthApp, TokenDialect

SIGN_IN = ("openid", "profile", "email")
POSTING = "w_member_social"
"""The scope that posting needs; LinkedIn grants it with the product "Share on LinkedIn"."""


class LinkedInTokenDialect(TokenDialect):
    platform = "linkedin"


class Endpoints(Struct, frozen=True):
    """Base addresses without a trailing slash."""

    sign_in: str = "https://www.linkedin.com"
    api: str = "https://api.linkedin.com"

    @classmethod
    def at(cls, base: str | None) -> "Endpoints":
        """Both on one host, as a simulator or proxy has them; None or LinkedIn's own address: LinkedIn's two hosts."""
        plain = (base or "").rstrip("/")
        return cls(plain, plain) if plain not in ("", cls().api) else cls()


def app(
    client_id: str, client_secret: str, redirect_uri: str, endpoints: Endpoints, *, posting: bool = True
) -> OAuthApp:
    """Our registration. Its token requests go to the client of ``endpoints.sign_in``."""
    return OAuthApp(
        client_id=client_id,
        client_secret=client_secret,
        redirect_uri=redirect_uri,
        authorize_url=f"{endpoints.sign_in}/oauth/v2/authorization",
        token_path="/oauth/v2/accessToken",  # noqa: S106 - a path
        scopes=(*SIGN_IN, POSTING) if posting else SIGN_IN,
    )
