"""LinkedIn: signing in, the member's own profile, posting in their name; other profiles only behind a switch."""

import secrets
from typing import Annotated, Any
from urllib.parse import urlsplit

from aiohttp import web
from msgspec import Meta, Struct

from agent_server.api.crm_calls import EnrichmentReply, asked, shown_enrichment
from agent_server.api.endpoint import Call, Resource
from agent_server.crm_sync.parts import CrmParts
from agent_server.web.errors import Problem
from crm.client import LIVE
from crm.contact import PersonKey
from crm.linkedin.sign_in import LinkedInSignIn
from crm.oauth_state import LIFETIME_S, StateRefused
from crm.provider import Provider

linkedin = Resource("linkedin", "LinkedIn, as the member who signed in.")

_COOKIE = "linkedin_sign_in"
_PATH = "/api/linkedin"


class LinkedInState(Struct, frozen=True):
    """`registered`: the app's id and secret are set. `scraping`: other people's profiles may be read."""

    registered: bool
    connected: bool
    scraping: bool


class CallbackQuery(Struct, frozen=True):
    code: str = ""
    state: str = ""
    error: str = ""
    error_description: str = ""


class Post(Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=3000)]


class Posted(Struct, frozen=True):
    id: str


class ProfileQuery(Struct, frozen=True, forbid_unknown_fields=True):
    profile_url: Annotated[str, Meta(min_length=10, max_length=500)]


@linkedin.get("/api/linkedin", scope="read", summary="Whether LinkedIn is connected")
async def linkedin_state(call: Call) -> LinkedInState:
    crm = _parts(call).crm
    connected = crm.sign_in is not None and await crm.is_connected("linkedin")
    return LinkedInState(crm.sign_in is not None, connected, crm.scraper is not None)


@linkedin.post("/api/linkedin/sign-in", scope="admin", summary="Begin to sign in", errors=(503,))
async def begin_sign_in(call: Call) -> Any:
    """`{"authorization_url": …}`: send the browser there. A cookie that comes along ties LinkedIn's answer to it."""
    sign_in = _sign_in(call)
    browser = secrets.token_urlsafe(24)
    response = web.json_response({"authorization_url": sign_in.start(browser)})
    secure = urlsplit(call.services.settings.process.public_url or "").scheme == "https"
    response.set_cookie(
        _COOKIE, browser, max_age=int(LIFETIME_S), path=_PATH, httponly=True, samesite="Lax", secure=secure
    )
    return response


@linkedin.get(
    "/api/linkedin/callback", scope=None, summary="Where LinkedIn sends the browser back to", errors=(400, 502, 503)
)
async def finish_sign_in(call: Call, query: CallbackQuery) -> LinkedInState:
    """The state proves that the sign-in was begun here, by this browser."""
    sign_in = _sign_in(call)
    browser = call.request.cookies.get(_COOKIE, "")
    if query.error or not query.code or not browser:
        raise Problem(400, "sign_in_refused", "LinkedIn did not grant access, or the sign-in was not begun here.")
    try:
        await asked(sign_in.finish(browser, query.state, query.code))
    except StateRefused as refusal:
        raise Problem(400, refusal.code, str(refusal)) from None
    return await linkedin_state(call)


@linkedin.delete("/api/linkedin", scope="admin", summary="Disconnect")
async def disconnect(call: Call) -> None:
    await _parts(call).crm.store.delete("linkedin")


@linkedin.get("/api/linkedin/profile", scope="read", summary="The member's own profile", errors=(502, 503))
async def own_profile(call: Call) -> EnrichmentReply:
    return shown_enrichment(await asked((await _provider(call)).profile(LIVE)))


@linkedin.post("/api/linkedin/posts", scope="write", summary="Post in the member's name", status=201, errors=(502, 503))
async def publish(call: Call, body: Post) -> Posted:
    """Posting twice posts twice."""
    return Posted(await asked((await _provider(call)).post(body.text, LIVE)))


@linkedin.post("/api/linkedin/profiles", scope="write", summary="Read a public profile", errors=(403, 404, 502, 503))
async def read_profile(call: Call, body: ProfileQuery) -> EnrichmentReply:
    """Off unless the operator turned it on and named a legal basis."""
    scraper = _parts(call).crm.scraper
    if scraper is None:
        raise Problem(403, "scraping_disabled", "Reading other people's profiles is switched off.")
    found = await asked(scraper.enrich_person(PersonKey(linkedin_url=body.profile_url)))
    if found is None:
        raise Problem(404, "no_match", "There is no such public profile.")
    return shown_enrichment(found)


async def _provider(call: Call) -> Provider:
    crm = _parts(call).crm
    if "linkedin" not in crm.providers or not await crm.is_connected("linkedin"):
        raise Problem(503, "not_connected", "Nobody has signed in with LinkedIn.")
    return crm.providers["linkedin"]


def _sign_in(call: Call) -> LinkedInSignIn:
    sign_in = _parts(call).crm.sign_in
    if sign_in is None:
        raise Problem(503, "not_registered", "Set LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET.")
    return sign_in


def _parts(call: Call) -> CrmParts:
    return call.services.crm
