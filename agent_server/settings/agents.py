"""Settings of the agents: where their threads are kept, and for how long."""

from typing import Annotated, Literal

from msgspec import Meta

from agent_server.settings.field import Group, setting


class AgentSettings(Group, frozen=True, kw_only=True):
    checkpoints: Annotated[
        Literal["postgres", "redis"], setting("CHECKPOINTS", "Where threads of agents are kept; redis needs REDIS_URL")
    ] = "postgres"
    checkpoint_days: Annotated[
        Annotated[float, Meta(gt=0, le=3650)],
        setting("CHECKPOINT_DAYS", "How long a thread is kept in Redis after its last change"),
    ] = 30.0
