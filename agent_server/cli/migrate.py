"""``sales-agent migrate``: the database schema, brought up to date or looked at."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from agent_server.cli.database import DataDir, database_address, process_settings
from agent_server.cli.outcome import DONE, FAILED

if TYPE_CHECKING:
    from pathlib import Path


def migrate(
    status: Annotated[bool, typer.Option("--status", help="Change nothing; show what is applied.")] = False,
    data_dir: DataDir = None,
) -> int:
    """Bring the database schema up to date; the server does so by itself when it starts.

    With --status the exit code is 1 when something is pending or was changed after it was applied.
    """
    return asyncio.run(_status(data_dir) if status else _migrate(data_dir))


async def _migrate(data_dir: "Path | None") -> int:
    from storage.postgres.migrate import migrate

    async with database_address(process_settings(data_dir)) as dsn:
        applied = await migrate(dsn)
    for migration in applied:
        print(f"applied {migration.number:04d}_{migration.name}")
    print(f"{len(applied)} applied; the schema is up to date" if applied else "the schema is up to date")
    return DONE


async def _status(data_dir: "Path | None") -> int:
    from storage.postgres.migrate import migration_status

    async with database_address(process_settings(data_dir)) as dsn:
        found = await migration_status(dsn)
    for line in found:
        at = f" {line.applied_at:%Y-%m-%d %H:%M:%S}" if line.applied_at else ""
        print(f"{line.number:04d} {line.state:8}{at} {line.name}")
    return DONE if all(line.state in ("applied", "unknown") for line in found) else FAILED
