"""``sales-agent sync dead-letters``: what could not be synced after all attempts."""

import asyncio
from collections.abc import Iterable
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent_server.cli.command import command
from agent_server.cli.database import DataDir
from agent_server.cli.outcome import DONE, CommandError

if TYPE_CHECKING:
    from agent_server.crm_sync.parts import CrmParts

dead_letters = typer.Typer(help="What could not be synced: list, replay, discard.", no_args_is_help=True)

Keys = Annotated[list[str] | None, typer.Argument(help="Keys, as the list shows them.")]
All = Annotated[bool, typer.Option("--all", help="All that are dead.")]

_PAGE = 500


@dead_letters.command("list")
@command
def list_(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Those that are settled too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
    data_dir: DataDir = None,
) -> int:
    """What waits for a person, newest first."""
    from agent_server.cli.syncing.parts import parts
    from agent_server.cli.syncing.tables import show_dead_letters, show_json

    async def rows() -> object:
        async with parts(data_dir) as found:
            return (await found.store.dead_letters.list(limit=_PAGE, state=None if all_ else "dead")).items

    (show_json if json else show_dead_letters)(asyncio.run(rows()))  # type: ignore[arg-type]
    return DONE


@dead_letters.command()
@command
def replay(keys: Keys = None, *, all_: All = False, data_dir: DataDir = None) -> int:
    """Have them tried anew, from the beginning, by the next sync."""
    return asyncio.run(_settle(keys or [], all_=all_, again=True, data_dir=data_dir))


@dead_letters.command()
@command
def discard(keys: Keys = None, *, all_: All = False, data_dir: DataDir = None) -> int:
    """Let them be."""
    return asyncio.run(_settle(keys or [], all_=all_, again=False, data_dir=data_dir))


async def _settle(keys: list[str], *, all_: bool, again: bool, data_dir: Path | None) -> int:
    from agent_server.cli.syncing.parts import parts
    from crm.sync import dead_letters as letters

    if bool(keys) == all_:
        raise typer.BadParameter("either keys or --all")
    settle = letters.replay if again else letters.discard
    async with parts(data_dir) as found:
        wanted = await _dead(found) if all_ else keys
        settled = [await settle(found.store, key, now=found.now()) for key in wanted]
        if again:
            for platform in await _platforms(found, compress(wanted, settled)):
                await found.queue.changed(platform)
    missing = [key for key, done in zip(wanted, settled, strict=True) if not done]
    print(f"{sum(settled)} {'replayed' if again else 'discarded'}")
    if missing and not all_:
        raise CommandError(f"no dead letters: {', '.join(missing)}; see sales-agent sync dead-letters list")
    return DONE


async def _platforms(found: "CrmParts", keys: Iterable[str]) -> set[str]:
    letters = [await found.store.dead_letters.get(key) for key in keys]
    return {letter.platform for letter in letters if letter is not None}


async def _dead(found: "CrmParts") -> list[str]:
    keys: list[str] = []
    cursor: str | None = None
    while True:
        page = await found.store.dead_letters.list(limit=_PAGE, cursor=cursor, state="dead")
        keys += [letter.key for letter in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return keys
