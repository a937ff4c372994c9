"""Notes that somebody wants to be erased, for an operator to confirm."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from agent_server.settings import Settings
from agent_server.stores.encryption_key import encryption_keys
from pipelines.tools.erasure import NoteWish
from storage.erasure.digests import Digests
from storage.erasure.erasures import Erasures
from storage.erasure.person import Subject
from storage.postgres.database import Database


def wishes_of(settings: Settings, database: Database, now: Callable[[], datetime]) -> NoteWish:
    """Who it is about is who the line is known to be, never who somebody says they are. Raises OSError."""
    kept = Erasures(database, Digests.from_setting(encryption_keys(settings.process)), ())

    async def note(conversation_id: str, lead_id: UUID | None) -> None:
        subject = Subject(lead_id=lead_id) if lead_id is not None else None
        await kept.request(subject, settings.privacy.erase_in_crm, conversation_id, now=now())

    return note
