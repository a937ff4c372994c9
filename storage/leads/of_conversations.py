"""Whose conversation it is."""

from uuid import UUID

from storage.leads.leads import Leads
from storage.leads.records import LeadRecord
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "outcomes.sql")


async def lead_of_conversation(database: Database, conversation_id: str) -> LeadRecord | None:
    """None: nothing is known yet of who is talking. Raises StorageError."""
    row = await database.fetch_one(_SQL["lead_of_conversation"], conversation_id=conversation_id)
    lead_id: UUID | None = row[0] if row else None
    return await Leads(database).get(lead_id) if lead_id is not None else None
