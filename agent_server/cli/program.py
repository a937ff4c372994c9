"""The program: its commands by name."""

from typing import Annotated

import typer

from agent_server.cli.call import call
from agent_server.cli.command import command
from agent_server.cli.demo import demo
from agent_server.cli.doctor import doctor
from agent_server.cli.erase import erase, export_person
from agent_server.cli.import_leads import import_leads
from agent_server.cli.keys import keys
from agent_server.cli.livekit import livekit
from agent_server.cli.migrate import migrate
from agent_server.cli.phone import phone
from agent_server.cli.replay import replay
from agent_server.cli.serve import serve
from agent_server.cli.settings import settings
from agent_server.cli.simulate import simulate
from agent_server.cli.sync import sync
from agent_server.cli.webhooks import webhooks
from agent_server.cli.worker import worker
from agent_server.version import program_version


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sales-agent {program_version()}")
        raise typer.Exit


def _any_command(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    """What stands before the command."""


program = typer.Typer(
    name="sales-agent",
    help="A server that holds real-time sales conversations by phone, browser voice, text chat and a WebSocket API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
program.callback()(_any_command)
for run in (serve, demo, worker, livekit, call, phone, simulate, doctor, settings, migrate, replay, erase):
    program.command()(command(run))
program.command("import")(command(import_leads))
program.command("export-person")(command(export_person))
program.add_typer(keys, name="keys")
program.add_typer(sync, name="sync")
program.add_typer(webhooks, name="webhooks")
