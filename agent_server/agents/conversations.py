"""Conversations held turn by turn over REST: the same records, settings and engines as the live ones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
from msgspec import Struct

from agent_server.agents.own_tools import RunningParts
from agent_server.hosting.memory import ConversationMemory, remembered_items
from agent_server.profiles.known import Profiles
from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.hearing import talking
from agent_server.realtime.session import conversation_settings, merged
from pipelines.agents.conversation.port import OpenConversation
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.settings import ConversationSettings
from pipelines.speech_usage.ledger import SpeechLedger
from pipelines.stt.port import SttOptions
from storage.conversations.conversations import Conversations
from storage.conversations.records import ConversationRecord
from storage.keys.secret_tokens import utc_now
from storage.log.conversation_log import ConversationLog

FLUSH_TIMEOUT_S = 2.0


class KeptConversations(Struct, frozen=True):
    """Implements the conversation agent's port."""

    engines: Engines
    speech: SpeechLedger
    conversations: Conversations
    log: ConversationLog
    profiles: Profiles
    conversation_defaults: ConversationSettings
    running: RunningParts

    @property
    def hearing(self) -> SttOptions:
        return talking(self.conversation_defaults, self.profiles.default.facts.language).hearing

    @asynccontextmanager
    async def turn(self, conversation_id: str) -> AsyncIterator[OpenConversation]:
        await self.log.flush(conversation_id, FLUSH_TIMEOUT_S)
        latest = self.conversation_defaults.limits.latest_items
        history = await self.conversations.resume(conversation_id, latest=latest, now=utc_now())
        config, known = self.profiles.session(self.profiles.default), history.items if history is not None else ()
        if history is None:
            self._begin_record(conversation_id)
        elif history.conversation.session:
            with suppress(ProtocolError):  # saved by an older version: the defaults serve
                config = merged(config, {"type": "realtime", **history.conversation.session})
        yield OpenConversation(
            items=remembered_items(known),
            older_from=history.older_from if history is not None else None,
            settings=conversation_settings(config, await self._defaults()),
            engines=self.engines,
            memory=ConversationMemory(
                self.log, conversation_id, "api", utc_now, conversations=self.conversations, known=known
            ),
        )
        # Between turns nobody is on the line; the next one opens it again.
        self.log.status(conversation_id, "closed", now=utc_now())
        await self.log.flush(conversation_id, FLUSH_TIMEOUT_S)

    async def _defaults(self) -> ConversationSettings:
        base = await self.running.usable(self.conversation_defaults)
        return talking(base, self.profiles.default.facts.language)

    def _begin_record(self, conversation_id: str) -> None:
        now = utc_now()
        profile = self.profiles.default
        session: dict[str, Any] = msgspec.to_builtins(self.profiles.session(profile))
        self.log.conversation(
            ConversationRecord(
                id=conversation_id,
                channel="api",
                session=session,
                agent=profile.slug,
                created_at=now,
                updated_at=now,
            )
        )
