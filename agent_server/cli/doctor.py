"""``sales-agent doctor``: what is configured, reachable, embedded."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from agent_server.cli.database import DataDir
from agent_server.cli.outcome import DONE, FAILED

if TYPE_CHECKING:
    from agent_server.cli.diagnosis.finding import Finding
    from agent_server.settings import Settings

_STYLES = {"ok": "green", "embedded": "cyan", "off": "dim", "failed": "bold red"}


def doctor(
    *, json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False, data_dir: DataDir = None
) -> int:
    """Look at everything that is configured: whether it is there, answers, and takes our keys.

    Ends with 1 when something configured does not work. Nothing is changed anywhere.
    """
    from agent_server.settings import load_settings

    settings = load_settings({} if data_dir is None else {"DATA_DIR": str(data_dir)})
    findings = asyncio.run(_examine(settings))
    if json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(findings)).decode())
    else:
        _print(findings)
    for warning in settings.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return FAILED if any(finding.state == "failed" for finding in findings) else DONE


async def _examine(settings: "Settings") -> "list[Finding]":
    import aiohttp

    from agent_server.cli.diagnosis.parts import part_checks
    from agent_server.cli.diagnosis.run import run_checks
    from agent_server.cli.diagnosis.services import service_checks

    async with aiohttp.ClientSession(trust_env=True) as session:
        return await run_checks([*part_checks(settings, session), *service_checks(settings, session)])


def _print(findings: "list[Finding]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("part", "state", "ms", ""):
        table.add_column(name, overflow="fold", justify="right" if name == "ms" else "left")
    for finding in findings:
        took = "" if finding.took_ms is None else f"{finding.took_ms:.0f}"
        state = Text(finding.state, style=_STYLES[finding.state])
        table.add_row(Text(finding.part), state, Text(took, style="dim"), Text(finding.detail))
    Console().print(table)
