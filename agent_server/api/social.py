"""What a lead's company says in public: its accounts and what they posted."""

import asyncio
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.api.leads import existing_lead
from agent_server.web.errors import Problem
from pipelines.social.values import Network, State
from pipelines.tools.port import ToolError

social = Resource("social", "What companies say in public.")

MOST_POSTS: Final = 100


class SocialAccount(Struct, frozen=True, kw_only=True):
    """The website is the first. `state`: `read`; `searched` (what a web search knows of it); `login` (shown to who
    signs in alone), `not_allowed` (robots.txt), `busy` (asked to be left alone for a while), `unavailable` (no answer
    that can be read), `found` (nothing there is read)."""

    network: Network
    handle: str
    url: str
    state: State
    fetched_at: datetime


class SocialPost(Struct, frozen=True, kw_only=True):
    """`author`: the account's handle. Title and text are what others wrote, without markup."""

    network: Network
    author: str
    url: str
    title: str
    text: str
    published_at: datetime | None
    fetched_at: datetime


class LeadSocial(Struct, frozen=True, kw_only=True):
    """`posts`: the newest first. `looked_at`: null before the first look."""

    accounts: list[SocialAccount]
    posts: list[SocialPost]
    looked_at: datetime | None


class SocialQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MOST_POSTS)] = 20


class SocialLook(Struct, frozen=True, forbid_unknown_fields=True):
    """`time_limit_s`: who does not answer by then is left out, and there for the next look."""

    time_limit_s: Annotated[int, Meta(ge=1, le=15)] = 10


@social.get("/api/leads/{id}/social", scope="read", summary="What a lead's company posted", errors=(404,))
async def get_social(call: Call, query: SocialQuery) -> LeadSocial:
    """What was found by the last look; nobody is asked."""
    lead = await existing_lead(call)
    return await _shown(call, lead.id, query.limit)


@social.post(
    "/api/leads/{id}/social", scope="write", summary="Look what a company posted", errors=(404, 409, 422, 503, 504)
)
async def look_at_social(call: Call, body: SocialLook) -> LeadSocial:
    """Reads the website of the lead for accounts, and of these what is public without a login; of one company at most
    every ten minutes."""
    lead = await existing_lead(call)
    if not call.services.settings.agents.social_research:
        raise Problem(409, "social_switched_off", "SOCIAL_RESEARCH is off: nothing is looked up.")
    if not lead.company_website:
        raise Problem(422, "no_website", "The lead has no website; add it first.", param="company_website")
    try:
        async with asyncio.timeout(body.time_limit_s):
            await call.services.social.look(lead.company_website, lead_id=lead.id, now_please=True)
    except TimeoutError:
        message = "It takes longer, and goes on; ask again in some seconds."
        raise Problem(504, "social_timeout", message, retry_after_s=5.0) from None
    except ToolError as error:
        status = 422 if error.code in ("invalid_arguments", "address_not_allowed") else 503
        code = "invalid_website" if error.code == "invalid_arguments" else error.code
        wait_s = 5.0 if error.retryable else None
        param = "company_website" if status == 422 else None
        raise Problem(status, code, str(error), param=param, retry_after_s=wait_s) from error
    return await _shown(call, lead.id, SocialQuery().limit)


async def _shown(call: Call, lead_id: UUID, most: int) -> LeadSocial:
    accounts, posts = await call.services.social.of_lead(lead_id, most=most)
    return LeadSocial(
        accounts=msgspec.convert(accounts, list[SocialAccount], from_attributes=True),
        posts=msgspec.convert(posts, list[SocialPost], from_attributes=True),
        looked_at=max((account.fetched_at for account in accounts), default=None),
    )
