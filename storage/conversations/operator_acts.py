"""What people did beside conversations: who, when, and with which words."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, structs

from storage.keys.secret_tokens import new_id
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "operator_acts.sql")

ActKind = Literal["takeover", "release", "lapse", "say", "whisper", "listen", "end"]


class OperatorAct(Struct, frozen=True, kw_only=True):
    """``key_id`` and ``key_name``: the API key it was done with; None: nobody did it, a lease ran out. ``name``: as
    the person called themselves."""

    id: str
    kind: ActKind
    key_id: str | None = None
    key_name: str | None = None
    name: str | None = None
    text: str | None = None
    created_at: datetime


class OperatorActs:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        conversation_id: str,
        kind: ActKind,
        *,
        key_id: str | None = None,
        key_name: str | None = None,
        name: str | None = None,
        text: str | None = None,
        now: datetime,
    ) -> OperatorAct | None:
        """None: there is no such conversation."""
        act = OperatorAct(
            id=new_id("act"), kind=kind, key_id=key_id, key_name=key_name, name=name, text=text, created_at=now
        )
        fields = structs.asdict(act)
        added = await self._database.execute(_SQL["operator_act_add"], conversation_id=conversation_id, **fields)
        return act if added else None

    async def remove(self, act_id: str) -> None:
        """It was refused: it did not happen."""
        await self._database.execute(_SQL["operator_act_remove"], id=act_id)

    async def of_conversation(self, conversation_id: str) -> list[OperatorAct]:
        """The first first."""
        rows = await self._database.fetch_all(_SQL["operator_acts_of"], conversation_id=conversation_id)
        return [OperatorAct(**row) for row in rows]
