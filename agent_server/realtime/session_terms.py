"""What a client's session begins with, beside what its conversation starts from."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from agent_server.hosting.opening import Opening
from agent_server.services import Services
from pipelines.conversation.settings import ConversationSettings
from pipelines.stt.port import SpeechToText


class SessionTerms(Struct, frozen=True, kw_only=True):
    """``base``: what the server decides of the conversation · ``expires_at``: seconds since 1970 · ``keep``: is told of
    every effective session, for continuation."""

    session_id: str
    base: ConversationSettings
    recognisers: Sequence[SpeechToText]
    expires_at: int
    keep: Callable[[dict[str, Any]], None]


async def terms_of(opening: Opening, services: Services) -> SessionTerms:
    return SessionTerms(
        session_id=f"sess_{secrets.token_hex(12)}",
        base=await services.settings_of(opening.agent),
        recognisers=services.engines.recognisers,
        expires_at=int(services.utc_now().timestamp() + services.settings.process.session_max_minutes * 60),
        keep=lambda session: services.conversation_log.session(
            opening.conversation_id, session, now=services.utc_now(), fence=opening.fence
        ),
    )
