"""What a lead's company said lately, for a text to them: as it is kept, nobody is asked."""

import asyncio
import logging
from typing import Any, Final
from uuid import UUID

from pipelines.agents.parts import AgentParts
from pipelines.social.mention import mention_of
from storage.errors import StorageError

log = logging.getLogger(__name__)

LOOK_S: Final = 0.3


async def posted(parts: AgentParts, lead: dict[str, Any], lead_id: UUID | None) -> str:
    """A sentence that quotes one fresh post about business; "": there is none, or it cannot be read now."""
    if parts.social is None:
        return ""
    try:
        async with asyncio.timeout(LOOK_S):
            found = await parts.social.posts_of(lead_id, lead.get("company_website"))
    except (StorageError, TimeoutError) as error:
        log.warning("a text does without what its company said: %s", getattr(error, "code", "timeout"))
        return ""
    return mention_of(found, parts.now())
