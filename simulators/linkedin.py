"""LinkedIn: signing in with OAuth 2.0, the member's own data, and posting; one host serves all."""

import html
import re
import time
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from msgspec import Struct

from simulators.delays import Constant, Distribution
from simulators.faults import Fault
from simulators.rest import Answer, Refused, RestDoor
from simulators.simulation import BaseUrls, Simulation

NAME = "linkedin"
PREFIX = "/linkedin"
CLIENT_ID = "simulated-linkedin-client"
_CALLBACK = "/api/linkedin/callback"
_AT_A_PORT = re.compile(r"(?<=^http://127\.0\.0\.1):\d+")
_VERSION = re.compile(r"20\d\d(0[1-9]|1[0-2])")
_VISIBILITIES = ("PUBLIC", "CONNECTIONS", "LOGGED_IN")
_FEEDS = ("MAIN_FEED", "NONE")
_CODE_LIFE_S = 1800.0
_DAY_S = 86400.0


class Member(Struct, frozen=True):
    """Whoever signs in."""

    sub: str = "m3mb3r"
    given_name: str = "Sam"
    family_name: str = "Ple"
    email: str = "sam.ple@example.com"


class LinkedInOptions(Struct, frozen=True):
    """``refresh_tokens``: as approved partners have them; a refreshed token leaves the refresh token as it is.
    ``daily_limit`` counts by access token and begins anew at midnight UTC. ``versions``: those of the Posts API that
    are served, None: all."""

    refresh_tokens: bool = False
    token_life_s: float = 60 * _DAY_S
    daily_limit: int = 100
    versions: tuple[str, ...] | None = None
    member: Member = Member()


class LinkedIn:
    """The provider. ``posts`` are what was published; ``revoke`` ends all tokens."""

    delays: ClassVar[Mapping[str, Distribution]] = {f"{NAME}.answer_ms": Constant(0)}

    def __init__(self, simulation: Simulation, clock: Callable[[], float] = time.time) -> None:
        self.options = LinkedInOptions()
        self.posts: list[dict[str, Any]] = []
        self.client_secret = simulation.key(NAME)
        self.redirect_uris = {f"http://127.0.0.1{_CALLBACK}"}
        """Where a code may be sent; LinkedIn refuses any other address. At 127.0.0.1 the port is left open, so that a
        server may have any."""
        self._clock = clock
        self._random = Random(f"{simulation.config.seed}/linkedin")
        self._codes: dict[str, tuple[str, str, float]] = {}
        self._tokens: dict[str, tuple[str, float]] = {}
        self._refresh_tokens: dict[str, str] = {}
        self._calls: dict[tuple[str, int], int] = {}
        self._open_door = RestDoor(simulation, NAME, guard=lambda request: {}, word=_in_words)
        self._door = RestDoor(simulation, NAME, guard=self._guard, word=_in_words)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {
            "LINKEDIN_CLIENT_ID": CLIENT_ID,
            "LINKEDIN_CLIENT_SECRET": self.client_secret,
            "LINKEDIN_API_BASE": f"{urls.http}{PREFIX}",
        }

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get(f"{PREFIX}/oauth/v2/authorization", self._ask_consent)
        yield web.post(f"{PREFIX}/oauth/v2/authorization", self._consent)
        yield web.post(f"{PREFIX}/oauth/v2/accessToken", self._token)
        yield web.get(f"{PREFIX}/v2/userinfo", self._door.handler(self._userinfo))
        yield web.post(f"{PREFIX}/rest/posts", self._door.handler(self._post))

    def revoke(self) -> None:
        """The member withdraws the permission."""
        self._tokens.clear()
        self._refresh_tokens.clear()

    async def _ask_consent(self, request: web.Request) -> web.Response:
        """The page a browser sees."""
        problem = self._problem(request.query)
        if problem:
            return web.Response(
                text=f"<h1>Bummer, something went wrong.</h1><p>{problem}</p>", content_type="text/html"
            )
        fields = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in request.query.items()
        )
        buttons = (
            '<button name="answer" value="allow">Allow</button><button name="answer" value="cancel">Cancel</button>'
        )
        page = f"<h1>Simulated LinkedIn</h1><form method=post>{fields}{buttons}</form>"
        return web.Response(text=page, content_type="text/html")

    async def _consent(self, request: web.Request) -> web.Response:
        """Sends the browser back, with a code or with what came in between."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if self._problem(form):
            return web.Response(status=400, text="<h1>Bummer</h1>", content_type="text/html")
        if form.get("answer") == "cancel":
            told = {"error": "user_cancelled_authorize", "error_description": "The user cancelled the authorization"}
        else:
            code = self._random.randbytes(24).hex()
            self._codes[code] = (form["redirect_uri"], form["scope"], self._clock() + _CODE_LIFE_S)
            told = {"code": code}
        raise web.HTTPFound(f"{form['redirect_uri']}?{urlencode(told | {'state': form.get('state', '')})}")

    def _problem(self, query: Mapping[str, str]) -> str | None:
        if query.get("client_id") != CLIENT_ID or query.get("response_type") != "code" or not query.get("scope"):
            return "The client is not known."
        if _AT_A_PORT.sub("", query.get("redirect_uri", "")) not in self.redirect_uris:
            return "The redirect_uri does not match the registered value"
        return None

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = dict(parse_qsl((await request.read()).decode()))
        return await self._open_door.handler(lambda request, body: self._grant(form))(request)

    def _grant(self, form: Mapping[str, str]) -> Answer:
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != self.client_secret:
            raise _oauth_error(401, "invalid_client", "Client authentication failed")
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form.get("refresh_token", ""))
        redirect_uri, scope, ends_at = self._codes.pop(form.get("code", ""), ("", "", 0.0))
        if redirect_uri != form.get("redirect_uri") or self._clock() > ends_at:
            message = "Unable to retrieve access token: appid/redirect uri/code verifier does not match"
            raise _oauth_error(400, "invalid_grant", message)
        granted = self._new_token(scope)
        if self.options.refresh_tokens:
            refresh_token = f"AQR{self._random.randbytes(24).hex()}"
            self._refresh_tokens[refresh_token] = scope
            granted |= {"refresh_token": refresh_token, "refresh_token_expires_in": int(365 * _DAY_S)}
        return Answer(granted)

    def _refreshed(self, refresh_token: str) -> Answer:
        scope = self._refresh_tokens.get(refresh_token)
        if scope is None:
            raise _oauth_error(400, "invalid_grant", "The provided refresh token is invalid, expired or revoked")
        return Answer(self._new_token(scope) | {"refresh_token": refresh_token})

    def _new_token(self, scope: str) -> dict[str, Any]:
        token = f"AQX{self._random.randbytes(32).hex()}"
        self._tokens[token] = (scope, self._clock() + self.options.token_life_s)
        return {"access_token": token, "expires_in": int(self.options.token_life_s), "scope": scope.replace(" ", ",")}

    def _guard(self, request: web.Request) -> dict[str, str]:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        scope, ends_at = self._tokens.get(token, ("", 0.0))
        now = self._clock()
        if not scope:
            raise _api_error(401, 65600, "Invalid access token")
        if now >= ends_at:
            raise _api_error(401, 65601, "The token used in the request has expired")
        needed = "w_member_social" if request.path.endswith("/posts") else "profile"
        if needed not in scope.split():
            raise _api_error(403, 100, f"Not enough permissions to access: {request.method} {request.path}")
        day = int(now // _DAY_S)
        self._calls[token, day] = self._calls.get((token, day), 0) + 1
        if self._calls[token, day] > self.options.daily_limit:
            raise _api_error(429, 101, "Resource level throttle DAY limit for calls to this resource is reached.")
        return {}

    def _userinfo(self, request: web.Request, body: Any) -> Answer:
        member = self.options.member
        return Answer(
            {
                "sub": member.sub,
                "name": f"{member.given_name} {member.family_name}",
                "given_name": member.given_name,
                "family_name": member.family_name,
                "picture": "https://media.licdn.com/simulated.jpg",
                "locale": {"country": "US", "language": "en"},
                "email": member.email,
                "email_verified": True,
            }
        )

    def _post(self, request: web.Request, body: Any) -> Answer:
        version = request.headers.get("LinkedIn-Version", "")
        if not _VERSION.fullmatch(version):
            raise _api_error(
                400, 0, "A version must be present. Please specify a version by adding the LinkedIn-Version header."
            )
        if request.headers.get("X-Restli-Protocol-Version") != "2.0.0":
            raise _api_error(400, 0, "X-Restli-Protocol-Version must be 2.0.0")
        if self.options.versions is not None and version not in self.options.versions:
            raise _api_error(426, 0, f"Requested version {version} is not active")
        if body.get("author") != f"urn:li:person:{self.options.member.sub}" or not body.get("commentary"):
            raise _api_error(422, 0, "Field author or commentary is not valid")
        feed = (body.get("distribution") or {}).get("feedDistribution")
        if not (
            body.get("visibility") in _VISIBILITIES and feed in _FEEDS and body.get("lifecycleState") == "PUBLISHED"
        ):
            raise _api_error(422, 0, "Field visibility, distribution or lifecycleState is not valid")
        if any(post["commentary"] == body["commentary"] for post in self.posts):
            raise _api_error(422, 0, "Content is a duplicate of an earlier post")
        urn = f"urn:li:share:{self._random.randrange(10**18, 10**19)}"
        self.posts.append(dict(body) | {"id": urn})
        return Answer(None, 201, {"x-restli-id": urn})


def _oauth_error(status: int, error: str, description: str) -> Refused:
    return Refused(status, {"error": error, "error_description": description})


def _api_error(status: int, code: int, message: str) -> Refused:
    return Refused(status, {"status": status, "serviceErrorCode": code, "message": message})


def _in_words(fault: Fault) -> Refused:
    if fault.kind == "rate_limit":
        headers = {} if fault.retry_after_s is None else {"Retry-After": f"{fault.retry_after_s:.0f}"}
        return Refused(429, {"status": 429, "serviceErrorCode": 101, "message": "Throttled"}, headers)
    return Refused(fault.status or 500, {"status": fault.status or 500, "message": "Internal Server Error"})
