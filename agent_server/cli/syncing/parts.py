"""What the commands about syncs work with: the database, and the CRMs as the settings have them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from agent_server.cli.database import database_address
from agent_server.crm_sync.parts import CrmParts, crm_parts
from agent_server.settings import load_settings
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import open_database
from storage.postgres.migrate import migrate

_CONNECTIONS = 6


@asynccontextmanager
async def parts(data_dir: Path | None) -> AsyncIterator[CrmParts]:
    """Beside a server that runs, or without one. Raises SettingsError, StorageError."""
    settings = load_settings({} if data_dir is None else {"DATA_DIR": str(data_dir)})
    async with database_address(settings.process) as dsn:
        await migrate(dsn)
        async with (
            await open_database(dsn, max_connections=_CONNECTIONS) as database,
            crm_parts(settings, database, utc_now) as found,
        ):
            yield found
