"""Opens what a process keeps things in: the pool that requests share, and the two write-behind logs."""

from msgspec import Struct

from agent_server.parts import Parts
from agent_server.settings import ProcessSettings
from storage.ledger.tracking import TrackingLog
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import Database, open_database
from storage.postgres.migrate import migrate


class OpenStorage(Struct, frozen=True):
    """``database`` is the shared pool."""

    database: Database
    conversation_log: ConversationLog
    tracker: TrackingLog


async def open_storage(dsn: str, process: ProcessSettings, parts: Parts) -> OpenStorage:
    """Bring the schema up to date and connect. Raises StorageError."""
    await parts.start("schema", lambda: migrate(dsn))
    # The log has connections of its own, one to write and one to wait for the disk: no list that somebody asks for
    # holds up what is being said. The ledger can wait its turn.
    shared = max(1, process.database_connections - 2)
    database = await parts.start("connections", lambda: open_database(dsn, max_connections=shared), _close)
    log_database = await parts.start("log connection", lambda: open_database(dsn, max_connections=2), _close)
    conversation_log = ConversationLog(log_database)
    conversation_log.start()
    parts.on_stop("conversation log", conversation_log.aclose)
    tracker = TrackingLog(database)
    tracker.start()
    parts.on_stop("ledger", tracker.aclose)
    return OpenStorage(database, conversation_log, tracker)


async def _close(database: Database) -> None:
    await database.aclose()
