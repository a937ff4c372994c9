"""``sales-agent import``: leads from a CSV file, straight into the server's database."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from agent_server.cli.database import DataDir, database_address, process_settings
from agent_server.cli.import_view import show, told
from agent_server.cli.outcome import DONE, FAILED, CommandError

if TYPE_CHECKING:
    from agent_server.lead_import.events import ImportReport
    from agent_server.lead_import.run import ImportOptions

_PIECE_BYTES = 256 * 1024


def import_leads(  # noqa: PLR0917 - options of a command
    file: Annotated[Path, typer.Argument(help="The CSV file; - reads standard input.")],
    existing: Annotated[
        str, typer.Option(help="What becomes of leads that are known by their e-mail address: update, fill or skip.")
    ] = "update",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row and write nothing.")] = False,
    source: Annotated[str | None, typer.Option(help="Where new leads come from; unset: the file's name.")] = None,
    encoding: Annotated[str | None, typer.Option(help="utf-8, utf-16 or windows-125x; unset: found out.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Of the cells, or tab; unset: found out.")] = None,
    errors: Annotated[
        Path | None, typer.Option(help="Write every row that was not taken to this file, as CSV.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    data_dir: DataDir = None,
) -> int:
    """Import leads. The first line names the columns; rows that cannot be taken cost no others. Exit code 1 if any row
    was not taken."""
    from agent_server.lead_import.csv_records import DELIMITERS
    from agent_server.lead_import.run import ImportOptions
    from agent_server.lead_import.text_lines import ENCODINGS
    from storage.leads.upsert import Existing

    delimiter = "\t" if delimiter == "tab" else delimiter
    for option, value, allowed in (
        ("existing", existing, get_args(Existing)),
        ("encoding", encoding, (None, *ENCODINGS)),
        ("delimiter", delimiter, (None, *DELIMITERS)),
    ):
        if value not in allowed:
            names = " or ".join(filter(None, allowed)).replace("\t", "tab")
            raise typer.BadParameter(f"--{option} is one of {names}.")
    options = ImportOptions(
        existing=existing,  # type: ignore[arg-type]  # checked above
        dry_run=dry_run,
        encoding=encoding,
        delimiter=delimiter,
        source=source or (None if str(file) == "-" else file.name),
    )
    if str(file) != "-" and not file.is_file():
        raise CommandError(f"{file}: there is no such file")
    total = None if str(file) == "-" else file.stat().st_size
    report = asyncio.run(_import(file, total, options, errors, data_dir))
    show(report, json=json)
    return FAILED if report.failed else DONE


async def _import(
    file: Path, total: int | None, options: "ImportOptions", errors: Path | None, data_dir: Path | None
) -> "ImportReport":
    from agent_server.lead_import.events import ImportRefused
    from agent_server.lead_import.run import LeadImport
    from storage.keys.secret_tokens import utc_now
    from storage.postgres.database import open_database
    from storage.postgres.migrate import migrate

    async with database_address(process_settings(data_dir)) as dsn:
        await migrate(dsn)
        async with await open_database(dsn, max_connections=1, command_timeout_s=60.0) as database:
            with told(total, errors) as tell:
                work = LeadImport(database, options, now=utc_now, tell=tell)
                try:
                    return await work.run(_pieces(file))
                except ImportRefused as refused:
                    raise CommandError(str(refused)) from None


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    opened = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    with opened:
        while piece := await asyncio.to_thread(opened.read, _PIECE_BYTES):
            yield piece
