"""The server's database, for commands that look after it while the server runs or rests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from agent_server.settings import ProcessSettings, load_settings

DataDir = Annotated[Path | None, typer.Option(help="Directory of the embedded database; unset: DATA_DIR.")]


def process_settings(data_dir: Path | None) -> ProcessSettings:
    """Raises SettingsError."""
    return load_settings({} if data_dir is None else {"DATA_DIR": str(data_dir)}).process


@asynccontextmanager
async def database_address(process: ProcessSettings) -> AsyncIterator[str]:
    """The DSN of DATABASE_URL or of the embedded server, which is started if it does not run. Raises StorageError."""
    if process.database_url is not None:
        yield process.database_url
        return
    from storage.postgres.embedded import EmbeddedPostgres

    async with EmbeddedPostgres(process.embedded_database) as embedded:
        yield embedded.dsn
