"""What companies say in public, as the settings have it."""

from collections.abc import Callable
from typing import Final

from agent_server.settings import Settings
from pipelines.social.company_posts import CompanyPosts
from pipelines.social.reader import SocialReader
from pipelines.social.ways import Bases
from pipelines.tools.tech_stack.guard import Guard
from pipelines.tools.web_search.port import WebSearch
from storage.keys.secret_tokens import utc_now
from storage.leads.social import SocialPosts
from storage.postgres.database import Database

GUARD: Final = Guard()
"""Companies' sites are on the public internet."""


def company_posts(settings: Settings, database: Database, search: Callable[[], WebSearch | None]) -> CompanyPosts:
    bases = Bases(bluesky=settings.agents.bluesky_api_base, github=settings.agents.github_api_base)
    return CompanyPosts(SocialReader(guard=GUARD, bases=bases, search=search), SocialPosts(database), utc_now)
