"""Keeps what this process's agents know in step with the topics that were taught, by whichever process."""

import asyncio
import logging
from typing import Final

from pipelines.knowledge.taught import TaughtKnowledge
from storage.knowledge.topics import KnowledgeTopics
from storage.outage import Outage

log = logging.getLogger(__name__)

EVERY_S: Final = 2.0
"""How soon another process's change is known here: a look costs one row."""


class Teaching:
    """``topics`` is where they are kept, ``knowledge`` what conversations and agents of this process use."""

    def __init__(self, topics: KnowledgeTopics, knowledge: TaughtKnowledge) -> None:
        self.topics = topics
        self.knowledge = knowledge
        self._revision = 0
        self._looking = asyncio.Lock()
        self._outage = Outage(log, "what was taught cannot be read now")

    async def refresh(self) -> None:
        """Know every change that is kept by now. What cannot be read is read later; until then the old holds."""
        with self._outage.waited_out():
            async with self._looking:
                if await self.topics.revision() == self._revision:
                    return
                revision, topics = await self.topics.all()
                await asyncio.to_thread(self.knowledge.teach, [(topic.title, topic.text) for topic in topics])
                self._revision = revision
                log.info("the agent knows what was taught", extra={"fields": {"topics": len(topics)}})

    async def keep(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self.refresh()
