"""What a colleague is told of a caller: from what the agent noted when it was asked for a person, and from the lead."""

import logging

from agent_server.services import Services
from agent_server.telephony.colleague import WHOEVER, announcement
from pipelines.deadline import timeout
from pipelines.language.words import said
from storage.conversations.outcomes import Outcomes
from storage.errors import StorageError
from storage.leads.of_conversations import lead_of_conversation

log = logging.getLogger(__name__)

DEADLINE_S = 2.0


class Announcing:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def text(self, conversation_id: str, language: str) -> str:
        """Always something: the caller waits. ``language``: the agent's, which its colleagues share."""
        if not conversation_id:
            return said(WHOEVER, language)
        try:
            async with timeout(DEADLINE_S):
                return await self._known(conversation_id, language)
        except (StorageError, TimeoutError) as error:
            log.warning("a colleague is not told who calls: %s", type(error).__name__)
            return said(WHOEVER, language)

    async def _known(self, conversation_id: str, language: str) -> str:
        database = self._services.database
        lead = await lead_of_conversation(database, conversation_id)
        handoffs = [
            outcome.data
            for outcome in await Outcomes(database).of_conversation(conversation_id)
            if outcome.kind == "handoff"
        ]
        told = handoffs[-1] if handoffs else {}
        return announcement(
            name=lead.contact_name if lead is not None else None,
            company=lead.company_name if lead is not None else None,
            reason=str(told.get("reason", "")),
            summary=str(told.get("summary", "")),
            language=language,
        )
