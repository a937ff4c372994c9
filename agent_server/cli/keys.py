"""``sales-agent keys``: who may use the server."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent_server.cli.command import command
from agent_server.cli.database import DataDir, database_address, process_settings
from agent_server.cli.outcome import DONE, CommandError

if TYPE_CHECKING:
    from storage.conversations.records import ApiKeyRecord
    from storage.keys.api_keys import ApiKeys

keys = typer.Typer(help="API keys: make, list, revoke.", no_args_is_help=True)


@keys.command()
@command
def create(
    name: Annotated[str, typer.Argument(help="What the key is for, as the list will show it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it may do: realtime, read, write, supervise, send, admin; unset: all."),
    ] = None,
    data_dir: DataDir = None,
) -> int:
    """Make a key and print it: the only time it is shown."""
    from agent_server.web.auth import SCOPES

    unknown = set(scope or ()) - set(SCOPES)
    if unknown:
        raise typer.BadParameter(f"--scope is one of {', '.join(SCOPES)}, not {', '.join(sorted(unknown))}")
    if not name.strip():
        raise typer.BadParameter("A key needs a name.")
    return asyncio.run(_create(name, scope or ["*"], data_dir))


@keys.command("list")
@command
def list_(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False, data_dir: DataDir = None
) -> int:
    """Every key, the newest first, revoked ones too. Of a key itself only its beginning is known."""
    return asyncio.run(_list(json, data_dir))


@keys.command()
@command
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as the list shows it.")], data_dir: DataDir = None
) -> int:
    """Take a key back, for ever. A running server may accept it for ten seconds more."""
    return asyncio.run(_revoke(key_id, data_dir))


async def _create(name: str, scopes: list[str], data_dir: Path | None) -> int:
    async with _api_keys(data_dir) as api_keys:
        issued = await api_keys.create(name, scopes=scopes)
    print(f"{issued.record.id} was made; this is the only time its key is shown:", file=sys.stderr)
    print(issued.key)
    return DONE


async def _list(json: bool, data_dir: Path | None) -> int:
    found: list[ApiKeyRecord] = []
    cursor = None
    async with _api_keys(data_dir) as api_keys:
        while True:
            page = await api_keys.list(limit=100, cursor=cursor)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
    if json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        _print(found)
    return DONE


async def _revoke(key_id: str, data_dir: Path | None) -> int:
    async with _api_keys(data_dir) as api_keys:
        if not await api_keys.revoke(key_id):
            raise CommandError(f"There is no key {key_id} that could be revoked; see sales-agent keys list.")
    print(f"{key_id} is revoked")
    return DONE


@asynccontextmanager
async def _api_keys(data_dir: Path | None) -> "AsyncIterator[ApiKeys]":
    from storage.keys.api_keys import ApiKeys
    from storage.postgres.database import open_database
    from storage.postgres.migrate import migrate

    async with database_address(process_settings(data_dir)) as dsn:
        await migrate(dsn)
        async with await open_database(dsn, max_connections=1) as database:
            yield ApiKeys(database)


def _print(found: "list[ApiKeyRecord]") -> None:
    """Two lines a key, so that its id stays in one piece to be copied."""
    for key in found:
        may = "everything" if "*" in key.scopes else ", ".join(key.scopes)
        told = [f"{key.prefix}...", f"may {may}", f"made {_at(key.created_at)}"]
        told += [f"last used {_at(key.last_used_at)}"] if key.last_used_at else ["never used"]
        told += [f"revoked {_at(key.revoked_at)}"] if key.revoked_at else []
        print(f"{key.id}  {key.name}\n    {'  '.join(told)}")


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
