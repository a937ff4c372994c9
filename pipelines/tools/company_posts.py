"""``read_company_posts``."""

from typing import Annotated, Any, Final

from msgspec import Meta

from pipelines.social.company_posts import CompanyPosts
from pipelines.social.values import NAMES, Post
from pipelines.tools.arguments import Arguments, typed_tool
from pipelines.tools.port import Tool, ToolContext, ToolError, ToolPolicy
from pipelines.tools.retrieved import retrieved
from storage.errors import StorageError

NAME: Final = "read_company_posts"
MOST_POSTS: Final = 10


class ReadCompanyPosts(Arguments, frozen=True, kw_only=True):
    website: Annotated[str, Meta(description="The company's site, such as example.com.", min_length=3, max_length=300)]


def read_company_posts(posts: CompanyPosts) -> Tool:
    """Results: ``accounts`` with ``network``, ``handle``, ``url``, ``state``; ``posts`` with ``network``, ``title``,
    ``text``, ``url``, ``published`` (a day), the newest first."""

    async def run(asked: ReadCompanyPosts, context: ToolContext) -> dict[str, Any]:
        try:
            reading = await posts.look(asked.website, lead_id=context.lead_id)
        except StorageError as error:
            raise ToolError(error.code, "It cannot be looked up now.", retryable=error.retryable) from error
        accounts = [
            {"network": one.network, "handle": one.handle, "url": one.url, "state": one.state}
            for one in reading.accounts
        ]
        return retrieved(reading.site, posts=list(map(_shown, reading.posts[:MOST_POSTS])), accounts=accounts)

    return typed_tool(
        NAME,
        "Find out what a company posted lately: on its blog and on networks that can be read without a login.",
        ReadCompanyPosts,
        run,
        ToolPolicy(deadline_s=16.0, on_interruption="background", retrieves=True),
    )


def _shown(post: Post) -> dict[str, Any]:
    day = post.published_at.date().isoformat() if post.published_at is not None else None
    return {
        "network": NAMES[post.network],
        "title": post.title,
        "text": post.text,
        "url": post.url,
        "published": day,
    }
