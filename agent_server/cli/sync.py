"""``sales-agent sync``: syncs with the CRMs, and what they leave to a person."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_server.cli.command import command
from agent_server.cli.database import DataDir
from agent_server.cli.dead_letters import dead_letters
from agent_server.cli.outcome import DONE, FAILED, INTERRUPTED, CommandError

if TYPE_CHECKING:
    from crm.sync.asking import SyncWish
    from storage.postgres.cursor import Page

sync = typer.Typer(help="Syncs with Close, Apollo and LinkedIn.", no_args_is_help=True)
conflicts = typer.Typer(help="Edits that contradict each other: list, resolve.", no_args_is_help=True)
sync.add_typer(conflicts, name="conflicts")
sync.add_typer(dead_letters, name="dead-letters")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Rows = Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")]


class Platform(StrEnum):
    CLOSE = "close"
    APOLLO = "apollo"
    LINKEDIN = "linkedin"


class DirectionOption(StrEnum):
    IMPORT = "import"
    EXPORT = "export"
    BIDIRECTIONAL = "bidirectional"


class Choice(StrEnum):
    LOCAL = "local"
    REMOTE = "remote"
    VALUE = "value"


@sync.command()
@command
def run(
    platform: Annotated[Platform, typer.Argument(help="Whom to sync with.")],
    *,
    direction: Annotated[DirectionOption, typer.Option(help="Which way.")] = DirectionOption.BIDIRECTIONAL,
    full: Annotated[bool, typer.Option("--full", help="Compare everything, not only what changed.")] = False,
    query: Annotated[str, typer.Option(help="Only contacts with these words in their names.")] = "",
    email: Annotated[list[str] | None, typer.Option(help="Only this address; repeatable.")] = None,
    profile_url: Annotated[list[str] | None, typer.Option(help="LinkedIn: only this profile; repeatable.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only what changed at this time (UTC) or later.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Only what changed before this time (UTC).")] = None,
    data_dir: DataDir = None,
) -> int:
    """Sync now and show how it comes on; a running worker does it, else this command does.

    Ctrl-C stops at the next record what is done here; the next sync goes on where it was.
    """
    from crm.sync.asking import SyncWish
    from crm.sync.filtered import Filters

    try:
        filters = Filters(query, _utc(since), _utc(until), tuple(email or ()), tuple(profile_url or ()))
    except ValueError as error:
        raise CommandError(str(error)) from error
    return asyncio.run(_run(SyncWish(platform.value, direction.value, full, filters), data_dir))


@sync.command()
@command
def status(*, json: Json = False, data_dir: DataDir = None) -> int:
    """How the sync with each platform stands, and what waits. Ends with 1 when none of them works."""
    return asyncio.run(_status(json=json, data_dir=data_dir))


@sync.command()
@command
def history(
    platform: Annotated[Platform | None, typer.Option(help="Of this platform alone.")] = None,
    limit: Rows = 20,
    *,
    json: Json = False,
    data_dir: DataDir = None,
) -> int:
    """Past and running syncs, newest first."""
    from agent_server.cli.syncing.tables import show_runs

    return _list(
        lambda parts: parts.store.runs.list(limit=limit, platform=platform), show_runs, json=json, data_dir=data_dir
    )


@conflicts.command("list")
@command
def list_conflicts(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Those that are settled too.")] = False,
    limit: Rows = 50,
    json: Json = False,
    data_dir: DataDir = None,
) -> int:
    """What waits for a person: both values of each."""
    from agent_server.cli.syncing.tables import show_conflicts

    return _list(
        lambda parts: parts.store.conflicts.list(limit=limit, state=None if all_ else "open"),
        show_conflicts,
        json=json,
        data_dir=data_dir,
    )


@conflicts.command("resolve")
@command
def resolve_conflict(
    conflict_id: Annotated[str, typer.Argument(help="The conflict's id, as the list shows it.")],
    choice: Annotated[Choice, typer.Argument(help="Which side is right, or 'value' for neither.")],
    value: Annotated[str | None, typer.Option(help="What is right instead, with 'value'.")] = None,
    data_dir: DataDir = None,
) -> int:
    """Decide a conflict: the value chosen holds on both sides from then on."""
    if (choice is Choice.VALUE) != (value is not None):
        raise typer.BadParameter("--value belongs to the choice 'value', and that to it")
    return asyncio.run(_resolve(conflict_id, choice, value, data_dir))


async def _run(wish: "SyncWish", data_dir: Path | None) -> int:
    from rich.console import Console

    from agent_server.cli.stop_signal import stop_signal
    from agent_server.cli.syncing.carry_out import carry_out
    from agent_server.cli.syncing.parts import parts
    from agent_server.cli.syncing.progress import progress
    from agent_server.cli.syncing.tables import show_advice, show_runs
    from crm.sync.asking import SyncRefused, ask

    async with parts(data_dir) as found:
        try:
            run_id = await ask(found.crm, found.queue, wish)
        except SyncRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        with stop_signal() as stop, progress(Console(stderr=True)) as show:
            ended = await carry_out(found, run_id, stop, show)
    show_runs([ended])
    show_advice(ended)
    if ended.status in ("queued", "running", "interrupted"):
        return INTERRUPTED
    return FAILED if ended.status == "failed" else DONE


async def _status(*, json: bool, data_dir: Path | None) -> int:
    from agent_server.cli.syncing.parts import parts
    from agent_server.cli.syncing.tables import show_json, show_standing
    from crm.platforms import PLATFORMS

    async with parts(data_dir) as found:
        platforms = [await found.standing.of(platform, now=found.now()) for platform in PLATFORMS]
        health = await found.standing.health(now=found.now())
    if json:
        show_json({"platforms": platforms, "health": health})
    else:
        show_standing(platforms, health)
    return FAILED if health.health_status == "unhealthy" else DONE


async def _resolve(conflict_id: str, choice: Choice, value: str | None, data_dir: Path | None) -> int:
    from agent_server.cli.syncing.parts import parts
    from crm.sync.editing import UnfitValue

    async with parts(data_dir) as found:
        try:
            resolved = await found.edits.resolve(conflict_id, choice.value, value)
        except UnfitValue as error:
            raise CommandError(str(error)) from error
        if resolved is None:
            raise CommandError(f"There is no open conflict {conflict_id}; see sales-agent sync conflicts list.")
    print(f"{conflict_id} is resolved")
    return DONE


def _list(
    ask_for: "Callable[[Any], Awaitable[Page[Any]]]",
    show: Callable[[Any], None],
    *,
    json: bool,
    data_dir: Path | None,
) -> int:
    from agent_server.cli.syncing.parts import parts
    from agent_server.cli.syncing.tables import show_json

    async def rows() -> Any:
        async with parts(data_dir) as found:
            return (await ask_for(found)).items

    (show_json if json else show)(asyncio.run(rows()))
    return DONE


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
