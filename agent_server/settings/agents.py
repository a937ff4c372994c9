"""Settings of the agents: where their threads are kept, for how long, and what their tools look things up with."""

from typing import Annotated, Literal

from msgspec import Meta

from agent_server.settings.field import BaseUrl, Group, Key, setting


class AgentSettings(Group, frozen=True, kw_only=True):
    checkpoints: Annotated[
        Literal["postgres", "redis"], setting("CHECKPOINTS", "Where threads of agents are kept; redis needs REDIS_URL")
    ] = "postgres"
    checkpoint_days: Annotated[
        Annotated[float, Meta(gt=0, le=3650)],
        setting("CHECKPOINT_DAYS", "How long a thread is kept after its last change, wherever it is kept"),
    ] = 30.0
    brave_api_key: Annotated[
        Key | None, setting("BRAVE_API_KEY", "Key of Brave Search; unset: nothing is looked up on the web", secret=True)
    ] = None
    brave_api_base: Annotated[BaseUrl, setting("BRAVE_API_BASE", "Address of Brave Search")] = (
        "https://api.search.brave.com"
    )
    social_research: Annotated[
        bool,
        setting(
            "SOCIAL_RESEARCH",
            "Whether it is read what companies say in public: accounts on their website, feeds, Bluesky, GitHub",
        ),
    ] = True
    bluesky_api_base: Annotated[BaseUrl, setting("BLUESKY_API_BASE", "Address of Bluesky's public interface")] = (
        "https://public.api.bsky.app"
    )
    github_api_base: Annotated[BaseUrl, setting("GITHUB_API_BASE", "Address of GitHub's interface")] = (
        "https://api.github.com"
    )
